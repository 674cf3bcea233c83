import { colorManipulator, type DisplayProcessor, type GrafanaTheme2 } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import { useCallback, useMemo } from 'react';
import type { SearchResult } from '../../../calltree/search';
import { type CallTree, changeOf, totalOf } from '../../../calltree/tree';
import type { ColorBy } from '../options';
import { firstFrom } from '../useSearch';
import { growthClass, growthColor, matchColor, packageColor, rootColor, smallerColor, syntheticColor } from './color';
import { remembered } from './remembered';

interface Options {
  tree: CallTree;
  colorBy: Exclude<ColorBy, 'auto'>;
  ownModules: readonly string[];
  found: SearchResult | null;
  /** The largest change of any frame. */
  largestChange: number;
  display: DisplayProcessor;
}

/** The colour of each rectangle, as CSS. */
export function useFrameFill({ tree, colorBy, ownModules, found, largestChange, display }: Options) {
  const theme = useTheme2();
  const { isDark } = theme;
  const byFunction = useMemo(
    () => remembered((name: string) => packageColor(name, isDark, ownModules)),
    [isDark, ownModules]
  );
  const byThreshold = useMemo(() => remembered((color: string) => readableColor(color, theme)), [theme]);

  return useCallback(
    (frame: number, smaller: number): string => {
      if (smaller > 0) {
        return found && hasMatch(tree, found, frame) ? matchColor(isDark) : smallerColor(isDark);
      }
      if (found?.isMatch[frame]) {
        return matchColor(isDark);
      }
      switch (colorBy) {
        case 'growth':
          return growthColor(growthClass(changeOf(tree, frame) ?? 0, largestChange), isDark);
        case 'thresholds':
          return byThreshold(display(totalOf(tree, frame)).color ?? syntheticColor(isDark));
        case 'package':
          return frame === 0 ? rootColor(isDark) : byFunction(tree.functions[tree.functionOf[frame]]);
      }
    },
    [tree, colorBy, found, largestChange, display, isDark, byFunction, byThreshold]
  );
}

/** Whether a match is among a frame, its later siblings, and all below them. */
function hasMatch(tree: CallTree, { frames }: SearchResult, frame: number): boolean {
  return frames[firstFrom(frames, frame)] < tree.end[tree.parent[frame]];
}

/** WCAG AA for text of this size. */
const READABLE = 4.5;

/** Colours of thresholds are made for text and lines: as a fill, one is taken towards the background until text reads on it. */
function readableColor(color: string, { isDark, colors }: GrafanaTheme2): string {
  let fill = colorManipulator.asHexString(color);
  for (let i = 0; i < 20 && colorManipulator.getContrastRatio(colors.text.maxContrast, fill) < READABLE; i++) {
    fill = colorManipulator.asHexString(
      isDark ? colorManipulator.darken(fill, 0.1) : colorManipulator.lighten(fill, 0.1)
    );
  }
  return fill;
}
