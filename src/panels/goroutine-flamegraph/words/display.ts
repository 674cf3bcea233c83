import {
  type DisplayProcessor,
  type Field,
  getDisplayProcessor,
  getValueFormat,
  type GrafanaTheme2,
} from '@grafana/data';
import type { Measure } from '../options';

/** What the panel's fields have unless somebody chose otherwise: whole numbers with separators. */
export const DEFAULT_UNIT = 'locale';

/** The field's own unit and thresholds; bytes, where a query of bytes was left with the unit of goroutines. */
export function displayOf(field: Field, measure: Measure, theme: GrafanaTheme2): DisplayProcessor {
  const { unit, decimals } = field.config;
  const display = field.display ?? getDisplayProcessor({ field, theme });
  if (measure === 'goroutines' || (unit !== undefined && unit !== DEFAULT_UNIT)) {
    return display;
  }
  const bytes = getValueFormat('bytes');
  return (value) => ({ ...display(value), ...bytes(Number(value), decimals) });
}
