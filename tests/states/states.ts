import {
  type DataFrame,
  type DataQueryRequest,
  dateTime,
  FieldType,
  LoadingState,
  type PanelData,
} from '@grafana/data';
import type { StateName } from './names';

export interface Row {
  node: string;
  parent: string;
  function: string;
  value: number;
}

/** A state of the panel, as its tests show it. */
export interface State {
  frames: DataFrame[];
  answer?: Pick<Partial<PanelData>, 'state' | 'errors'>;
  request?: DataQueryRequest;
  variables?: Record<string, string>;
  options?: object;
}

/** A path of functions, and its goroutines now and at the baseline. */
type Stack = [path: string, now: number, before: number];

/** A web service whose workers wait for a database that answers no more. */
const SERVICE: Stack[] = [
  ['main.(*pool).worker>main.(*pool).take>database/sql.(*DB).conn>runtime.selectgo>runtime.gopark', 8200, 900],
  ['main.(*pool).worker>main.(*pool).take>github.com/redis/go-redis/v9.(*Client).Get>runtime.gopark', 900, 900],
  ['net/http.(*conn).serve>net/http.serverHandler.ServeHTTP>main.handleCheckout>main.charge', 700, 750],
  ['net/http.(*conn).serve>net/http.(*connReader).Read>internal/poll.(*FD).Read>runtime.gopark', 1200, 1150],
  ['main.retryForever>time.Sleep>runtime.gopark', 640, 0],
  ['main.legacyExport>bufio.(*Writer).Flush', 0, 520],
  ['runtime.main>main.main>net/http.ListenAndServe', 1, 1],
  ['github.com/acme/metrics.(*Pusher).loop>runtime.gopark', 12, 12],
  ['(running)', 60, 40],
  ...Array.from({ length: 40 }, (_, i): Stack => [`main.(*shard).flush.func${i + 1}>runtime.gopark`, 2, 2]),
];

const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  'main.\u202egnp.exe',
  'main.a\u0000b\u001b[31mc\nd',
  `main.${'veryLongName'.repeat(850)}`,
  'main.🔥👩‍👩‍👧‍👦',
  'main.العربية',
  '"}) or vector(1) #',
];

export const STATES: Record<StateName, () => State> = {
  service: () => ({ frames: [tableOf(merge(SERVICE, 1))] }),
  compared: () => comparedWith('offset 5m'),
  'both views': () => ({ ...comparedWith('offset 5m'), options: { view: 'both' } }),
  table: () => ({ ...comparedWith('offset 5m'), options: { view: 'table' } }),
  'bytes a goroutine': () => ({
    frames: [tableOf(merge(SERVICE, 1)), tableOf(withBytes(merge(SERVICE, 1)), 'C')],
    options: { measure: 'bytesPerGoroutine' },
  }),
  collapsed: () => ({ frames: [tableOf(merge(SERVICE, 1))], options: { collapseRuntime: true } }),
  thresholds: () => ({ frames: [tableOf(merge(SERVICE, 1), 'A', 5000)], options: { colorBy: 'thresholds' } }),
  'no baseline data': () => ({ ...comparedWith('offset 5m'), frames: [tableOf(merge(SERVICE, 1)), tableOf([], 'B')] }),
  partial: () => ({
    frames: [
      tableOf([
        ...merge(SERVICE, 1),
        { node: 'd', parent: 'main.(*pool).worker', function: '(dropped)', value: 0 },
        { node: 'd2', parent: '', function: '(dropped)', value: 830 },
        { node: 't', parent: '', function: '(truncated)', value: 410 },
        { node: 'o', parent: 'gone', function: 'main.orphan', value: 200 },
      ]),
    ],
  }),
  hostile: () => ({
    frames: [tableOf(HOSTILE.map((name, i) => ({ node: `h${i}`, parent: '', function: name, value: 100 + i })))],
  }),
  loading: () => ({ frames: [], answer: { state: LoadingState.Loading } }),
  empty: () => ({ frames: [] }),
  failed: () => ({
    frames: [],
    answer: { state: LoadingState.Error, errors: [{ message: 'bad_data: 1:5: parse error: unexpected "}"' }] },
  }),
  foreign: () => ({
    frames: [frameOf('A', { job: ['a', 'b'], function: ['main.f', 'main.g'] }, [1, 2])],
  }),
  'too many': () => {
    const names = Array.from({ length: 250_001 }, (_, i) => `n${i}`);
    return { frames: [frameOf('A', { function: names, node: names, parent: names }, new Array(names.length).fill(1))] };
  },
  /** A chain of 20,000 frames, as of a runaway recursion that was not folded. */
  deep: () => {
    const nodes = Array.from({ length: 20_000 }, (_, i) => `n${i}`);
    const parents = nodes.map((_, i) => (i === 0 ? '' : nodes[i - 1]));
    const names = nodes.map((_, i) => `main.recurse${i % 7}`);
    return { frames: [frameOf('A', { function: names, node: nodes, parent: parents }, new Array(20_000).fill(3))] };
  },
  /** 200,000 frames of one function, each of which a search finds. */
  'many hits': () => {
    const nodes = Array.from({ length: 200_000 }, (_, i) => `n${i}`);
    const parents = nodes.map((_, i) => (i < 400 ? '' : nodes[Math.floor(i / 400)]));
    const values = new Array(nodes.length).fill(0);
    for (let i = nodes.length - 1; i >= 0; i--) {
      values[i] += 1;
      if (i >= 400) {
        values[Math.floor(i / 400)] += values[i];
      }
    }
    return {
      frames: [frameOf('A', { function: nodes.map(() => 'main.same'), node: nodes, parent: parents }, values)],
    };
  },
};

