import type { InstalledRule } from './installedRules';
import { neededGaps } from './gaps';
import { type GoJob, withCallTree, withLimit } from './jobs';
import { OUR_ALERTS, PROCESS_RECORDINGS, TREE_RECORDINGS } from './ourRules';

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

export type RecordingsState = 'installed' | 'partly' | 'none' | 'unknown';

/** Whether Prometheus has series of our recordings, wherever they are evaluated. */
export interface Recorded {
  processes: boolean;
  trees: boolean;
  /** The article's metric, of a recording or of the library. */
  article: boolean;
}

/** Undefined rules are not known: the person may not ask, or what answers has no such list. */
export interface RulesReadiness {
  processRecordings: RecordingsState;
  treeRecordings: RecordingsState;
  hasArticleMetric: boolean;
  alerts: { inPrometheus: Share | undefined; inGrafana: Share | undefined };
  /** Some engine evaluates every one of our alerts. */
  isAlerting: boolean;
  failing: InstalledRule[];
}

export function rulesReadinessOf(
  inPrometheus: InstalledRule[] | undefined,
  inGrafana: InstalledRule[] | undefined,
  recorded: Recorded
): RulesReadiness {
  const alertsIn = (rules: InstalledRule[] | undefined) => rules && shareOf(OUR_ALERTS, rules);
  const alerts = { inPrometheus: alertsIn(inPrometheus), inGrafana: alertsIn(inGrafana) };
  return {
    processRecordings: recordingsState(PROCESS_RECORDINGS, inPrometheus, recorded.processes),
    treeRecordings: recordingsState(TREE_RECORDINGS, inPrometheus, recorded.trees),
    hasArticleMetric: recorded.article,
    alerts,
    isAlerting: Object.values(alerts).some((share) => share !== undefined && share.present === share.of),
    failing: [...(inPrometheus ?? []), ...(inGrafana ?? [])].filter(({ error }) => error !== undefined),
  };
}

function recordingsState(wanted: string[], rules: InstalledRule[] | undefined, isRecorded: boolean): RecordingsState {
  const { present, of } = shareOf(wanted, rules ?? []);
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
