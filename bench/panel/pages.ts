import { cpSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildPreview } from '../../demo/preview/build';
import { type Preview, servePage } from '../../demo/preview/server';
import { callTree, subjectOf, type Subject } from './data/callTree';
import { type MeasuredImplementation, ROOT } from './implementations';

const PAGES = path.join(ROOT, '.cache/bench-panel');
const MEASURED_BUILD = path.join(PAGES, 'dist');

/** Keeps what is measured as it is now, whoever builds the plugin meanwhile. */
export function takeBuild() {
  rmSync(MEASURED_BUILD, { recursive: true, force: true });
  cpSync(path.join(ROOT, 'dist'), MEASURED_BUILD, { recursive: true });
}

/** Where a page finds the call tree of a size. */
export const addressOf = (nodes: number) => `calltree-${nodes}.json`;

/** Builds the page of an implementation, with its own packages, and serves it. */
export async function startPage(
  { name, script, nodeModules }: MeasuredImplementation,
  sizes: number[]
): Promise<Preview> {
  const hostDir = path.join(PAGES, name);
  await buildPreview({
    nodeModules,
    outDir: hostDir,
    script: path.join(__dirname, 'host', script),
    files: {
      'index.html': path.join(__dirname, 'host/index.html'),
      'd3-flamegraph.css': path.join(ROOT, 'node_modules/d3-flame-graph/dist/d3-flamegraph.css'),
    },
  });
  for (const nodes of sizes) {
    writeFileSync(path.join(hostDir, addressOf(nodes)), JSON.stringify(callTree(nodes)));
  }
  return servePage({ port: 0, hostDir, distDir: MEASURED_BUILD });
}

export function subjectsOf(sizes: number[]): Map<number, Subject> {
  return new Map(sizes.map((nodes) => [nodes, subjectOf(callTree(nodes))]));
}
