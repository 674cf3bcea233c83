/** The panel's states, by the name that the page's address gives them. */
export const STATE_NAMES = [
  'service',
  'compared',
  'both views',
  'table',
  'bytes a goroutine',
  'collapsed',
  'thresholds',
  'no baseline data',
  'partial',
  'hostile',
  'loading',
  'empty',
  'failed',
  'foreign',
  'too many',
  'deep',
  'many hits',
] as const;

export type StateName = (typeof STATE_NAMES)[number];
