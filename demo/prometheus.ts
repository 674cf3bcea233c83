import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { gte } from 'semver';
import { mustRun, run } from './command';

export interface Prometheus {
  prometheus: string;
  promtool: string;
  /** Where it is from, for the person. */
  from: string;
}

/** keep_firing_for came with this one. */
const OLDEST = '2.42.0';

const MODULE = path.join(__dirname, 'prometheus');
const CACHE = path.resolve(__dirname, '../.cache/prometheus');

/**
 * The Prometheus on the PATH if it is new enough, else one built from its Go module at the version that
 * demo/prometheus/go.mod pins; that takes minutes once.
 */
export async function findPrometheus(): Promise<Prometheus> {
  const installed = await versionOf('prometheus');
  if (installed && gte(installed, OLDEST) && (await versionOf('promtool'))) {
    return { prometheus: 'prometheus', promtool: 'promtool', from: `${installed}, on the PATH` };
  }
  const built = { prometheus: path.join(CACHE, 'prometheus'), promtool: path.join(CACHE, 'promtool') };
  if (!existsSync(built.prometheus) || !existsSync(built.promtool)) {
    const why = installed ? `the one on the PATH is ${installed}, older than ${OLDEST}` : 'there is none on the PATH';
    console.log(`Building Prometheus, as ${why}. This takes some minutes, once …`);
    await build(built);
  }
  return { ...built, from: 'built from its Go module' };
}

async function versionOf(command: string): Promise<string | undefined> {
  // 2.x prints its version on standard error.
  const { output } = await run(command, ['--version']);
  return /version (\d+\.\d+\.\d+)/.exec(output)?.[1];
}

async function build(built: { prometheus: string; promtool: string }) {
  mkdirSync(CACHE, { recursive: true });
  const started = Date.now();
  const progress = setInterval(() => {
    console.log(`  still building Prometheus, ${Math.round((Date.now() - started) / 1000)} s so far`);
  }, 30_000);
  try {
    for (const [name, binary] of Object.entries(built)) {
      // Service discovery for clouds is most of its dependencies, and the demo uses files.
      const args = ['build', '-tags', 'remove_all_sd', '-o', binary, `github.com/prometheus/prometheus/cmd/${name}`];
      await mustRun('go', args, { cwd: MODULE, env: { GOWORK: 'off', GOFLAGS: '-mod=readonly' } });
    }
  } finally {
    clearInterval(progress);
  }
}
