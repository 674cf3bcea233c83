import { FieldConfigProperty, PanelPlugin } from '@grafana/data';
import { DEFAULT_UNIT } from './words/display';
import { FlameGraphPanel } from './FlameGraphPanel';
import { type ColorBy, DEFAULT_OPTIONS, type PanelOptions } from './options';
import { colorsFor, measuresFor, VIEWS } from './toolbar/choices';

export const plugin = new PanelPlugin<PanelOptions>(FlameGraphPanel)
  .useFieldConfig({
    standardOptions: {
      [FieldConfigProperty.Unit]: { defaultValue: DEFAULT_UNIT },
      [FieldConfigProperty.Decimals]: {},
      [FieldConfigProperty.Thresholds]: {
        defaultValue: { mode: 'absolute', steps: [{ value: -Infinity, color: 'green' }] },
      },
      [FieldConfigProperty.Color]: { defaultValue: { mode: 'thresholds' } },
      [FieldConfigProperty.Links]: {},
    },
    disableStandardOptions: [
      FieldConfigProperty.Min,
      FieldConfigProperty.Max,
      FieldConfigProperty.FieldMinMax,
      FieldConfigProperty.DisplayName,
      FieldConfigProperty.NoValue,
      FieldConfigProperty.Color,
      FieldConfigProperty.Mappings,
      FieldConfigProperty.Actions,
      FieldConfigProperty.Filterable,
    ],
  })
  .setPanelOptions((builder) => {
    const show = ['Show'];
    const queries = ['Queries'];
    const links = ['Functions'];
    return builder
      .addRadio({
        category: show,
        path: 'view',
        name: 'View',
        defaultValue: DEFAULT_OPTIONS.view,
        settings: { options: VIEWS },
      })
      .addSelect({
        category: show,
        path: 'measure',
        name: 'Width of frames',
        description: 'Bytes need the query of stack bytes below.',
        defaultValue: DEFAULT_OPTIONS.measure,
        settings: { options: measuresFor(true) },
      })
      .addSelect({
        category: show,
        path: 'colorBy',
        name: 'Colour of frames',
        description: 'Automatic: by growth where a baseline has data, else by package.',
        defaultValue: DEFAULT_OPTIONS.colorBy,
        settings: { options: [{ value: 'auto' as ColorBy, label: 'Automatic' }, ...colorsFor(true, 2)] },
      })
      .addBooleanSwitch({
        category: show,
        path: 'collapseRuntime',
        name: "Collapse the runtime's leaves",
        description: 'Goroutines that wait in the runtime are shown as their caller’s own.',
        defaultValue: DEFAULT_OPTIONS.collapseRuntime,
      })
      .addBooleanSwitch({
        category: show,
        path: 'showVanished',
        name: 'Show vanished frames',
        description: 'Frames that are there at the baseline alone, as wide as they were then.',
        defaultValue: DEFAULT_OPTIONS.showVanished,
      })
      .addTextInput({
        category: queries,
        path: 'baselineRefId',
        name: 'Baseline query',
        description: 'The query of A at another time: the same PromQL with $baseline after each selector.',
        defaultValue: DEFAULT_OPTIONS.baselineRefId,
      })
      .addTextInput({
        category: queries,
        path: 'bytesRefId',
        name: 'Stack bytes query',
        description: 'The query of A for goroutine_calltree_stack_bytes, which the host agent exports.',
        defaultValue: DEFAULT_OPTIONS.bytesRefId,
      })
      .addTextInput({
        category: queries,
        path: 'bytesBaselineRefId',
        name: 'Stack bytes baseline query',
        defaultValue: DEFAULT_OPTIONS.bytesBaselineRefId,
      })
      .addTextInput({
        category: queries,
        path: 'uncoveredRefId',
        name: 'Query of uncovered processes',
        description: 'A number: processes with a call tree now and none at the baseline.',
        defaultValue: DEFAULT_OPTIONS.uncoveredRefId,
      })
      .addTextInput({
        category: queries,
        path: 'restartedRefId',
        name: 'Query of restarted processes',
        description: 'A number: processes that were restarted since the baseline.',
        defaultValue: DEFAULT_OPTIONS.restartedRefId,
      })
      .addTextInput({
        category: queries,
        path: 'baselineVariable',
        name: 'Baseline variable',
        description: 'The dashboard’s text variable that holds an offset or @ modifier. The panel sets it.',
        defaultValue: DEFAULT_OPTIONS.baselineVariable,
      })
      .addTextInput({
        category: queries,
        path: 'restartQuery',
        name: 'Query of the last restart',
        description: 'PromQL that gives the unix time just before the last restart, for that baseline.',
        defaultValue: DEFAULT_OPTIONS.restartQuery,
        settings: { useTextarea: true, rows: 3 },
      })
      .addTextInput({
        category: links,
        path: 'functionVariable',
        name: 'Function variable',
        description: 'A text variable of the dashboard: a frame’s menu sets it, and its value is searched for here.',
        defaultValue: DEFAULT_OPTIONS.functionVariable,
      })
      .addTextInput({
        category: links,
        path: 'ownModules',
        name: 'Own modules',
        description: 'Paths of Go modules that get the colour of one’s own code, as main has; separated by commas.',
        defaultValue: DEFAULT_OPTIONS.ownModules,
        settings: { placeholder: 'github.com/acme/checkout' },
      })
      .addTextInput({
        category: links,
        path: 'sourceUrl',
        name: 'Source link',
        description: 'With {package}, {name} and {function}, such as https://pkg.go.dev/{package}#{name}',
        defaultValue: DEFAULT_OPTIONS.sourceUrl,
        settings: { placeholder: 'https://pkg.go.dev/{package}#{name}' },
      });
  });
