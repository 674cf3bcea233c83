/** A change with its sign, a minus that is as wide as the plus; `–` where there is none to tell. */
export function formatChange(change: number | undefined, format: (value: number) => string): string {
  if (change === undefined) {
    return '–';
  }
  return change > 0 ? `+${format(change)}` : change < 0 ? `−${format(-change)}` : format(0);
}
