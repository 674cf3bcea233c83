import {
  CALLTREE_STACK_BYTES,
  GC_SETTINGS,
  GOROUTINES,
  LIVE_HEAP,
  PROBE_JOB_SUFFIX,
  PROCESS_START,
  STACK_FRAMES_MAX,
} from './metrics';
import { processRecordings } from './processRecordings';
import { quoted } from './withMatchers';

const MEMORY_LIMIT = 'go_process:memory_limit_bytes';

/**
 * What the root page asks of Prometheus, each an instant query that gives a few series a job. Cheap for fleets: each
 * reads a few series a process, of a tree its roots alone.
 */
export const discovery = {
  /** Processes that export client_golang's Go collector. */
  processes: `count by (job) (${GOROUTINES})`,
  /** Processes, of Go or not, that export client_golang's process collector: the alerts need their start. */
  processStarts: `count by (job) (${PROCESS_START})`,
  /** Processes whose client_golang is 1.20 or newer, and so exports GOMEMLIMIT and GOGC. */
  gcSettings: `count by (job) (${GC_SETTINGS})`,
  /** Processes that export what of their heap is live. */
  liveHeaps: `count by (job) (${LIVE_HEAP})`,
  /** Processes with a call tree; the job is the program's own or its probe's. A tree has ten roots, and one of these. */
  callTrees: `count by (job) (${STACK_FRAMES_MAX})`,
  /** Processes with the bytes of their stacks; the job as with call trees. */
  stackBytes: `count by (job) (count by (job, instance) (${CALLTREE_STACK_BYTES}{depth="1"}))`,
  /** Processes by the kind of their memory limit, as the alerts find it. */
  limits: `count by (job, limit) (${processRecordings.get(MEMORY_LIMIT)!.expr.trim()})`,
  /** Seconds between scrapes: the median of the job's processes, as a restart makes one longer. */
  scrapeSeconds: `quantile by (job) (0.5, ${secondsBetweenScrapes('5m')})`,
  /** Whether the recordings are there, wherever they are evaluated. */
  recordedProcesses: `count(${MEMORY_LIMIT})`,
  recordedTrees: 'count(job:goroutine_calltree_goroutines:sum{depth="1"})',
  articleMetric: 'count(stack_depth_goroutines_total{depth="1"})',
};

export type DiscoveryQuery = keyof typeof discovery;

/** Exact, as both ends are times of scrapes: from the last one before the window to the last one in it, over those in it. */
function secondsBetweenScrapes(window: string): string {
  return `(timestamp(${GOROUTINES}) - timestamp(${GOROUTINES} offset ${window})) / count_over_time(${GOROUTINES}[${window}])`;
}

/** As many of a job's instances as a snippet lists. */
export const LISTED_INSTANCES = 20;

/** What the snippets of one job are filled with. */
export function jobDetails(job: string) {
  const own = `${GOROUTINES}{job=${quoted(job)}}`;
  const probed = `${STACK_FRAMES_MAX}{job=${quoted(job + PROBE_JOB_SUFFIX)}}`;
  return {
    instances: `topk(${LISTED_INSTANCES}, count by (instance, namespace, pod, container, endpoint) (${own} or ${probed} unless on (instance) ${own}))`,
    /** By kube-state-metrics, where it is told to export them (--metric-labels-allowlist). */
    podLabels: `topk(1, count by (label_app_kubernetes_io_name, label_app, label_k8s_app) (kube_pod_labels and on (namespace, pod) ${own}))`,
  };
}
