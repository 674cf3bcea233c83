import type { FunctionRow } from '../../../calltree/byFunction';
import { buildCallTree } from '../../../calltree/tree';
import { countRows, nextSort, passes, type SortKey, sortRows, tableRows } from './rows';

function row(name: string, figures: Partial<FunctionRow> = {}): FunctionRow {
  return { function: name, total: 1, self: 1, appearance: null, frame: 1, frames: 1, ...figures };
}

const namesBy = (rows: FunctionRow[], by: SortKey, descending: boolean) =>
  sortRows(rows, { by, descending }).map((each) => each.function);

describe('sorting', () => {
  const grown = row('grown', { change: 900, total: 1000 });
  const shrunk = row('shrunk', { change: -50, total: 10 });
  const same = row('same', { change: 0, total: 30 });
  const unknown = row('unknown', { total: 5000 });
  const rows = [unknown, same, shrunk, grown];

  it('puts what has no such figure last, whichever way', () => {
    expect(namesBy(rows, 'change', true)).toEqual(['grown', 'same', 'shrunk', 'unknown']);
    expect(namesBy(rows, 'change', false)).toEqual(['shrunk', 'same', 'grown', 'unknown']);
  });

  it('orders Δ/min as Δ', () => {
    expect(namesBy(rows, 'changePerMinute', true)).toEqual(namesBy(rows, 'change', true));
  });

  it('orders equals by total and then by name, so that a refresh does not shuffle them', () => {
    const equals = [row('b'), row('a'), row('large', { total: 2 })];
    expect(namesBy(equals, 'self', true)).toEqual(['large', 'a', 'b']);
    expect(namesBy([...equals].reverse(), 'self', true)).toEqual(['large', 'a', 'b']);
  });

  it('leaves the rows that it was given in their order', () => {
    namesBy(rows, 'total', true);
    expect(rows[0]).toBe(unknown);
  });

  it('begins with the largest, or with A, and turns round at the second click', () => {
    expect(nextSort({ by: 'change', descending: true }, 'total')).toEqual({ by: 'total', descending: true });
    expect(nextSort({ by: 'total', descending: true }, 'total')).toEqual({ by: 'total', descending: false });
    expect(nextSort({ by: 'total', descending: true }, 'function')).toEqual({ by: 'function', descending: false });
  });
});

describe('filters', () => {
  it('count a function that is new as grown, too', () => {
    const rows = [
      row('new', { change: 3, appearance: 'new' }),
      row('grown', { change: 3 }),
      row('gone', { change: -3, appearance: 'vanished' }),
      row('same', { change: 0 }),
    ];
    expect(countRows(rows)).toEqual({ all: 4, grown: 2, new: 1, vanished: 1 });
    expect(rows.filter((each) => passes(each, 'vanished')).map((each) => each.function)).toEqual(['gone']);
  });
});

it('tells no change of a mean where there was, or is, nothing to take a mean of', () => {
  const columns = (value: Record<string, number>) => ({
    node: Object.keys(value),
    parent: Object.keys(value).map(() => ''),
    function: Object.keys(value),
    value: Object.values(value),
  });
  const tree = buildCallTree({
    now: columns({ 'main.stays': 8000, 'main.comes': 4000 }),
    before: columns({ 'main.stays': 2000, 'main.goes': 4000 }),
    per: {
      now: columns({ 'main.stays': 2, 'main.comes': 1 }),
      before: columns({ 'main.stays': 1, 'main.goes': 1 }),
    },
  });
  const changes = new Map(tableRows(tree, false).map((each) => [each.function, each.change]));
  expect(changes).toEqual(
    new Map([
      ['main.stays', 2000],
      ['main.comes', undefined],
      ['main.goes', undefined],
    ])
  );
});
