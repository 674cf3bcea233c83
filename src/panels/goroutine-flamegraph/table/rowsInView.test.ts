import fc from 'fast-check';
import { placeRows, ROW_HEIGHT, scrollToShow } from './rowsInView';

const indexes = (...args: Parameters<typeof placeRows>) => placeRows(...args).rows.map(({ index }) => index);

it('draws all rows of a short table, without gaps', () => {
  const { rows, rest } = placeRows(3, 0, 500, -1);
  expect(rows).toEqual([0, 1, 2].map((index) => ({ index, gap: 0 })));
  expect(rest).toBe(0);
});

it('draws little more than what is in view of a long one', () => {
  const drawn = indexes(10_000, 5000, 10 * ROW_HEIGHT, -1);
  expect(drawn).toContain(5000);
  expect(drawn).toContain(5010);
  expect(drawn.length).toBeLessThan(25);
});

it('draws the row with the keyboard wherever it is', () => {
  expect(indexes(10_000, 5000, 280, 3)[0]).toBe(3);
  expect(indexes(10_000, 5000, 280, 9000).at(-1)).toBe(9000);
});

it('draws the last rows of a table that became shorter than it is scrolled', () => {
  expect(indexes(20, 5000, 280, -1).at(-1)).toBe(19);
});

const place = fc.record({
  count: fc.nat(20_000),
  firstRow: fc.nat(30_000),
  viewHeight: fc.integer({ min: -50, max: 3000 }),
  kept: fc.integer({ min: -1, max: 20_000 }),
});

it('keeps the height of the whole table, and the order, whatever is drawn', () => {
  fc.assert(
    fc.property(place, ({ count, firstRow, viewHeight, kept }) => {
      const { rows, rest } = placeRows(count, firstRow, viewHeight, kept);
      const height = rows.reduce((sum, { gap }) => sum + gap + ROW_HEIGHT, 0) + rest;
      expect(height).toBe(count * ROW_HEIGHT);
      expect([...rows.map(({ gap }) => gap), rest].every((gap) => gap >= 0)).toBe(true);
    })
  );
});

it('scrolls to a row no further than needed', () => {
  const viewHeight = 10 * ROW_HEIGHT;
  expect(scrollToShow(5, 0, viewHeight)).toBe(0);
  expect(scrollToShow(10, 0, viewHeight)).toBe(ROW_HEIGHT);
  expect(scrollToShow(2, 20 * ROW_HEIGHT, viewHeight)).toBe(2 * ROW_HEIGHT);
});
