/**
 * Its clipboard is jsdom's, and jsdom reads no Blob but its own.
 * @jest-environment jsdom
 */
import {
  type DataFrame,
  dateTime,
  EventBusSrv,
  FieldType,
  LoadingState,
  type PanelData,
  type PanelProps,
  toDataFrame,
} from '@grafana/data';
import { locationService, setAppEvents } from '@grafana/runtime';
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { FlameGraphPanel, MOST_ROWS } from './FlameGraphPanel';
import { ROW_HEIGHT } from './graph/scene';
import { DEFAULT_OPTIONS, type PanelOptions } from './options';

interface Row {
  node: string;
  parent: string;
  function: string;
  value: number;
}

const STORM: Row[] = [
  { node: 'p', parent: '', function: 'main.processNode', value: 900 },
  { node: 'g', parent: 'p', function: 'runtime.gopark', value: 900 },
  { node: 'm', parent: '', function: 'main.main', value: 100 },
];

const range = { from: dateTime(0), to: dateTime(3_600_000), raw: { from: 'now-1h', to: 'now' } };

function tableOf(rows: Row[], refId = 'A', unit = 'locale'): DataFrame {
  const text = (pick: (row: Row) => string) => ({ type: FieldType.string, values: rows.map(pick) });
  return toDataFrame({
    refId,
    fields: [
      { name: 'depth', ...text(({ parent }) => (parent === '' ? '1' : '2')) },
      { name: 'function', ...text((row) => row.function) },
      { name: 'node', ...text(({ node }) => node) },
      { name: 'parent', ...text(({ parent }) => parent) },
      { name: 'Value', type: FieldType.number, values: rows.map(({ value }) => value), config: { unit } },
    ],
  });
}

interface Given extends Partial<PanelData> {
  options?: Partial<PanelOptions>;
  /** The dashboard's variables. */
  variables?: Record<string, string>;
  width?: number;
}

function panel({ options, variables = {}, width = 1000, ...data }: Given) {
  const props: PanelProps<PanelOptions> = {
    id: 3,
    data: { series: [], state: LoadingState.Done, timeRange: range, ...data },
    timeRange: range,
    timeZone: 'utc',
    options: { ...DEFAULT_OPTIONS, ...options },
    fieldConfig: { defaults: {}, overrides: [] },
    transparent: false,
    width,
    height: 400,
    renderCounter: 0,
    title: '',
    eventBus: new EventBusSrv(),
    onOptionsChange: () => {},
    onFieldConfigChange: () => {},
    replaceVariables: (text) =>
      text.replace(/\$\{(\w+)\}|\$(\w+)/g, (whole, braced, bare) => variables[braced ?? bare] ?? whole),
    onChangeTimeRange: () => {},
  };
  return <FlameGraphPanel {...props} />;
}

const storm = (rows = STORM, more: Given = {}) => panel({ series: [tableOf(rows)], ...more });

/** Compared with five minutes ago, by a query that says so. */
function compared(now: Row[], before: Row[], more: Given = {}) {
  const targets = [
    { refId: 'A', expr: 'tree' },
    { refId: 'B', expr: 'tree $baseline' },
  ];
  const { series = [], ...rest } = more;
  return panel({
    series: [tableOf(now), tableOf(before, 'B'), ...series],
    request: { targets, scopedVars: {} } as unknown as PanelData['request'],
    variables: { baseline: 'offset 5m' },
    ...rest,
  });
}

const graph = () => screen.getByRole('tree');
const frame = (name: string) => screen.getByRole('treeitem', { name: new RegExp(`^${name}, `) });
const status = () => screen.getByRole('status');

/** In px, to a tenth. */
const widthOf = (name: string) => Math.round(10 * parseFloat(frame(name).style.width)) / 10;

