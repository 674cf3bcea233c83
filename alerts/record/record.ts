import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setMaxListeners } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { dump } from 'js-yaml';
import { mustRun } from '../../demo/command';
import { endGroup, Processes, waitFor } from '../../demo/processes';
import { findPrometheus } from '../../demo/prometheus';
import { MemoryCgroup, PARENT } from './cgroup';
import { openMetrics, type Series } from './openMetrics';
import { RUNS, type Run } from './plan';

/** An entry of recordings.json; times in Unix seconds. */
interface Recording {
  name: string;
  story: string;
  file: string;
  kind: Run['kind'];
  started_at: number[];
  onset_at?: number;
  growth_ends_at?: number[];
  killed_at: number[];
  limit_bytes: number;
  selector: Record<string, string>;
}

const ROOT = path.resolve(__dirname, '../..');
const CACHE = path.join(ROOT, '.cache/recordings');
const SCRAPE_SECONDS = 15;
const PORTS = { prometheus: 9490, cadvisor: 9491, firstProgram: 7500 };
const NAMESPACE = 'recordings';
const CONTAINER = 'app';

/** What rules and baselines may read. Of call trees the entry functions: whole ones would be most of the bytes. */
const KEPT = '__name__=~"up|go_.*|process_.*|cgroup_.*|container_.*|goroutine_stack_frames_max"';
const KEPT_OF_TREES = '__name__="goroutine_calltree_goroutines", depth="1"';

async function main() {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: path.join(ROOT, 'alerts/recordings') },
      only: { type: 'string', default: '' },
      'at-once': { type: 'string', default: '8' },
      cadvisor: { type: 'string' },
    },
  });
  const out = path.resolve(process.env.INIT_CWD ?? '.', values.out);
  const recorded = readRecordings(out);
  const only = new RegExp(values.only);
  const runs = RUNS.filter(({ name }) => only.test(name) && !recorded.some((recording) => recording.name === name));
  const possible = runs.filter(({ limitFrom }) => limitFrom !== 'cadvisor' || values.cadvisor);
  if (possible.length < runs.length) {
    const left = runs.filter((run) => !possible.includes(run)).map(({ name }) => name);
    console.log(`Not recorded, as they need --cadvisor PATH of a cAdvisor: ${left.join(', ')}`);
  }
  console.log(`${possible.length} to record, ${recorded.length} are there (delete a file's entry to record it again)`);
  if (possible.length === 0) {
    return;
  }
  const stage = await Stage.start(possible, values.cadvisor);
  const ended = new AbortController();
  setMaxListeners(0, ended.signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => ended.abort());
  }
  try {
    const waiting = [...possible];
    const place = async () => {
      for (let run = waiting.shift(); run && !ended.signal.aborted; run = waiting.shift()) {
        const started = new Date();
        console.log(`${started.toISOString()} ${run.name} …`);
        try {
          const lives = await live(run, stage, ended.signal);
          if (!ended.signal.aborted) {
            await keep(out, run, lives, stage);
          }
        } catch (error) {
          console.error(`${run.name} is not recorded: ${error instanceof Error ? error.message : error}`);
        }
      }
    };
    await Promise.all(Array.from({ length: Number(values['at-once']) }, place));
  } finally {
    await stage.stop();
  }
}

interface Lives {
  startedAt: number[];
  killedAt: number[];
  endedAt: number;
}

