import type { GrafanaTheme2 } from '@grafana/data';
import type { Ink } from './canvas';
import { newColor, vanishedColor } from './color';

export function inkOf({ colors, typography, isDark }: GrafanaTheme2): Ink {
  return {
    text: colors.text.maxContrast,
    newMark: newColor(isDark),
    vanishedMark: vanishedColor(isDark),
    background: colors.background.primary,
    font: `12px ${typography.fontFamily}`,
  };
}