/** Where a frame is, or what is some rows below it, as nothing is laid out here: the graph begins at 0, 0. */
function middleOf(name: string, rowsBelow = 0) {
  const { left, top, width } = frame(name).style;
  return {
    clientX: parseFloat(left) + parseFloat(width) / 2,
    clientY: parseFloat(top) + (rowsBelow + 0.5) * ROW_HEIGHT,
  };
}

const click = (name: string) => fireEvent.click(graph(), middleOf(name));
const activeFrame = () => document.getElementById(graph().getAttribute('aria-activedescendant')!)!;

function focusGraph() {
  act(() => graph().focus());
}

beforeEach(() => {
  locationService.push('/');
  setAppEvents(new EventBusSrv());
});

it('draws each function as wide as its share of the goroutines', () => {
  render(storm());
  expect(widthOf('all goroutines')).toBe(1000);
  expect(widthOf('main.processNode')).toBe(900);
  expect(widthOf('main.main')).toBe(100);
  expect(status()).toHaveTextContent('1,000 goroutines');
});

describe('zoom', () => {
  it('is a click, with the node in the URL and no entry in the browser’s history', () => {
    render(storm());
    const entries = window.history.length;
    click('main.main');
    expect(widthOf('main.main')).toBe(1000);
    expect(locationService.getSearchObject()).toEqual({ 'fg-3': 'm' });
    expect(window.history.length).toBe(entries);
    expect(status()).toHaveTextContent('main.main: 100 of 1,000 (10 %)');
  });

  it('goes back and forward by the panel’s own history, and to all by reset', async () => {
    render(storm());
    click('main.processNode');
    click('runtime.gopark');
    const back = screen.getByRole('button', { name: 'Zoom back' });
    await userEvent.click(back);
    expect(status()).toHaveTextContent(/^main.processNode/);
    await userEvent.click(screen.getByRole('button', { name: 'Zoom forward' }));
    expect(status()).toHaveTextContent(/^runtime.gopark/);
    await userEvent.click(back);
    await userEvent.click(back);
    expect(status()).toHaveTextContent('1,000 goroutines');
    expect(back).toBeDisabled();

    click('main.processNode');
    await userEvent.click(screen.getByRole('button', { name: 'Reset' }));
    expect(widthOf('main.processNode')).toBe(900);
    expect(locationService.getSearchObject()).toEqual({});
  });

  it('opens at the node in the URL, and follows a link within the dashboard', () => {
    locationService.push('/?fg-3=p');
    render(storm());
    expect(widthOf('main.processNode')).toBe(1000);
    act(() => locationService.push('/?fg-3=m'));
    expect(widthOf('main.main')).toBe(1000);
  });

  it('stays where it is when the rest of the URL changes', () => {
    render(storm());
    click('main.main');
    act(() => locationService.partial({ from: 'now-5m' }));
    expect(widthOf('main.main')).toBe(1000);
  });

  it('is kept over a refresh, with search and the active frame', async () => {
    const { rerender } = render(storm());
    click('main.main');
    await userEvent.type(screen.getByRole('textbox', { name: /search/i }), 'main');
    rerender(storm(STORM.map((row) => (row.node === 'm' ? { ...row, value: 300 } : row))));
    expect(widthOf('main.main')).toBe(1000);
    expect(activeFrame()).toHaveAttribute('data-node', 'm');
    expect(status()).toHaveTextContent('2 frames match: 1,200 of 1,200');
  });

  it('comes back to a frame that was gone for a while', () => {
    const { rerender } = render(storm());
    click('main.main');
    rerender(storm(STORM.slice(0, 2)));
    expect(widthOf('main.processNode')).toBe(1000);
    rerender(storm());
    expect(widthOf('main.main')).toBe(1000);
  });
});

it('keeps each frame’s element over a refresh that puts another before it', () => {
  const { rerender } = render(storm());
  const before = frame('main.processNode');
  const { left, width } = before.style;
  rerender(storm([{ node: 'n', parent: '', function: 'a.newcomer', value: 0 }, ...STORM]));
  expect(frame('main.processNode')).toBe(before);
  expect([before.style.left, before.style.width]).toEqual([left, width]);
});

