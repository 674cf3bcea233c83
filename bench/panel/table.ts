import type { Subject } from './data/callTree';
import { median, type Result, type Runs } from './results';

const HEAD = ['nodes', 'implementation', 'first paint', 'zoom', 'search', 'hover', 'frames', 'heap'];

/** As Markdown, with each figure's ratio to ours of the same size. */
export function tableOf(results: Result[]): string {
  const rows = results.map((result) => {
    const ours = results.find(({ nodes, impl }) => nodes === result.nodes && impl === 'ours')!;
    const cell = (key: Exclude<keyof Result, 'nodes' | 'impl'>, unit: string) =>
      figure(result[key], result === ours ? null : ours[key], unit);
    return [
      result.nodes.toLocaleString('en'),
      result.impl,
      cell('first_paint_ms', ' ms'),
      cell('zoom_ms', ' ms'),
      cell('search_ms', ' ms'),
      cell('hover_ms', ' ms'),
      cell('frames_drawn', ''),
      cell('heap_mb', ' MB'),
    ];
  });
  const widths = HEAD.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i].length)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, i) => (i === 1 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 1 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(HEAD), rule, ...rows.map(line)].join('\n');
}

function figure(value: number | null, ours: number | null, unit: string): string {
  if (value === null) {
    return 'failed';
  }
  const digits = unit === ' MB' && value < 100 ? 1 : 0;
  const shown = `${value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })}${unit}`;
  return ours === null || ours <= 0 ? shown : `${shown} (${ratio(value / ours)})`;
}

function ratio(value: number): string {
  return `${value.toLocaleString('en', { maximumSignificantDigits: 2 })} ×`;
}

/** What has to be known to read the table. */
export function notesOf(all: Runs[], subjects: Map<number, Subject>, runs: number): string {
  const converting = [...new Set(all.map(({ impl }) => impl))].flatMap((impl) => {
    const ms = all.filter((one) => one.impl === impl).map(({ values }) => median(values.convert) ?? 0);
    return ms.some((each) => each > 0) ? [`${impl} ${ms.join(', ')} ms`] : [];
  });
  const zooms = [...subjects].map(
    ([nodes, { share, below, search, found }]) =>
      `${nodes.toLocaleString('en')} nodes: the frame has ${(100 * share).toFixed(0)} % of the width and ` +
      `${below.toLocaleString('en')} below it; ${search} matches ${found.toLocaleString('en')}`
  );
  return [
    `Medians of ${runs} runs; × is the ratio to ours. npm run bench:panel -- --help says what is measured, and how.`,
    `Of the first paint, converting the data frame took, by size: ${converting.join('; ')}. Ours takes it as it is.`,
    'A search in grafana-flamegraph begins 250 ms after the last letter, and its zoom takes a second click, in a menu.',
    'In d3-flame-graph, a frame that comes into view grows for 250 ms to its width, which no option of its own turns off.',
    ...zooms,
  ]
    .map((note) => `- ${note}`)
    .join('\n');
}
