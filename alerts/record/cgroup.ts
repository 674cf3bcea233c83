import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** cgroup v1, where the kernel mounts its controllers one by one. */
const CONTROLLERS = '/sys/fs/cgroup';
export const PARENT = 'gsp';

/** A share of one core, as a container's own quota: a process that thrashes does not take it from the others. */
const CORE_SHARE = 0.15;

/** A memory cgroup of its own for one process, with a limit that kills. */
export class MemoryCgroup {
  private readonly memory: string;
  private readonly cpu: string;

  /** @throws Error where this machine cannot have one. */
  constructor(name: string, limitBytes: number) {
    this.memory = path.join(CONTROLLERS, 'memory', PARENT, name);
    this.cpu = path.join(CONTROLLERS, 'cpu', PARENT, name);
    if (!existsSync(path.join(CONTROLLERS, 'memory/memory.limit_in_bytes'))) {
      throw new Error('Recordings need a cgroup v1 memory controller under /sys/fs/cgroup/memory, and there is none');
    }
    try {
      mkdirSync(this.memory, { recursive: true });
      mkdirSync(this.cpu, { recursive: true });
      writeFileSync(path.join(this.memory, 'memory.limit_in_bytes'), String(limitBytes));
      writeFileSync(path.join(this.cpu, 'cpu.cfs_quota_us'), String(CORE_SHARE * 100_000));
    } catch (error) {
      throw new Error(`Recordings need the right to make cgroups (root): ${error}`);
    }
  }

  /** A command that enters the cgroup and becomes the other. */
  enter(command: string, args: string[]): [string, string[]] {
    const enter = 'echo $$ > "$0/cgroup.procs" && echo $$ > "$1/cgroup.procs" && shift && exec "$@"';
    return ['sh', ['-c', enter, this.memory, this.cpu, command, ...args]];
  }

  /** How many of its processes the kernel has killed for memory. */
  oomKills(): number {
    const control = readFileSync(path.join(this.memory, 'memory.oom_control'), 'utf8');
    return Number(/^oom_kill (\d+)$/m.exec(control)![1]);
  }

  /** Once its processes have ended. The kernel may take a moment to let it go. */
  async remove() {
    for (const folder of [this.memory, this.cpu]) {
      for (let tries = 1; existsSync(folder); tries++) {
        try {
          rmdirSync(folder);
        } catch (error) {
          if (tries === 20) {
            throw error;
          }
          await sleep(1000);
        }
      }
    }
  }
}
