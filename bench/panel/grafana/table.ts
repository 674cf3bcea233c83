import { median } from '../results';
import type { Scope } from './dashboard';
import type { Refresh } from './refresh';

/** The refreshes of one panel. */
export interface Measured {
  nodes: number;
  scope: Scope;
  refreshes: Refresh[];
  /** How long the panel's own code ran, in ms, of refreshes under a profiler. */
  panel: number[];
}

const COLUMNS = [
  'nodes',
  'queries',
  'answer',
  'server',
  'transfer',
  'browser',
  'panel’s own code',
  'two frames',
  'query to pixels',
  'fastest and slowest',
];

/** A row a panel, in Markdown; medians but for the last column. The panel's own code is of `browser` and `two frames`. */
export function table(measured: readonly Measured[]): string {
  const rows = measured.map(({ nodes, scope, refreshes, panel }) => {
    const of = (part: keyof Refresh) => median(refreshes.map((one) => one[part]))!;
    return [
      nodes.toLocaleString('en'),
      scope,
      `${(of('bytes') / 1e6).toFixed(2)} MB`,
      ...[of('server'), of('transfer'), of('browser'), median(panel)!, of('frames'), of('total')].map(ms),
      [Math.min, Math.max].map((extreme) => ms(extreme(...refreshes.map(({ total }) => total)))).join(' to '),
    ];
  });
  return [COLUMNS, COLUMNS.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}
