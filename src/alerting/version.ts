/** Whether a version is known and older; versions are as in plugin.json, pre-releases count as their release. */
export function isOlderVersion(version: string | undefined, than: string): boolean {
  if (version === undefined) {
    return false;
  }
  const [a, b] = [version, than].map(numbersOf);
  const index = a.findIndex((number, place) => number !== b[place]);
  return index >= 0 && a[index] < b[index];
}

function numbersOf(version: string): number[] {
  const [, ...numbers] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [undefined, 0, 0, 0];
  return numbers.map(Number);
}
