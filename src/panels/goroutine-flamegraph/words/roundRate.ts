/** Two or three digits say how fast something changes; more would be noise. */
export function roundRate(perMinute: number): number {
  return Number(perMinute.toPrecision(Math.abs(perMinute) >= 100 ? 3 : 2));
}
