import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gte } from 'semver';
import { mustRun, run, withProgress } from './command';

export interface Prometheus {
  prometheus: string;
  promtool: string;
  /** Where it is from, for the person. */
  from: string;
}

/** keep_firing_for came with this one. */
const OLDEST = '2.42.0';

const REPOSITORY = 'github.com/prometheus/prometheus';
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
  const folder = path.join(CACHE, pinnedVersion());
  const built = { prometheus: path.join(folder, 'prometheus'), promtool: path.join(folder, 'promtool') };
  if (!existsSync(built.prometheus) || !existsSync(built.promtool)) {
    const why = installed ? `the one on the PATH is ${installed}, older than ${OLDEST}` : 'there is none on the PATH';
    console.log(`Building Prometheus, as ${why}. This takes some minutes, once …`);
    await withProgress('building Prometheus', build(folder));
  }
  return { ...built, from: 'built from its Go module, which leaves its web pages out' };
}

async function versionOf(command: string): Promise<string | undefined> {
  // 2.x prints its version on standard error.
  const { output } = await run(command, ['--version']);
  return /version (\d+\.\d+\.\d+)/.exec(output)?.[1];
}

function pinnedVersion(): string {
  const required = /github\.com\/prometheus\/prometheus (v\S+)/.exec(readFileSync(path.join(MODULE, 'go.mod'), 'utf8'));
  return required![1];
}

async function build(folder: string) {
  mkdirSync(folder, { recursive: true });
  for (const name of ['prometheus', 'promtool']) {
    // Service discovery for clouds is most of its dependencies, and the demo uses files.
    const args = ['build', '-tags', 'remove_all_sd', '-o', path.join(folder, name), `${REPOSITORY}/cmd/${name}`];
    // It wants a recent Go, which an older one fetches if it may.
    const env = { GOWORK: 'off', GOFLAGS: '-mod=readonly', GOTOOLCHAIN: 'auto' };
    await mustRun('go', args, { cwd: MODULE, env });
  }
}