/** Starts the program, and again where its plan says so, until its lives or its minutes are over. */
async function live(run: Run, stage: Stage, aborted: AbortSignal): Promise<Lives> {
  const limitBytes = run.limitMiB * 2 ** 20;
  const lives: Lives = { startedAt: [], killedAt: [], endedAt: 0 };
  const end = Date.now() + run.minutes * 60_000;
  for (let life = 0; life < run.lives && Date.now() < end && !aborted.aborted; life++) {
    const cgroup = new MemoryCgroup(run.name, limitBytes);
    const library = run.limitFrom === 'library' ? ['-library'] : [];
    const program = [stage.program, ['-listen', stage.addressOf(run), ...library, ...run.args]] as const;
    const [command, args] = cgroup.enter(program[0], [...program[1]]);
    lives.startedAt.push(Date.now() / 1000);
    const child = spawn(command, args, { env: { ...process.env, ...run.env }, detached: true, stdio: 'ignore' });
    const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()));
    await Promise.race([exited, timeout(end - Date.now(), aborted)]);
    const endedAt = Date.now() / 1000;
    if (child.exitCode === null && child.signalCode === null) {
      await endGroup(child.pid!, exited, 'SIGTERM');
    }
    // A death without the kernel's counter is not a kill.
    if (cgroup.oomKills() > 0) {
      lives.killedAt.push(endedAt);
    } else if (child.exitCode !== 0) {
      throw new Error(
        `${run.name} ended by ${child.signalCode ?? `status ${child.exitCode}`}, and no kernel killed it`
      );
    }
    // As long as a container takes to come back.
    await timeout(5_000, aborted);
    await cgroup.remove();
  }
  // What a scrape after its end finds belongs to it: up is 0 then.
  await timeout(2 * SCRAPE_SECONDS * 1000, aborted);
  lives.endedAt = Date.now() / 1000;
  return lives;
}

/** Waits, and no longer than until the command is interrupted. */
async function timeout(ms: number, aborted: AbortSignal) {
  await sleep(Math.max(0, ms), undefined, { signal: aborted }).catch(() => undefined);
}

/** Writes what Prometheus has of the run, and its entry, so that the next start of this command goes on after it. */
async function keep(out: string, run: Run, lives: Lives, stage: Stage) {
  const died = lives.killedAt.length > 0;
  if (died !== (run.kind === 'leak')) {
    console.log(`${run.name} was ${died ? '' : 'not '}killed, so its plan is wrong: not kept`);
    return;
  }
  const [firstStart] = lives.startedAt;
  const window = `[${Math.ceil(lives.endedAt - firstStart)}s]`;
  const own = [`job="${jobOf(run)}", pod="${run.name}"`, `job="cadvisor", pod="${run.name}"`];
  const queries = own.flatMap((labels) => [KEPT, KEPT_OF_TREES].map((kept) => `{${kept}, ${labels}}${window}`));
  if (run.limitFrom === 'cadvisor') {
    queries.push(`up{job="cadvisor"}${window}`);
  }
  const series = (await Promise.all(queries.map((query) => stage.query(query, lives.endedAt)))).flat();
  const file = `${run.name}.om.gz`;
  writeFileSync(path.join(out, file), gzipSync(openMetrics(series), { level: 9 }));
  const recording: Recording = {
    name: run.name,
    story: run.story,
    file,
    kind: run.kind,
    started_at: lives.startedAt,
    ...(run.onsetAfter && { onset_at: firstStart + run.onsetAfter }),
    ...(run.growthEndsAfter && { growth_ends_at: run.growthEndsAfter.map((after) => firstStart + after) }),
    killed_at: lives.killedAt,
    limit_bytes: run.limitMiB * 2 ** 20,
    selector: { job: jobOf(run), pod: run.name },
  };
  const recordings = [...readRecordings(out), recording].sort((a, b) => (a.name < b.name ? -1 : 1));
  writeFileSync(path.join(out, 'recordings.json'), `${JSON.stringify(recordings, null, 2)}\n`);
  const minutes = lives.killedAt.map((at, life) => ((at - lives.startedAt[life]) / 60).toFixed(1));
  console.log(`${new Date().toISOString()} ${run.name} kept${died ? `: killed after ${minutes.join(', ')} min` : ''}`);
}

