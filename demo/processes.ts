import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface ProcessOptions {
  /** What a person calls it, such as `Prometheus`. */
  name: string;
  command: string;
  args: string[];
  cwd?: string;
  env?: Record<string, string>;
}

/**
 * Child processes of a demo or a test, each in its own process group with its own log file, that end together. None
 * outlives `stop`; one that ends by itself is reported to `onDeath`.
 */
export class Processes {
  private readonly running: Array<{ pid: number; exited: Promise<void> }> = [];
  private stopping = false;

  constructor(
    private readonly logFolder: string,
    private readonly onDeath: (message: string) => void
  ) {
    mkdirSync(logFolder, { recursive: true });
  }

  /** @throws Error after `stop`, as nothing would end it any more. */
  start({ name, command, args, cwd, env }: ProcessOptions) {
    if (this.stopping) {
      throw new Error(`${name} is not started, as all is being stopped`);
    }
    const logFile = path.join(this.logFolder, `${name.toLowerCase().replaceAll(' ', '-')}.log`);
    const log = openSync(logFile, 'w');
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', log, log],
    });
    const exited = new Promise<void>((resolve) => {
      const ended = (how: string) => {
        if (!this.stopping) {
          this.onDeath(`${name} ended ${how}. The end of ${logFile}:\n${tail(logFile)}`);
        }
        resolve();
      };
      child.on('error', (error) => ended(`before it began: ${error.message}`));
      child.on('exit', (status, signal) => ended(signal ? `by ${signal}` : `with status ${status}`));
    });
    if (child.pid !== undefined) {
      this.running.push({ pid: child.pid, exited });
    }
  }

  /** Ends them, last started first. */
  async stop() {
    this.stopping = true;
    for (const { pid, exited } of this.running.splice(0).reverse()) {
      await endGroup(pid, exited, 'SIGTERM');
    }
  }
}

/** Sends a signal to a process group, and SIGKILL if it is still there after five seconds. */
export async function endGroup(pid: number, exited: Promise<unknown>, signal: NodeJS.Signals) {
  signalGroup(pid, signal);
  const ended = await Promise.race([exited.then(() => true), after(5000).then(() => false)]);
  if (!ended) {
    signalGroup(pid, 'SIGKILL');
    await exited;
  }
}

/** A group that has already ended is no error. */
function signalGroup(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}

function tail(logFile: string): string {
  return readFileSync(logFile, 'utf8').split('\n').slice(-15).join('\n');
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/**
 * Waits until a URL answers with a status of success.
 * @throws Error with the last failure after `seconds`.
 */
export async function waitFor(what: string, url: string, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000;
  let failure = '';
  while (Date.now() < end) {
    try {
      const { ok, status } = await fetch(url, { signal: AbortSignal.timeout(2000) });
      if (ok) {
        return;
      }
      failure = `it answers with status ${status}`;
    } catch (error) {
      failure = error instanceof Error ? String(error.cause ?? error.message) : String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`${what} did not come up at ${url} within ${seconds} s: ${failure}`);
}
