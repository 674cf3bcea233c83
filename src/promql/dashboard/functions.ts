import { CALLTREE_GOROUTINES } from '../metrics';
import { TREE_OF_SHOWN as TREE } from './selection';

/** Functions that a person can act on: not the runtime's own leaves, not synthetic frames. */
const USER_FUNCTIONS = `${CALLTREE_GOROUTINES}{${TREE}, function!~"runtime\\\\..*|\\\\(.*"}`;

const BY_FUNCTION = 'sum by (depth, function)';

export const largestFunctions = `topk(15, ${BY_FUNCTION} (${USER_FUNCTIONS}))`;

/**
 * Goroutines a minute. Growth in five minutes (docs/design.md, "Recording rules"): a node that did not exist then has grown
 * from nothing, but only where its collector was up then, or each restart of a collector would look like a storm.
 */
export const fastestGrowingFunctions =
  `topk(15, ${BY_FUNCTION} (` +
  `(${USER_FUNCTIONS} - (${USER_FUNCTIONS} offset 5m or ${USER_FUNCTIONS} * 0))` +
  ` and on (job, instance) (up{${TREE}} offset 5m == 1)` +
  `) / 5 > 0)`;
