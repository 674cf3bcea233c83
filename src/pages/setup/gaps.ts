import { type GoJob, withCallTree, withLimit, withSoftLimit } from './jobs';

/** The scrapes that the alerts want at most: with rarer ones a window has too few to tell growth from noise. */
export const LONGEST_INTERVAL_SECONDS = 60;

/** What a job may lack. Improvements are not needed for anything to work. */
export type GapKind =
  | 'processes'
  | 'processStarts'
  | 'callTrees'
  | 'memoryLimit'
  | 'scrapeInterval'
  | 'hardLimit'
  | 'liveHeap'
  | 'gcSettings';

export interface Gap {
  kind: GapKind;
  isImprovement: boolean;
  /** Processes that lack it. */
  processes: number;
}

/** What a job lacks: first what dashboards and alerts need, then what would make them better. */
export function gapsOf(job: GoJob): Gap[] {
  if (job.processes === 0) {
    return [{ kind: 'processes', isImprovement: false, processes: withCallTree(job) }];
  }
  const gap = (kind: GapKind, present: number, isImprovement = false): Gap => ({
    kind,
    isImprovement,
    processes: job.processes - present,
  });
  const isRare = (job.scrapeSeconds ?? 0) > LONGEST_INTERVAL_SECONDS + 1;
  return [
    gap('processStarts', job.processStarts),
    gap('callTrees', withCallTree(job)),
    gap('memoryLimit', withLimit(job)),
    gap('scrapeInterval', isRare ? 0 : job.processes),
    gap('hardLimit', job.processes - withSoftLimit(job), true),
    gap('gcSettings', job.gcSettings, true),
    gap('liveHeap', job.liveHeaps, true),
  ].filter(({ processes }) => processes > 0);
}

export function neededGaps(job: GoJob): Gap[] {
  return gapsOf(job).filter(({ isImprovement }) => !isImprovement);
}
