import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { GRAFANA_FLAMEGRAPH_FOLDER, ROOT } from './implementations';

/** What the figures are of, in a line each. */
export function describeMachine(chromium: string): string {
  const own = (name: string) => `${name} ${versionOf(ROOT, name)}`;
  const peers = (name: string) => `${name} ${versionOf(GRAFANA_FLAMEGRAPH_FOLDER, name)}`;
  const { length: cores, 0: cpu } = cpus();
  return [
    `${new Date().toISOString().slice(0, 10)}, ${cores} × ${cpu?.model.trim() ?? 'CPU of unknown model'}, ` +
      `Chromium ${chromium} headless without GPU, Node ${process.versions.node}`,
    `ours with ${['react', '@grafana/ui'].map(own).join(', ')}; ${own('d3-flame-graph')}; ` +
      `${['@grafana/flamegraph', 'react', '@grafana/ui'].map(peers).join(', ')}`,
  ].join('\n');
}

function versionOf(folder: string, name: string): string {
  return JSON.parse(readFileSync(path.join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;
}