describe('small siblings', () => {
  const many = [
    { node: 'p', parent: '', function: 'main.processNode', value: 10_000 },
    ...Array.from({ length: 30 }, (_, i) => ({ node: `s${i}`, parent: '', function: `main.small${i}`, value: 10 })),
  ];

  it('are one frame that says how many, and opens on click', () => {
    render(storm(many));
    expect(frame('30 smaller')).toHaveAccessibleName('30 smaller, 300 goroutines, 2.9 %');
    expect(screen.queryByRole('treeitem', { name: /main.small/ })).toBeNull();
    click('30 smaller');
    expect(widthOf('main.small10')).toBeCloseTo(33.3);
    expect(locationService.getSearchObject()).toEqual({ 'fg-3': '~s0' });
    expect(status()).toHaveTextContent('30 smaller: 300 of 10,300 (2.9 %)');
  });

  it('are opened by a search that goes to one of them', async () => {
    render(storm(many));
    await userEvent.type(screen.getByRole('textbox', { name: /search/i }), 'small17{Enter}');
    expect(frame('main.small17')).toHaveAttribute('aria-selected', 'true');
    expect(widthOf('main.small17')).toBe(1000);
  });
});

describe('search', () => {
  const input = () => screen.getByRole('textbox', { name: /search/i });

  it('is by regular expression, counting nested matches once', async () => {
    render(storm());
    await userEvent.type(input(), 'process|gopark');
    expect(status()).toHaveTextContent('2 frames match: 900 of 1,000 (90 %)');
  });

  it('is by words, of which a name has all, when told so', async () => {
    render(storm());
    await userEvent.click(screen.getByRole('button', { name: 'Regular expression' }));
    await userEvent.type(input(), 'node main.(');
    expect(status()).toHaveTextContent('0 frames match');
    await userEvent.clear(input());
    await userEvent.type(input(), 'node main.');
    expect(status()).toHaveTextContent('1 frame matches: 900');
  });

  it('goes from match to match by Enter and Shift+Enter, round and round', async () => {
    render(storm());
    await userEvent.type(input(), 'main{Enter}');
    expect(activeFrame()).toHaveAttribute('data-node', 'p');
    await userEvent.keyboard('{Enter}');
    expect(activeFrame()).toHaveAttribute('data-node', 'm');
    expect(status()).toHaveTextContent('2 of 2 frames match');
    await userEvent.keyboard('{Enter}');
    expect(activeFrame()).toHaveAttribute('data-node', 'p');
    await userEvent.keyboard('{Shift>}{Enter}{/Shift}');
    expect(activeFrame()).toHaveAttribute('data-node', 'm');
  });

  it('says why an expression is invalid and keeps the picture', async () => {
    render(storm());
    await userEvent.type(input(), '(');
    expect(status()).toHaveTextContent(/Invalid regular expression/);
    expect(widthOf('main.processNode')).toBe(900);
  });
});

describe('the tooltip', () => {
  it('has total, self and share of the frame under the pointer', () => {
    render(storm());
    fireEvent.mouseMove(graph(), middleOf('main.processNode'));
    expect(screen.getByTestId('flame-graph-tooltip')).toHaveTextContent(
      /main\.processNodeTotal900 ?Self0Share of all90 %/
    );
    fireEvent.mouseLeave(graph());
    expect(screen.queryByTestId('flame-graph-tooltip')).toBeNull();
  });

  it('says what a synthetic frame stands for', () => {
    render(storm([...STORM, { node: 'd', parent: 'p', function: '(dropped)', value: 500 }]));
    fireEvent.mouseMove(graph(), { clientX: 800, clientY: 2.5 * ROW_HEIGHT });
    expect(screen.getByTestId('flame-graph-tooltip')).toHaveTextContent('left out to stay within the limit');
  });
});

