import path from 'node:path';
import { execa } from 'execa';
import { waitFor } from './processes';

const ROOT = path.resolve(__dirname, '..');

/** Whether `docker compose` can run containers here; says why not. */
export async function dockerWorks(log: (message: string) => void): Promise<boolean> {
  for (const args of [['compose', 'version'], ['info']]) {
    const { failed, exitCode, stderr } = await execa('docker', args, { reject: false, timeout: 10_000 });
    if (failed) {
      const reason = exitCode === undefined ? 'it is not installed' : stderr.trim().split('\n').pop();
      log(`Passing over Docker: docker ${args.join(' ')} failed: ${reason}`);
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
    await execa('docker', ['compose', 'up', '--build', '--detach'], { cwd: ROOT, env: this.env, stdio: 'inherit' });
    await waitFor('Grafana', `http://127.0.0.1:${this.ports.grafana}/api/health`, 120);
  }

  async down() {
    await execa('docker', ['compose', 'down', '--volumes'], { cwd: ROOT, env: this.env, stdio: 'inherit' });
  }
}