function comparedWith(modifier: string): State {
  const targets = [
    { refId: 'A', expr: 'tree' },
    { refId: 'B', expr: 'tree $baseline' },
  ];
  const range = { from: dateTime(0), to: dateTime(3_600_000), raw: { from: 'now-1h', to: 'now' } };
  return {
    frames: [tableOf(merge(SERVICE, 1)), tableOf(merge(SERVICE, 2), 'B')],
    request: { targets, range, scopedVars: {} } as unknown as DataQueryRequest,
    variables: { baseline: modifier },
  };
}

/** The tree of some stacks; a node is the path to it. */
export function merge(stacks: Stack[], column: 1 | 2): Row[] {
  const rows = new Map<string, Row>();
  for (const stack of stacks) {
    const names = stack[0].split('>');
    names.forEach((name, i) => {
      const node = names.slice(0, i + 1).join('>');
      const row = rows.get(node) ?? { node, parent: names.slice(0, i).join('>'), function: name, value: 0 };
      row.value += stack[column];
      rows.set(node, row);
    });
  }
  return [...rows.values()].filter(({ value }) => value > 0);
}

/** Stacks of 2 KiB, and of 32 KiB in the workers. */
function withBytes(rows: Row[]): Row[] {
  return rows.map((row) => ({ ...row, value: row.value * (row.node.startsWith('main.(*pool)') ? 32_768 : 2048) }));
}

/** @param red a threshold */
export function tableOf(rows: Row[], refId = 'A', red?: number): DataFrame {
  const column = (key: keyof Row) => rows.map((row) => row[key]);
  const labels = { function: column('function'), node: column('node'), parent: column('parent') };
  return frameOf(refId, rows.length > 0 ? labels : {}, column('value') as number[], red);
}

function frameOf(refId: string, labels: Record<string, unknown[]>, values: number[], red?: number): DataFrame {
  const steps = [
    { value: -Infinity, color: 'green' },
    { value: 500, color: 'orange' },
    { value: red ?? 0, color: 'red' },
  ];
  const config = red === undefined ? {} : { thresholds: { mode: 'absolute', steps } };
  return {
    refId,
    length: values.length,
    fields: [
      ...Object.entries(labels).map(([name, text]) => ({ name, type: FieldType.string, config: {}, values: text })),
      { name: 'Value', type: FieldType.number, config: config as object, values },
    ],
  };
}