it.each([
  ['HTML', '<img src=x onerror=alert(1)>'],
  ['a right-to-left override', 'main.\u202egnp.exe'],
  ['control characters', 'main.\u0000\u001b[31mf'],
  ['10 kB', `main.${'f'.repeat(10_000)}`],
  ['emoji', 'main.🔥🔥'],
])('shows a name of %s as text', (_, hostile) => {
  render(storm([...STORM, { node: 'h', parent: '', function: hostile, value: 500 }]));
  fireEvent.mouseMove(graph(), { clientX: 700, clientY: 1.5 * ROW_HEIGHT });
  expect(screen.getByTestId('flame-graph-tooltip').textContent!.length).toBeLessThan(1000);
  expect(document.querySelector('img')).toBeNull();
  expect(document.body.textContent).not.toMatch(/[\u0000-\u0008\u001b\u202e]/);
});

describe('the keyboard', () => {
  beforeEach(() => {
    render(storm([...STORM, { node: 'r', parent: 'm', function: 'main.run', value: 60 }]));
    focusGraph();
  });

  it('moves to the caller, the widest callee, and the neighbours of a row whoever calls them', async () => {
    await userEvent.keyboard('{ArrowDown}');
    expect(activeFrame()).toHaveAccessibleName(/^main.processNode/);
    await userEvent.keyboard('{ArrowDown}');
    expect(activeFrame()).toHaveAccessibleName(/^runtime.gopark/);
    await userEvent.keyboard('{ArrowRight}');
    expect(activeFrame()).toHaveAccessibleName(/^main.run/);
    await userEvent.keyboard('{ArrowUp}');
    expect(activeFrame()).toHaveAccessibleName(/^main.main/);
    await userEvent.keyboard('{ArrowLeft}');
    expect(activeFrame()).toHaveAccessibleName(/^main.processNode/);
  });

  it('zooms by Enter and goes back by Escape, which at the root is left to Grafana', async () => {
    const grafana = jest.fn();
    document.addEventListener('keydown', grafana);
    await userEvent.keyboard('{ArrowDown}{Enter}');
    expect(widthOf('main.processNode')).toBe(1000);
    await userEvent.keyboard('{Escape}');
    expect(widthOf('main.processNode')).toBe(900);
    expect(grafana).not.toHaveBeenCalled();
    await userEvent.keyboard('{Escape}');
    expect(grafana).toHaveBeenCalledTimes(1);
    document.removeEventListener('keydown', grafana);
  });

  it('searches by a slash, and comes back from there', async () => {
    await userEvent.keyboard('/');
    expect(screen.getByRole('textbox', { name: /search/i })).toHaveFocus();
    await userEvent.keyboard('main.run{ArrowDown}');
    expect(graph()).toHaveFocus();
    await userEvent.keyboard('n');
    expect(activeFrame()).toHaveAccessibleName(/^main.run/);
  });

  it('opens the actions of the active frame by m, and comes back when they are closed', async () => {
    await userEvent.keyboard('{ArrowDown}m');
    expect(screen.getByRole('menuitem', { name: 'Copy name' })).toBeInTheDocument();
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(graph()).toHaveFocus());
  });

  it('leaves Tab, and keys with Control or Alt, to the browser', async () => {
    for (const key of [{ key: 'Tab' }, { key: 'ArrowLeft', altKey: true }, { key: 'n', ctrlKey: true }]) {
      // False is that somebody prevented the default.
      expect(fireEvent.keyDown(graph(), key)).toBe(true);
    }
  });

  it('is a tree whose items say level, place and number', async () => {
    await userEvent.keyboard('{ArrowDown}{ArrowRight}');
    const item = activeFrame();
    expect(item).toHaveAttribute('aria-level', '2');
    expect(item).toHaveAttribute('aria-posinset', '2');
    expect(item).toHaveAttribute('aria-setsize', '2');
    expect(item).toHaveAttribute('aria-selected', 'true');
    expect(
      within(graph())
        .getAllByRole('treeitem')
        .map((each) => each.getAttribute('data-node'))
    ).toEqual(['', 'p', 'm', 'r']);
  });
});

