import { CALLTREE_GOROUTINES, CGROUP_LIMIT, CONTAINER_LIMIT, GOMEMLIMIT, GOROUTINES, limited } from './metrics';

/**
 * What the root page asks of Prometheus, each an instant query that gives one series a job. Cheap for fleets: each
 * counts one series a process, a tree by its roots alone.
 */
export const discovery = {
  /** Processes that export client_golang's Go collector. */
  processes: `count by (job) (${GOROUTINES})`,
  /** Processes with a call tree; the job is the program's own or its probe's. */
  callTrees: `count by (job) (count by (job, instance) (${CALLTREE_GOROUTINES}{depth="1"}))`,
  /** Processes whose cgroup limits memory, by our library or agent; the job as with call trees. */
  cgroupLimits: `count by (job) (${limited(CGROUP_LIMIT)})`,
  /** Processes in pods whose container limits memory, by cAdvisor. */
  containerLimits: `count by (job) (${GOROUTINES} and on (namespace, pod) (${limited(`${CONTAINER_LIMIT}{container!="", pod!=""}`)}))`,
  /** Processes with a soft limit. */
  softLimits: `count by (job) (${limited(GOMEMLIMIT)})`,
};

export type DiscoveryQuery = keyof typeof discovery;
