import { median } from '../panel/results';
import type { PageLoad } from './timings';

/** The loads of one page; none where there is no such page. */
export interface Measured {
  page: string;
  withRules: boolean;
  /** Those that showed something. */
  loads: PageLoad[];
  /** How many others there were. */
  blank: number;
  /** Why there is nothing. */
  missing: string | undefined;
}

/** As written by --json: medians, in ms and bytes (decoded); `null` where nothing was measured. */
export interface Result {
  page: string;
  instances: number;
  with_rules: boolean;
  query_ms: number | null;
  bytes: number | null;
  first_paint_ms: number | null;
}

export function resultOf({ page, withRules, loads, missing }: Measured, instances: number): Result {
  const of = (read: (load: PageLoad) => number) => (missing ? null : median(loads.map(read)));
  const painted = loads.flatMap(({ firstPaintMs }) => firstPaintMs ?? []);
  return {
    page,
    instances,
    with_rules: withRules,
    query_ms: of(({ queryMs }) => queryMs),
    bytes: of(({ decodedBytes }) => decodedBytes),
    first_paint_ms: missing ? null : median(painted),
  };
}

const COLUMNS = [
  'page',
  'rules',
  'first paint',
  'query',
  'fastest and slowest',
  'in the page',
  'requests',
  'failed',
  'blank loads',
  'sum',
  'slowest request',
  'bytes',
  'encoded',
];

/** A row a page, in Markdown: medians of the loads. */
export function table(measured: readonly Measured[]): string {
  const rows = measured.map(({ page, withRules, loads, blank, missing }) => {
    const rules = withRules ? 'with' : 'without';
    if (missing) {
      return [page, rules, `missing: ${missing}`, ...COLUMNS.slice(3).map(() => '')];
    }
    const of = (read: (load: PageLoad) => number) => median(loads.map(read))!;
    const queries = loads.map(({ queryMs }) => queryMs);
    return [
      page,
      rules,
      ms(median(loads.flatMap(({ firstPaintMs }) => firstPaintMs ?? []))!),
      ms(of(({ queryMs }) => queryMs)),
      `${ms(Math.min(...queries))} to ${ms(Math.max(...queries))}`,
      ms(of(({ inPageMs }) => inPageMs)),
      of(({ requests }) => requests),
      Math.max(...loads.map(({ failed }) => failed)),
      blank,
      ms(of(({ sumMs }) => sumMs)),
      ms(of(({ slowestMs }) => slowestMs)),
      kilobytes(of(({ decodedBytes }) => decodedBytes)),
      kilobytes(of(({ encodedBytes }) => encodedBytes)),
    ];
  });
  return [COLUMNS, COLUMNS.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function ms(value: number): string {
  return `${Math.round(value).toLocaleString('en')} ms`;
}

function kilobytes(value: number): string {
  return `${Math.round(value / 1000).toLocaleString('en')} kB`;
}