describe('the actions of a frame', () => {
  /** Of runtime.gopark. */
  const open = () => fireEvent.contextMenu(graph(), middleOf('main.processNode', 1));

  it('are in a menu on right click: copying, source, data links', async () => {
    const table = tableOf(STORM);
    table.fields[4].getLinks = ({ valueRowIndex }) => [
      { title: `Logs of ${STORM[valueRowIndex!].function}`, href: '/logs', target: '_blank', origin: table.fields[4] },
    ];
    const options = { sourceUrl: 'https://pkg.go.dev/{package}#{name}' };
    render(panel({ series: [table], options }));
    open();
    expect(screen.getByRole('menuitem', { name: 'Copy path from the root' })).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Open source' })).toHaveAttribute(
      'href',
      'https://pkg.go.dev/runtime#gopark'
    );
    expect(screen.getByRole('link', { name: 'Logs of runtime.gopark' })).toHaveAttribute('href', '/logs');
    expect(screen.getByRole('menuitem', { name: /Explore/ })).toHaveTextContent('Not in snapshots');
  });

  it('put the function into the dashboard’s variable, which is searched for', async () => {
    const { rerender } = render(storm(STORM, { variables: { function: '' } }));
    open();
    await userEvent.click(screen.getByRole('menuitem', { name: /Focus the dashboard/ }));
    expect(locationService.getSearchObject()).toMatchObject({ 'var-function': 'runtime.gopark' });
    rerender(storm(STORM, { variables: { function: 'runtime.gopark' } }));
    expect(status()).toHaveTextContent('1 frame matches: 900 of 1,000');
  });

  it('have no variable where the dashboard has none', () => {
    render(storm());
    open();
    expect(screen.queryByRole('menuitem', { name: /Focus the dashboard/ })).toBeNull();
  });

  it('find a function everywhere', async () => {
    render(storm());
    open();
    await userEvent.click(screen.getByRole('menuitem', { name: /Find this function/ }));
    expect(screen.getByRole('textbox', { name: 'Search functions by words' })).toHaveValue('runtime.gopark');
  });
});

