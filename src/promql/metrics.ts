/** Names of docs/design.md, "Metrics", and those of client_golang and cAdvisor that we read. */
export const CALLTREE_GOROUTINES = 'goroutine_calltree_goroutines';
export const CALLTREE_STACK_BYTES = 'goroutine_calltree_stack_bytes';
/** One a process, beside its call tree, whatever makes it. */
export const STACK_FRAMES_MAX = 'goroutine_stack_frames_max';
export const CALLTREE_LABELS = ['depth', 'function', 'node', 'parent'] as const;
export const CGROUP_LIMIT = 'cgroup_memory_limit_bytes';
export const CONTAINER_LIMIT = 'container_spec_memory_limit_bytes';
export const CGROUP_UNRECLAIMABLE = 'cgroup_memory_unreclaimable_bytes';
export const KUBERNETES_LIMIT = 'kube_pod_container_resource_limits';
export const GOMEMLIMIT = 'go_gc_gomemlimit_bytes';
/** Since client_golang 1.20, as are the other settings of the garbage collector. */
export const GC_SETTINGS = 'go_gc_gogc_percent';
/** With client_golang's runtime metrics `MetricsGC` alone. */
export const LIVE_HEAP = 'go_gc_heap_live_bytes';
export const GOROUTINES = 'go_goroutines';
export const RESIDENT_MEMORY = 'process_resident_memory_bytes';
export const PROCESS_START = 'process_start_time_seconds';

/** Prometheus' jobs of the pprof probe are named after the program's own job (docs/design.md, "Identity"). */
export const PROBE_JOB_SUFFIX = '-goroutines';

/** An unset GOMEMLIMIT is exported as 2^63-1, and unlimited cgroups (v1) as 2^63 less a page. */
const UNLIMITED_BYTES = '1e15';

/** A matcher of the job that exports the process's own metrics, and of its probe. */
export function treeJobMatcher(job: string): string {
  return `job=~"${job}(${PROBE_JOB_SUFFIX})?"`;
}

export function limited(selector: string): string {
  return `${selector} > 0 < ${UNLIMITED_BYTES}`;
}
