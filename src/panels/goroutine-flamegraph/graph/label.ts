/** Width of a text in px. */
export type MeasureText = (text: string) => number;

/** No frame shows more of a name than this, in UTF-16 code units; the tooltip has more. */
const LONGEST_LABEL = 240;

/** Measures with a canvas, once for each text. Where there is no canvas, by the mean width of a character of Inter. */
export function createMeasureText(font: string): MeasureText {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) {
    return (text) => 6.6 * text.length;
  }
  context.font = font;
  const known = new Map<string, number>();
  return (text) => {
    let width = known.get(text);
    if (width === undefined) {
      width = context.measureText(text).width;
      // Labels have changing figures in them.
      if (known.size > 20_000) {
        known.clear();
      }
      known.set(text, width);
    }
    return width;
  };
}

/**
 * The text that says most within a width: the longest of the names that fits with the suffix, else without it, else the
 * beginning of the shortest name; `''` where not even that tells anything.
 * @param names from the longest to the shortest
 * @param available in px
 */
export function fitLabel(names: readonly string[], suffix: string, available: number, measure: MeasureText): string {
  const candidates = names.map((name) => name.slice(0, LONGEST_LABEL));
  if (suffix !== '') {
    const whole = candidates.find((name) => measure(`${name} ${suffix}`) <= available);
    if (whole !== undefined) {
      return `${whole} ${suffix}`;
    }
  }
  const name = candidates.find((candidate) => measure(candidate) <= available);
  if (name !== undefined) {
    return name;
  }
  const shortest = candidates[candidates.length - 1];
  const characters = Array.from(shortest);
  const fits = Math.floor((characters.length * available) / measure(shortest)) - 1;
  return fits >= 2 ? `${characters.slice(0, fits).join('')}…` : '';
}
