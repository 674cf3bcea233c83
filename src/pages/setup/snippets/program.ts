import { PROBE_JOB_SUFFIX } from '../../../promql/metrics';

/** An instance of a program, by the labels of its target; '' where it has none. */
export interface Instance {
  instance: string;
  namespace: string;
  pod: string;
  container: string;
  /** The port's name, which the Prometheus Operator sets. */
  endpoint: string;
}

/** What snippets are filled with. */
export interface Program {
  job: string;
  /** Of all of them where they are few. */
  instances: Instance[];
  /** More than are listed. */
  unlisted: number;
  /** A label of its pods, where kube-state-metrics exports one. */
  podLabel?: { name: string; value: string };
  scrapeSeconds?: number;
}

/** Names for who has no Go job yet. */
export const EXAMPLE: Program = {
  job: 'checkout',
  instances: [{ instance: 'checkout-1:8080', namespace: '', pod: '', container: '', endpoint: '' }],
  unlisted: 0,
};

export interface Address {
  /** IPv6 in brackets. */
  host: string;
  port: string;
}

/** Undefined where the label `instance` was set to something else than an address. */
export function addressOf(instance: string): Address | undefined {
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d+)$/.exec(instance) ?? [];
  return host === undefined ? undefined : { host, port };
}

/** The port of the program's /metrics, and, until the person knows better, of its /debug/pprof. */
export function portOf({ instances }: Program): string {
  return instances.map(({ instance }) => addressOf(instance)?.port).find((port) => port !== undefined) ?? '8080';
}

export function hasPods({ instances }: Program): boolean {
  return instances.some(({ pod }) => pod !== '');
}

export function namespaceOf({ instances }: Program): string {
  return instances.find(({ namespace }) => namespace !== '')?.namespace ?? 'default';
}

export function probeJob({ job }: Program): string {
  return job + PROBE_JOB_SUFFIX;
}

/** The part of a pod's name that its Deployment, StatefulSet or DaemonSet gave it. */
function workloadOf(pod: string): string {
  return pod.replace(/(-[a-z0-9]{6,10})?-[a-z0-9]{5}$/, '').replace(/-\d+$/, '');
}

/** The label that picks the program's pods; a guess where nothing exports theirs. */
export function podSelector(program: Program): { name: string; value: string; guessed: boolean } {
  if (program.podLabel) {
    return { ...program.podLabel, guessed: false };
  }
  const pod = program.instances.find((instance) => instance.pod !== '')?.pod;
  const value = pod === undefined ? (program.job.split('/').pop() ?? program.job) : workloadOf(pod);
  return { name: 'app.kubernetes.io/name', value, guessed: true };
}