describe('compared with a baseline', () => {
  const before: Row[] = [
    { node: 'p', parent: '', function: 'main.processNode', value: 300 },
    { node: 'g', parent: 'p', function: 'runtime.gopark', value: 300 },
    { node: 'o', parent: '', function: 'main.old', value: 50 },
  ];

  it('tells the change and its rate, as amounts', () => {
    render(compared(STORM, before));
    expect(status()).toHaveTextContent('1,000 goroutines, +650 since 5 min ago (+130 a minute)');
    expect(frame('main.processNode')).toHaveAccessibleName(
      'main.processNode, 900 goroutines, 90 %, +600 since 5 min ago'
    );
  });

  it('marks frames that are new, and gives those that are gone the width that they had', () => {
    render(compared(STORM, before));
    expect(frame('main.main')).toHaveAccessibleName(/\+100 since 5 min ago, new$/);
    expect(frame('main.old')).toHaveAccessibleName(/−50 since 5 min ago, vanished$/);
    expect(widthOf('main.old')).toBeCloseTo((1000 * 50) / 1050, 1);
  });

  it('leaves out those that are gone when told so', () => {
    render(compared(STORM, before, { options: { showVanished: false } }));
    expect(screen.queryByRole('treeitem', { name: /main.old/ })).toBeNull();
    expect(widthOf('main.processNode')).toBe(900);
  });

  it('chooses another by the dashboard’s variable', async () => {
    render(compared(STORM, before));
    await userEvent.click(screen.getByRole('button', { name: /Baseline: Since 5 min ago/ }));
    await userEvent.click(screen.getByRole('menuitemradio', { name: '1 hour ago' }));
    expect(locationService.getSearchObject()).toMatchObject({ 'var-baseline': 'offset 1h' });
  });

  it('says why another cannot be chosen', () => {
    render(compared(STORM, before, { variables: {} }));
    expect(screen.getByRole('button', { name: /no variable “baseline”/ })).toBeDisabled();
  });

  it('says that nothing is known of it when its query has no series', () => {
    render(compared(STORM, []));
    expect(screen.getByRole('note')).toHaveTextContent('Nothing is known of 5 min ago');
    expect(status()).toHaveTextContent(/^1,000 goroutines$/);
  });

  it('is off where the variable is empty', () => {
    render(compared(STORM, before, { variables: { baseline: '' } }));
    expect(status()).toHaveTextContent(/^1,000 goroutines$/);
    expect(screen.getByRole('button', { name: /Baseline: No baseline/ })).toBeEnabled();
  });

  it('says which processes were not there, were restarted, or had closures numbered anew', () => {
    const number = (refId: string, value: number) =>
      toDataFrame({ refId, fields: [{ name: 'Value', type: FieldType.number, values: [value] }] });
    render(
      compared(
        [...STORM, { node: 'f2', parent: 'm', function: 'main.main.func2', value: 1 }],
        [
          ...before,
          { node: 'm', parent: '', function: 'main.main', value: 9 },
          { node: 'f1', parent: 'm', function: 'main.main.func1', value: 1 },
        ],
        { series: [number('E', 2), number('F', 1)] }
      )
    );
    const note = screen.getByRole('note');
    expect(note).toHaveTextContent('2 processes have a call tree now and none 5 min ago');
    expect(note).toHaveTextContent('1 process was restarted since 5 min ago');
    expect(note).toHaveTextContent('1 closure vanished where one of another number appeared');
  });

  it('still compares in a snapshot, without a choice', () => {
    render(panel({ series: [tableOf(STORM), tableOf(before, 'B')] }));
    expect(status()).toHaveTextContent('+650 since the baseline');
    expect(screen.getByRole('button', { name: /snapshots/ })).toBeDisabled();
  });
});

describe('stack bytes', () => {
  const BYTES: Row[] = [
    { node: 'p', parent: '', function: 'main.processNode', value: 900 * 2048 },
    { node: 'g', parent: 'p', function: 'runtime.gopark', value: 900 * 2048 },
    { node: 'm', parent: '', function: 'main.main', value: 100 * 18432 },
  ];
  const both = { series: [tableOf(STORM), tableOf(BYTES, 'C')] };

  it('can be the width, in bytes', () => {
    render(panel({ ...both, options: { measure: 'bytes' } }));
    expect(widthOf('main.processNode')).toBe(500);
    expect(status()).toHaveTextContent('3.52 MiB of stacks');
  });

  it('can be divided by goroutines: siblings share their caller’s width by their means', () => {
    render(panel({ ...both, options: { measure: 'bytesPerGoroutine' } }));
    expect(widthOf('main.main')).toBe(900);
    expect(frame('main.main')).toHaveAccessibleName('main.main, 18 KiB of stack a goroutine');
    expect(status()).toHaveTextContent('3.60 KiB of stack a goroutine');
  });

  it('are chosen by one switch', async () => {
    render(panel({ ...both, width: 1200 }));
    await userEvent.click(screen.getByRole('radio', { name: 'Stack bytes' }));
    expect(status()).toHaveTextContent('3.52 MiB of stacks');
  });

  it('say what they need where there is no query of them', async () => {
    render(storm());
    await userEvent.click(screen.getByRole('button', { name: /How it is shown/ }));
    expect(screen.getByRole('menuitemradio', { name: /Stack bytes/ })).toHaveTextContent(
      'Needs a query of goroutine_calltree_stack_bytes'
    );
  });
});

