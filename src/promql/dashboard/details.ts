import type { Recordings } from '../inlineRecordings';
import { PROCESS, TREE, chosen } from './selection';

/** What the host agent reads of stacks. */
export const stacks = {
  /** Bytes of the largest, by instance, rank, function and goroutine: its id, which is a value, becomes a label here alone. */
  largest:
    `max by (instance, rank, function) (goroutine_stack_top_bytes{${TREE}}) * on (instance, rank) group_left (goroutine)` +
    ` count_values by (instance, rank) ("goroutine", goroutine_stack_top_goid{${TREE}})`,
  /** Goroutines by the bytes that are reserved for each. */
  sizes: `sum by (size) (goroutine_stack_size_goroutines{${TREE}})`,
  /** Bytes of live goroutines, and of none. */
  ofGoroutines: `sum(goroutine_calltree_stack_bytes{${TREE}, depth="1"})`,
  ofNone: `sum by (kind) (goroutine_stack_unattributed_bytes{${TREE}})`,
  /** Bytes a second that growing stacks added, by function. */
  growth: `topk(10, sum by (function) (rate(goroutine_stack_grow_bytes_total{${TREE}}[5m])) > 0)`,
};

/** Goroutines a second, by the function that starts them, and that they ran. */
export const churn = {
  creations: `topk(10, sum by (function) (rate(goroutine_creations_total{${TREE}}[5m])) > 0)`,
  exits: `topk(10, sum by (function) (rate(goroutine_exits_total{${TREE}}[5m])) > 0)`,
};

/** Goroutines by what they wait for. */
export const waits = `sum by (reason) (goroutine_wait_goroutines{${TREE}})`;

/** The garbage collector's work. */
export function garbageCollection(recordings: Recordings) {
  return {
    /** Percent of a cycle's heap that survives it, by instance. */
    pressure: `100 * max by (instance) (${chosen('go_process:gc_pressure_ratio', recordings)})`,
    cycles: `sum by (instance) (rate(go_gc_duration_seconds_count{${PROCESS}}[5m]))`,
    /** Seconds, of all quantiles the greatest. */
    longestPause: `max by (instance) (go_gc_duration_seconds{${PROCESS}, quantile="1"})`,
    live: `sum(${chosen('go_process:heap_live_bytes', recordings)})`,
    allocated: `sum(go_memstats_heap_alloc_bytes{${PROCESS}})`,
    goal: `sum(go_memstats_next_gc_bytes{${PROCESS}})`,
  };
}

/** The collector's own health. */
export const collector = {
  /** Seconds since the stacks were read, and that reading them took. */
  snapshotAge: `time() - min by (instance) (goroutine_stack_exporter_snapshot_timestamp_seconds{${TREE}})`,
  snapshotDuration: `max by (instance) (goroutine_stack_exporter_snapshot_duration_seconds{${TREE}})`,
  /** Failures a second, by cause: of the library, and of the exporters' probes. */
  libraryErrors: `sum by (cause) (rate(goroutine_stack_exporter_errors_total{${TREE}}[5m]))`,
  probeErrors: 'sum by (cause) (rate(goroutine_stack_exporter_probe_errors_total[5m])) > 0',
  /** 1 for the cause for which a probe of the chosen fails now. */
  failing: `max by (instance, cause) (goroutine_stack_exporter_probe_error{${TREE}})`,
  droppedNodes: `max by (instance) (goroutine_stack_exporter_dropped_nodes{${TREE}})`,
  truncatedGoroutines: `max by (instance) (goroutine_stack_exporter_truncated_goroutines{${TREE}})`,
  /** Of all exporters. */
  targets: 'sum(goroutine_stack_exporter_targets)',
  targetsUp: 'sum(goroutine_stack_exporter_targets_up)',
  profilesInFlight: 'sum(goroutine_stack_exporter_profiles_in_flight)',
};
