import { t as translate } from '@grafana/i18n';

/**
 * Grafana's `t`, with values as they are: names with `/`, `&` or quotes. Grafana's own escapes them for HTML, and React, which shows
 * all of them, once more.
 */
export const t: typeof translate = (id, message, values) =>
  translate(id, message, { ...values, interpolation: { escapeValue: false } });