it('collapses the runtime’s leaves into the function that waits', async () => {
  render(storm());
  await userEvent.click(screen.getByRole('button', { name: /How it is shown/ }));
  await userEvent.click(screen.getByRole('menuitemcheckbox', { name: /Collapse the runtime/ }));
  expect(screen.queryByRole('treeitem', { name: /gopark/ })).toBeNull();
  fireEvent.mouseMove(graph(), middleOf('main.processNode'));
  expect(screen.getByTestId('flame-graph-tooltip')).toHaveTextContent(/Self900/);
});

it('shows a table beside the graph, whose rows lead to frames', async () => {
  render(storm(STORM, { options: { view: 'both' } }));
  const table = screen.getByRole('table');
  await userEvent.click(within(table).getByRole('button', { name: /gopark/ }));
  expect(activeFrame()).toHaveAttribute('data-node', 'g');
});

it('copies a summary for an incident’s chat', async () => {
  const user = userEvent.setup();
  Object.defineProperty(window, 'isSecureContext', { value: true, configurable: true });
  render(
    compared(STORM, [
      { ...STORM[0], value: 300 },
      { ...STORM[1], value: 300 },
    ])
  );
  await user.click(screen.getByRole('button', { name: 'Share' }));
  await user.click(screen.getByRole('menuitem', { name: /summary/ }));
  const lines = (await navigator.clipboard.readText()).split('\n');
  expect(lines[0]).toBe('1,000 goroutines, +700 since 5 min ago (+140 a minute)');
  expect(lines[1]).toBe('• 90 % main.processNode → runtime.gopark: 900, +600');
  expect(lines.at(-1)).toMatch(/^http/);
});

describe('says what is the matter', () => {
  it.each([
    ['loading', { state: LoadingState.Loading }, 'Loading…'],
    ['an empty answer', {}, 'the query returned no series'],
    [
      'a failed query',
      { state: LoadingState.Error, errors: [{ message: 'bad_data: parse error' }] },
      'bad_data: parse error',
    ],
  ])('%s', (_, data, message) => {
    render(panel(data));
    expect(screen.getByText(new RegExp(message))).toBeInTheDocument();
  });

  it('a frame that lacks labels', () => {
    const foreign = toDataFrame({ refId: 'A', fields: [{ name: 'Value', type: FieldType.number, values: [1] }] });
    render(panel({ series: [foreign] }));
    expect(screen.getByRole('alert')).toHaveTextContent('lacks “function” and “node”');
  });

  it('a tree that had to be mended, or has parts left out, below the picture', () => {
    render(
      storm([
        ...STORM,
        { node: 'o', parent: 'gone', function: 'main.o', value: 1 },
        { node: 'd', parent: 'm', function: '(dropped)', value: 40 },
        { node: 't', parent: '', function: '(truncated)', value: 9 },
      ])
    );
    const note = screen.getByRole('note');
    expect(note).toHaveTextContent('1 frame hangs from the root');
    expect(note).toHaveTextContent('40 (4.0 %) in call paths that the collector left out');
    expect(note).toHaveTextContent('9 (0.9 %) have stacks that their source cut off');
  });

  it('more series than can be drawn, and how to have fewer', () => {
    const nodes = Array.from({ length: MOST_ROWS + 1 }, (_, i) => `n${i}`);
    const column = (name: string, values: unknown[], type = FieldType.string) => ({ name, type, values, config: {} });
    const length = nodes.length;
    const fields = [
      column('function', nodes),
      column('node', nodes),
      column('Value', new Array(length).fill(1), FieldType.number),
    ];
    render(panel({ series: [{ refId: 'A', length, fields }] }));
    expect(screen.getByRole('alert')).toHaveTextContent('250,001 series are too many to draw');
    expect(screen.getByText(/Merge the trees of all processes by/)).toBeInTheDocument();
  });
});
