import type { ColorBy, Measure, View } from '../options';

export interface Choice<T> {
  value: T;
  label: string;
  /** Why it cannot be chosen, or `undefined`. */
  unavailable?: string;
}

export const VIEWS: Array<Choice<View>> = [
  { value: 'graph', label: 'Graph' },
  { value: 'both', label: 'Both' },
  { value: 'table', label: 'Table' },
];

export function measuresFor(hasBytes: boolean): Array<Choice<Measure>> {
  const unavailable = hasBytes ? undefined : 'Needs a query of goroutine_calltree_stack_bytes';
  return [
    { value: 'goroutines', label: 'Goroutines' },
    { value: 'bytes', label: 'Stack bytes', unavailable },
    { value: 'bytesPerGoroutine', label: 'Bytes a goroutine', unavailable },
  ];
}

export function colorsFor(compared: boolean, thresholds: number): Array<Choice<ColorBy>> {
  return [
    { value: 'package', label: 'By package' },
    { value: 'growth', label: 'By growth', unavailable: compared ? undefined : 'Needs a baseline with data' },
    {
      value: 'thresholds',
      label: 'By thresholds',
      unavailable: thresholds > 1 ? undefined : 'Needs thresholds in the panel’s options',
    },
  ];
}

export function isAvailable<T>(choices: Array<Choice<T>>, value: T): boolean {
  return choices.some((choice) => choice.value === value && choice.unavailable === undefined);
}

/** Growth where it is known, unless something else was chosen. */
export function resolveColor(chosen: ColorBy, colors: Array<Choice<ColorBy>>): Exclude<ColorBy, 'auto'> {
  if (chosen !== 'auto' && isAvailable(colors, chosen)) {
    return chosen;
  }
  return chosen === 'auto' && isAvailable(colors, 'growth') ? 'growth' : 'package';
}
