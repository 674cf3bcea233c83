import path from 'node:path';
import { mustRun, run, withProgress } from './command';
import { waitFor } from './processes';

const ROOT = path.resolve(__dirname, '..');

/** Whether `docker compose` can run containers here; says why not. */
export async function dockerWorks(log: (message: string) => void): Promise<boolean> {
  for (const args of [['compose', 'version'], ['info']]) {
    const { ok, output } = await run('docker', args, { timeout: 10_000 });
    if (!ok) {
      log(`Passing over Docker: docker ${args.join(' ')} failed: ${output.trim().split('\n').pop() || 'no answer'}`);
      return false;
    }
  }
  return true;
}

export interface ComposePorts {
  grafana: number;
  prometheus: number;
  exporter: number;
  program: number;
  robots: number;
}

/** Runs docker-compose.yaml, Grafana's alerts provisioned from `alertingFolder`. */
export class Compose {
  private readonly env: Record<string, string>;

  constructor(
    private readonly ports: ComposePorts,
    alertingFolder: string
  ) {
    const published = Object.entries(ports).map(([name, port]) => [`${name.toUpperCase()}_PORT`, String(port)]);
    this.env = { ...Object.fromEntries(published), ALERTING_FOLDER: alertingFolder };
  }

  async up() {
    const started = mustRun('docker', ['compose', 'up', '--build', '--detach'], { cwd: ROOT, env: this.env });
    await withProgress('starting the containers', started);
    await waitFor('Grafana', `http://127.0.0.1:${this.ports.grafana}/api/health`, 120);
  }

  async down() {
    await mustRun('docker', ['compose', 'down', '--volumes'], { cwd: ROOT, env: this.env });
  }
}
