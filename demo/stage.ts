import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mustRun } from './command';
import { type Processes, waitFor } from './processes';
import { findPrometheus } from './prometheus';

/** A leaking program, its probe, and the Prometheus that scrapes both: what a demo shows and browser tests look at. */
export interface Stage {
  job: string;
  programUrl: string;
  exporterUrl: string;
  prometheusUrl: string;
  prometheusFrom: string;
}

export interface StageOptions {
  /** An empty folder for binaries, configuration and series. */
  folder: string;
  processes: Processes;
  ports: { program: number; exporter: number; prometheus: number };
  log(message: string): void;
}

const ROOT = path.resolve(__dirname, '..');

/** The scenario, and its job in Prometheus. */
export const SCENARIO = 'spawn-storm';

/**
 * A limit for the storm to run into: 120 goroutines a second of some 3 kB take a third of it in five minutes, which is
 * what the alert looks for, and stop at 80,000, which the smallest laptop bears.
 */
const STORM = { GOMEMLIMIT: '256MiB', rate: '120', max: '80000' };

export async function startStage({ folder, processes, ports, log }: StageOptions): Promise<Stage> {
  const prometheus = await findPrometheus();
  log('Building the program and the exporter …');
  const program = await goBuild('./scenarios', path.join(folder, 'scenarios'));
  const exporter = await goBuild('./collector/cmd/goroutine_stack_exporter', path.join(folder, 'exporter'));

  const address = (port: number) => `127.0.0.1:${port}`;
  processes.start({
    name: 'Program',
    command: program,
    args: ['-scenario', SCENARIO, '-listen', address(ports.program), '-rate', STORM.rate, '-max', STORM.max],
    env: { GOMEMLIMIT: STORM.GOMEMLIMIT },
  });
  processes.start({
    name: 'Exporter',
    command: exporter,
    args: [`--web.listen-address=${address(ports.exporter)}`],
  });
  processes.start({
    name: 'Prometheus',
    command: prometheus.prometheus,
    args: [
      `--config.file=${prometheusConfig(folder, address(ports.program), address(ports.exporter))}`,
      `--storage.tsdb.path=${path.join(folder, 'series')}`,
      `--web.listen-address=${address(ports.prometheus)}`,
    ],
  });

  const stage = {
    job: SCENARIO,
    programUrl: `http://${address(ports.program)}`,
    exporterUrl: `http://${address(ports.exporter)}`,
    prometheusUrl: `http://${address(ports.prometheus)}`,
    prometheusFrom: prometheus.from,
  };
  await waitFor('The program', stage.programUrl, 20);
  await waitFor('The exporter', `${stage.exporterUrl}/-/healthy`, 20);
  await waitFor('Prometheus', `${stage.prometheusUrl}/-/ready`, 60);
  return stage;
}

async function goBuild(pkg: string, binary: string): Promise<string> {
  // Go refuses to read the repository's revision where another user owns the files.
  await mustRun('go', ['build', '-buildvcs=false', '-o', binary, pkg], { cwd: ROOT });
  return binary;
}

/** The committed configuration with this stage's addresses; it finds the rules by its place in the repository. */
function prometheusConfig(folder: string, program: string, exporter: string): string {
  const configFolder = path.join(folder, 'provisioning/prometheus');
  cpSync(path.join(ROOT, 'provisioning/prometheus'), configFolder, { recursive: true });
  cpSync(path.join(ROOT, 'alerts'), path.join(folder, 'alerts'), { recursive: true });
  const targets = (name: string, content: object) =>
    writeFileSync(path.join(configFolder, 'targets', `${name}.json`), JSON.stringify([content]));
  mkdirSync(path.join(configFolder, 'targets'), { recursive: true });
  targets('programs', { targets: [program], labels: { job: SCENARIO, __exporter__: exporter } });
  targets('exporter', { targets: [exporter] });
  return path.join(configFolder, 'prometheus.yml');
}
