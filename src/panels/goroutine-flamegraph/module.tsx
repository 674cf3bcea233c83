import { FieldConfigProperty, PanelPlugin } from '@grafana/data';
import { FlameGraphPanel } from './FlameGraphPanel';

export const plugin = new PanelPlugin(FlameGraphPanel).useFieldConfig({
  standardOptions: {
    // Numbers with thousands separators: 1,234 goroutines.
    [FieldConfigProperty.Unit]: { defaultValue: 'locale' },
    [FieldConfigProperty.Decimals]: {},
  },
  disableStandardOptions: [
    FieldConfigProperty.Min,
    FieldConfigProperty.Max,
    FieldConfigProperty.FieldMinMax,
    FieldConfigProperty.DisplayName,
    FieldConfigProperty.NoValue,
    FieldConfigProperty.Color,
    FieldConfigProperty.Thresholds,
    FieldConfigProperty.Mappings,
    FieldConfigProperty.Links,
    FieldConfigProperty.Actions,
    FieldConfigProperty.Filterable,
  ],
});
