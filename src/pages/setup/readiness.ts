import type { InstalledRule } from './installedRules';
import { neededGaps } from './gaps';
import { type GoJob, withCallTree, withLimit } from './jobs';
import { OUR_ALERTS, PROCESS_RECORDINGS } from './ourRules';

/** How far something is there. */
export interface Share {
  present: number;
  of: number;
}

export interface Readiness {
  jobs: Share;
  processes: number;
  callTrees: Share;
  limits: Share;
}

/** Over all jobs: what is there of what dashboards and alerts need. */
export function readinessOf(jobs: GoJob[]): Readiness {
  const sum = (count: (job: GoJob) => number) => jobs.reduce((total, job) => total + count(job), 0);
  const processes = sum(({ processes }) => processes);
  return {
    jobs: { present: jobs.filter((job) => neededGaps(job).length === 0).length, of: jobs.length },
    processes,
    callTrees: { present: sum((job) => Math.min(withCallTree(job), job.processes)), of: processes },
    limits: { present: sum((job) => Math.min(withLimit(job), job.processes)), of: processes },
  };
}

/** Undefined rules are not known: the person may not ask, or what answers has no such list. */
export interface RulesReadiness {
  recordings: 'installed' | 'partly' | 'none' | 'unknown';
  alerts: { inPrometheus: Share | undefined; inGrafana: Share | undefined };
  /** Some engine evaluates every one of our alerts. */
  isAlerting: boolean;
  failing: InstalledRule[];
}

/**
 * @param isRecorded whether Prometheus has series of our recordings, wherever they are evaluated
 */
export function rulesReadinessOf(
  inPrometheus: InstalledRule[] | undefined,
  inGrafana: InstalledRule[] | undefined,
  isRecorded: boolean
): RulesReadiness {
  const alertsIn = (rules: InstalledRule[] | undefined) => rules && shareOf(OUR_ALERTS, rules);
  const alerts = { inPrometheus: alertsIn(inPrometheus), inGrafana: alertsIn(inGrafana) };
  return {
    recordings: recordingsState(inPrometheus, isRecorded),
    alerts,
    isAlerting: Object.values(alerts).some((share) => share?.present === share?.of && share !== undefined),
    failing: [...(inPrometheus ?? []), ...(inGrafana ?? [])].filter(({ error }) => error !== undefined),
  };
}

function recordingsState(rules: InstalledRule[] | undefined, isRecorded: boolean): RulesReadiness['recordings'] {
  const { present, of } = shareOf(PROCESS_RECORDINGS, rules ?? []);
  if (present === of || (present === 0 && isRecorded)) {
    return 'installed';
  }
  if (present > 0) {
    return 'partly';
  }
  return rules ? 'none' : 'unknown';
}

function shareOf(wanted: string[], rules: InstalledRule[]): Share {
  const there = new Set(rules.map(({ name }) => name));
  return { present: wanted.filter((name) => there.has(name)).length, of: wanted.length };
}
