import { act, fireEvent, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import type { CallTreeColumns } from '../../../calltree/series';
import { buildCallTree, functionName } from '../../../calltree/tree';
import { FunctionTable, type FunctionTableProps } from './FunctionTable';

type Row = [functionName: string, value: number, node?: string, parent?: string];

function columns(rows: Row[]): CallTreeColumns {
  return {
    node: rows.map(([name, , node = name]) => node),
    parent: rows.map(([, , , parent = '']) => parent),
    function: rows.map(([name]) => name),
    value: rows.map(([, value]) => value),
  };
}

const NOW: Row[] = [
  ['main.processNode', 900, 'p'],
  ['runtime.gopark', 850, 'g', 'p'],
  ['net/http.(*conn).serve', 60, 's'],
  ['main.retry', 40, 'r'],
  ['(dropped)', 5, 'd'],
];
const BEFORE: Row[] = [
  ['main.processNode', 100, 'p'],
  ['runtime.gopark', 90, 'g', 'p'],
  ['net/http.(*conn).serve', 80, 's'],
  ['main.warmUp', 7, 'w'],
  ['(dropped)', 5, 'd'],
];

const compared = (now = NOW, before = BEFORE) => buildCallTree({ now: columns(now), before: columns(before) });
const alone = (now = NOW) => buildCallTree({ now: columns(now) });

const PROPS: FunctionTableProps = {
  tree: compared(),
  selected: null,
  search: null,
  onSelect: () => {},
  format: (value) => value.toLocaleString('en'),
  spanMinutes: 5,
  hasBaseline: true,
  additive: true,
  width: 800,
  height: 400,
};

const table = (props: Partial<FunctionTableProps> = {}) => <FunctionTable {...PROPS} {...props} />;
const withoutBaseline = { tree: alone(), hasBaseline: false, spanMinutes: null };

const rowOf = (name: string) => screen.getByRole('button', { name }).closest('tr')!;
const cellsOf = (name: string) =>
  within(rowOf(name))
    .getAllByRole('cell')
    .map((cell) => cell.textContent);
const headers = () => screen.getAllByRole('columnheader').map((header) => header.textContent);
const header = (name: string) => screen.getByRole('columnheader', { name });
const names = () =>
  screen.queryAllByRole('rowheader').map((cell) => within(cell).getByRole('button').getAttribute('aria-label'));
const focus = (name: string) => act(() => screen.getByRole('button', { name }).focus());
const scroller = () => screen.getByRole('table').parentElement!;

function scrollBy(rows: number) {
  scroller().scrollTop = 28 * rows;
  fireEvent.scroll(scroller());
}

function manyFunctions(count: number, value = (i: number) => count - i): Row[] {
  return Array.from({ length: count }, (_, i) => [`main.f${i}`, value(i)]);
}

describe('figures', () => {
  it('are self, total, the change and its rate for each function', () => {
    render(table());
    expect(headers()).toEqual(['Function', 'Self', 'Total', 'Δ', 'Δ/min']);
    expect(cellsOf('main.processNode')).toEqual(['50', '900', '+800', '+160']);
  });

  it('of a change have a sign, so that no one needs the colour', () => {
    render(table());
    expect(cellsOf('net/http.(*conn).serve')).toEqual(['60', '60', '−20', '−4']);
    expect(cellsOf('(dropped)')).toEqual(['5', '5', '0', '0']);
  });

  it('say in words which functions are new and which are gone', () => {
    render(table());
    expect(rowOf('main.retry')).toHaveTextContent('new');
    expect(screen.getByRole('button', { name: 'main.warmUp' })).toHaveAccessibleDescription('gone');
    expect(rowOf('main.processNode')).not.toHaveTextContent(/new|gone/);
  });

  it('count recursion once', () => {
    const recursion: Row[] = [
      ['main.walk', 10, 'a'],
      ['main.walk', 8, 'b', 'a'],
    ];
    render(table({ ...withoutBaseline, tree: alone(recursion) }));
    expect(cellsOf('main.walk')).toEqual(['10', '10']);
  });

  it('are called means where they are', () => {
    const tree = buildCallTree({
      now: columns([['main.f', 8192]]),
      per: { now: columns([['main.f', 4]]) },
    });
    render(table({ ...withoutBaseline, tree, additive: false }));
    expect(headers()).toEqual(['Function', 'Self', 'Mean']);
    expect(cellsOf('main.f')).toEqual(['2,048', '2,048']);
  });
});

describe('columns that cannot be filled', () => {
  it('of change, and the filter by it, are absent without a baseline', () => {
    render(table(withoutBaseline));
    expect(headers()).toEqual(['Function', 'Self', 'Total']);
    expect(screen.queryByRole('radiogroup')).not.toBeInTheDocument();
  });

  it.each([null, 0])('of the rate are absent where the span is %p', (spanMinutes) => {
    render(table({ spanMinutes }));
    expect(headers()).toEqual(['Function', 'Self', 'Total', 'Δ']);
  });

  it('of less use give way in a narrow panel', () => {
    render(table({ width: 300 }));
    expect(headers()).toEqual(['Function', 'Total', 'Δ']);
  });
});

describe('sorting', () => {
  it('begins with what grew most, or with the largest where nothing is known to grow', () => {
    const { rerender } = render(table());
    expect(names().slice(0, 2)).toEqual(['main.processNode', 'runtime.gopark']);
    expect(header('Δ')).toHaveAttribute('aria-sort', 'descending');

    rerender(table(withoutBaseline));
    expect(header('Total')).toHaveAttribute('aria-sort', 'descending');
  });

  it('is by the header that is clicked, and the other way round at the second click', async () => {
    render(table());
    await userEvent.click(screen.getByRole('button', { name: 'Self' }));
    expect(names()[0]).toBe('runtime.gopark');
    await userEvent.click(screen.getByRole('button', { name: 'Self' }));
    expect(names()[0]).toBe('main.warmUp');
    expect(header('Self')).toHaveAttribute('aria-sort', 'ascending');
    expect(header('Δ')).not.toHaveAttribute('aria-sort');
  });

  it('stays as chosen when new data comes', async () => {
    const { rerender } = render(table());
    await userEvent.click(screen.getByRole('button', { name: 'Function' }));
    rerender(table({ tree: compared([...NOW, ['main.aaa', 1e6, 'x']]) }));
    expect(header('Function')).toHaveAttribute('aria-sort', 'ascending');
    expect(names().slice(0, 2)).toEqual(['(dropped)', 'main.aaa']);
  });

  it('by a change comes back with the baseline', async () => {
    const { rerender } = render(table());
    await userEvent.click(screen.getByRole('button', { name: 'Δ/min' }));
    await userEvent.click(screen.getByRole('button', { name: 'Δ/min' }));
    rerender(table(withoutBaseline));
    rerender(table());
    expect(header('Δ/min')).toHaveAttribute('aria-sort', 'ascending');
    expect(names()[0]).toBe('net/http.(*conn).serve');
  });

  it('by Δ/min goes on as by Δ where that column has no room', async () => {
    const { rerender } = render(table());
    await userEvent.click(screen.getByRole('button', { name: 'Δ/min' }));
    rerender(table({ width: 300 }));
    expect(header('Δ')).toHaveAttribute('aria-sort', 'descending');
  });
});

describe('filters', () => {
  it.each([
    ['All 6', 6, 'main.warmUp'],
    ['Grown 3', 3, 'main.processNode'],
    ['New 1', 1, 'main.retry'],
    ['Vanished 1', 1, 'main.warmUp'],
  ])('%s', async (label, count, member) => {
    render(table());
    await userEvent.click(screen.getByRole('radio', { name: label }));
    expect(names()).toHaveLength(count);
    expect(names()).toContain(member);
  });

  it('stay as chosen when new data comes', async () => {
    const { rerender } = render(table());
    await userEvent.click(screen.getByRole('radio', { name: 'New 1' }));
    rerender(table({ tree: compared([...NOW, ['main.spawn', 3, 'x']]) }));
    expect(screen.getByRole('radio', { name: 'New 2' })).toBeChecked();
    expect(names()).toEqual(['main.retry', 'main.spawn']);
  });

  it('say so where nothing passes, and let all through again', async () => {
    render(table({ tree: compared(NOW, NOW) }));
    await userEvent.click(screen.getByRole('radio', { name: 'New 0' }));
    expect(screen.getByRole('status')).toHaveTextContent('No function is new since the baseline.');
    await userEvent.click(screen.getByRole('button', { name: 'Show all' }));
    expect(names()).toHaveLength(5);
  });

  it('count the rows that the search leaves', () => {
    render(table({ search: (name) => name.startsWith('main.') }));
    expect(names()).toEqual(['main.processNode', 'main.retry', 'main.warmUp']);
    expect(screen.getByRole('radio', { name: 'All 3' })).toBeInTheDocument();
  });

  it('are not to blame where the search finds nothing', () => {
    render(table({ search: () => false }));
    expect(screen.getByRole('status')).toHaveTextContent('No function matches the search.');
    expect(screen.queryByRole('button', { name: 'Show all' })).not.toBeInTheDocument();
  });
});

describe('selection', () => {
  it('marks the row of the function', () => {
    render(table({ selected: 'main.retry' }));
    expect(screen.getAllByRole('row', { current: true })).toEqual([rowOf('main.retry')]);
  });

  it('is asked for with the widest frame of the function, by mouse or by Enter', async () => {
    const tree = compared([...NOW, ['runtime.gopark', 3, 'g2', 's']]);
    const onSelect = jest.fn();
    render(table({ tree, onSelect }));
    await userEvent.click(screen.getByRole('button', { name: 'runtime.gopark' }));
    await userEvent.keyboard('{Enter}');
    expect(onSelect.mock.calls).toEqual([[tree.frameOf('g')], [tree.frameOf('g')]]);
    expect(functionName(tree, onSelect.mock.calls[0][0])).toBe('runtime.gopark');
  });

  it('made elsewhere brings its row into view, once', () => {
    const tree = alone(manyFunctions(1000));
    const { rerender } = render(table({ ...withoutBaseline, tree }));
    rerender(table({ ...withoutBaseline, tree, selected: 'main.f500' }));
    expect(scroller().scrollTop).toBeGreaterThan(28 * 480);
    expect(scroller().scrollTop).toBeLessThanOrEqual(28 * 500);

    scrollBy(0);
    rerender(table({ ...withoutBaseline, tree: alone(manyFunctions(1000)), selected: 'main.f500' }));
    expect(scroller().scrollTop).toBe(0);
  });

  it('of a function without a row marks none', () => {
    render(table({ selected: 'main.unheardOf' }));
    expect(screen.queryByRole('row', { current: true })).not.toBeInTheDocument();
  });
});

describe('the keyboard', () => {
  it('enters the rows at one of them and leaves with the next Tab', async () => {
    render(
      <>
        {table(withoutBaseline)}
        <button>after</button>
      </>
    );
    focus('Total');
    await userEvent.tab();
    expect(screen.getByRole('button', { name: 'main.processNode' })).toHaveFocus();
    await userEvent.tab();
    expect(screen.getByRole('button', { name: 'after' })).toHaveFocus();
  });

  it('moves from row to row, and to rows that are not drawn yet', async () => {
    render(table({ ...withoutBaseline, tree: alone(manyFunctions(1000)) }));
    focus('main.f0');
    await userEvent.keyboard('{ArrowDown}');
    expect(screen.getByRole('button', { name: 'main.f1' })).toHaveFocus();
    await userEvent.keyboard('{End}');
    expect(screen.getByRole('button', { name: 'main.f999' })).toHaveFocus();
    await userEvent.keyboard('{ArrowDown}{PageUp}');
    expect(screen.getByRole('button', { name: 'main.f987' })).toHaveFocus();
    await userEvent.keyboard('{Home}');
    expect(screen.getByRole('button', { name: 'main.f0' })).toHaveFocus();
  });

  it('keeps its place over new data that moves the row', () => {
    const { rerender } = render(table());
    focus('main.retry');
    rerender(table({ tree: compared([['main.retry', 1e6, 'r'], ...NOW.slice(0, 3)]) }));
    expect(names()[0]).toBe('main.retry');
    expect(screen.getByRole('button', { name: 'main.retry' })).toHaveFocus();
  });

  it('starts at the selected row', async () => {
    render(table({ ...withoutBaseline, selected: 'main.retry' }));
    focus('Total');
    await userEvent.tab();
    expect(screen.getByRole('button', { name: 'main.retry' })).toHaveFocus();
  });
});

describe('names', () => {
  it('are shortened from the front, and whole in the title and for screen readers', () => {
    const name = 'github.com/acme/shop/internal/http.(*server).handle';
    render(table({ tree: compared([[name, 1]]), width: 300 }));
    const button = screen.getByRole('button', { name });
    expect(button).toHaveAttribute('title', name);
    expect(button.textContent).toBe('handle');
  });

  it('of what is no function are in italics and say what they stand for', () => {
    render(table());
    const dropped = screen.getByRole('button', { name: '(dropped)' });
    expect(dropped).toHaveStyle({ fontStyle: 'italic' });
    expect(dropped).toHaveAccessibleDescription(/^Call paths left out/);
    expect(screen.getByRole('button', { name: 'main.retry' })).not.toHaveStyle({ fontStyle: 'italic' });
  });

  it('are text, never HTML', () => {
    const name = '<img src=x onerror="alert(1)">';
    render(table({ tree: compared([[name, 1]]) }));
    expect(screen.getByText(name)).toBeInTheDocument();
    expect(screen.queryByRole('img')).not.toBeInTheDocument();
  });

  it('show what would turn the text around or hide', () => {
    render(table({ tree: compared([['main.\u202egnp\0', 1]]) }));
    const button = screen.getByRole('button', { name: 'main.\\u202egnp\\x00' });
    expect(button.textContent).toBe('main.\\u202egnp\\x00');
  });

  it('of 10 kB take no more text than there is room for', () => {
    const name = `main.${'x'.repeat(10_000)}`;
    render(table({ tree: compared([[name, 1]]) }));
    expect(screen.getByRole('button', { name }).textContent!.length).toBeLessThan(200);
  });
});

describe('a large tree', () => {
  const tree = alone(manyFunctions(10_000));

  it('has no more rows drawn than fit, and tells screen readers of all', () => {
    render(table({ ...withoutBaseline, tree }));
    expect(names()[0]).toBe('main.f0');
    expect(names().length).toBeLessThan(30);
    expect(screen.getByRole('table')).toHaveAttribute('aria-rowcount', '10001');
  });

  it('shows the rows to which one scrolls, and stays there over new data', () => {
    const { rerender } = render(table({ ...withoutBaseline, tree }));
    scrollBy(5000);
    expect(names()).toContain('main.f5000');
    expect(rowOf('main.f5000')).toHaveAttribute('aria-rowindex', '5002');

    rerender(table({ ...withoutBaseline, tree: alone(manyFunctions(10_000, (i) => 20_000 - i)) }));
    expect(names()).toContain('main.f5000');
    expect(scroller().scrollTop).toBe(28 * 5000);
  });

  it('goes back to its top when it is sorted anew', async () => {
    render(table({ ...withoutBaseline, tree }));
    scrollBy(5000);
    await userEvent.click(screen.getByRole('button', { name: 'Total' }));
    expect(scroller().scrollTop).toBe(0);
  });
});

it('fills its box exactly', () => {
  const { container } = render(table({ width: 321, height: 123 }));
  expect(container.firstChild).toHaveStyle({ width: '321px', height: '123px' });
});