function readRecordings(out: string): Recording[] {
  mkdirSync(out, { recursive: true });
  const file = path.join(out, 'recordings.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}

function jobOf(run: Run): string {
  return run.story;
}

/** The program, a Prometheus that scrapes every run, and cAdvisor where one is given. */
class Stage {
  private constructor(
    readonly program: string,
    private readonly runs: Run[],
    private readonly processes: Processes
  ) {}

  static async start(runs: Run[], cadvisor?: string): Promise<Stage> {
    rmSync(CACHE, { recursive: true, force: true });
    const processes = new Processes(CACHE, (message) => console.error(message));
    const program = path.join(CACHE, 'scenarios');
    const stage = new Stage(program, runs, processes);
    const { prometheus, from } = await findPrometheus();
    console.log(`Prometheus ${from}`);
    const env = { CGO_ENABLED: '1' };
    await mustRun('go', ['build', '-buildvcs=false', '-o', program, './scenarios'], { cwd: ROOT, env });
    if (cadvisor) {
      processes.start({
        name: 'cAdvisor',
        command: cadvisor,
        args: [
          `-port=${PORTS.cadvisor}`,
          '-listen_ip=127.0.0.1',
          '-docker_only=false',
          `-housekeeping_interval=${SCRAPE_SECONDS}s`,
          '-allow_dynamic_housekeeping=false',
          `-raw_cgroup_prefix_whitelist=/${PARENT}`,
        ],
      });
    }
    const config = path.join(CACHE, 'prometheus.yml');
    writeFileSync(config, dump(stage.prometheusConfig(cadvisor !== undefined)));
    processes.start({
      name: 'Prometheus',
      command: prometheus,
      args: [
        `--config.file=${config}`,
        `--storage.tsdb.path=${path.join(CACHE, 'series')}`,
        `--web.listen-address=127.0.0.1:${PORTS.prometheus}`,
      ],
    });
    await waitFor('Prometheus', `http://127.0.0.1:${PORTS.prometheus}/-/ready`, 60);
    return stage;
  }

  addressOf(run: Run): string {
    return `127.0.0.1:${PORTS.firstProgram + RUNS.findIndex(({ name }) => name === run.name)}`;
  }

  async query(query: string, at: number): Promise<Series[]> {
    const response = await fetch(`http://127.0.0.1:${PORTS.prometheus}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query, time: String(at) }),
    });
    const answer = (await response.json()) as { status: string; error?: string; data: { result: Series[] } };
    if (answer.status !== 'success') {
      throw new Error(`Prometheus cannot answer ${query}: ${answer.error}`);
    }
    return answer.data.result;
  }

  stop(): Promise<void> {
    return this.processes.stop();
  }

  private prometheusConfig(cadvisor: boolean) {
    const programs = this.runs.map((run) => ({
      targets: [this.addressOf(run)],
      labels: { job: jobOf(run), namespace: NAMESPACE, pod: run.name, container: CONTAINER },
    }));
    const scrape = [{ job_name: 'programs', static_configs: programs }];
    // As the kubelet's cAdvisor names them.
    const fromId = (label: string, replacement: string) => ({
      source_labels: ['id'],
      regex: `/${PARENT}/(.+)`,
      target_label: label,
      replacement,
    });
    const containers = {
      job_name: 'cadvisor',
      static_configs: [{ targets: [`127.0.0.1:${PORTS.cadvisor}`] }],
      metric_relabel_configs: [
        { source_labels: ['__name__', 'id'], regex: `container_(spec_)?memory_.+;/${PARENT}/.+`, action: 'keep' },
        {
          source_labels: ['__name__'],
          regex: 'container_memory_(failures_total|numa_pages|migrate.*)',
          action: 'drop',
        },
        fromId('namespace', NAMESPACE),
        fromId('pod', '$1'),
        fromId('container', CONTAINER),
      ],
    };
    return {
      global: { scrape_interval: `${SCRAPE_SECONDS}s`, scrape_timeout: '10s' },
      scrape_configs: cadvisor ? [...scrape, containers] : scrape,
    };
  }
}

if (require.main === module) {
  main().catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
