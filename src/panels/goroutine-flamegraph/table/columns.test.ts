import { chooseColumns, digitsOf } from './columns';
import type { SortKey } from './rows';

const ALL: SortKey[] = ['function', 'self', 'total', 'change', 'changePerMinute'];

const keysAt = (width: number) => chooseColumns(width, 8, ALL).map(({ key }) => key);

it('shows all columns where there is room', () => {
  expect(keysAt(600)).toEqual(ALL);
});

it('gives up Self first, then Δ/min, and no other', () => {
  expect(keysAt(400)).toEqual(['function', 'total', 'change', 'changePerMinute']);
  expect(keysAt(320)).toEqual(['function', 'total', 'change']);
  expect(keysAt(100)).toEqual(['function', 'total', 'change']);
});

it('fits into 300 px, but for a few px where a scrollbar takes its own', () => {
  const width = chooseColumns(300, 8, ALL).reduce((sum, column) => sum + column.width, 0);
  expect(width).toBeLessThanOrEqual(300);
});

it('leaves to the name what the figures do not take', () => {
  const columns = chooseColumns(1000, 8, ALL);
  expect(columns.reduce((sum, { width }) => sum + width, 0)).toBe(1000 - 16);
});

it('makes figures as wide as the largest and its sign need, within limits', () => {
  const row = { function: 'main.f', self: 0, total: 12, appearance: null, frame: 1, frames: 1 };
  expect(digitsOf([row], String)).toBe(8);
  expect(digitsOf([{ ...row, change: -1234567890 }], String)).toBe(11);
  expect(digitsOf([row], () => 'x'.repeat(100))).toBe(14);
});
