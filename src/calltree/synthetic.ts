/** The synthetic frame over all entry functions. */
export const ROOT_NODE = '';
export const ROOT_FUNCTION = 'all goroutines';

/** A frame whose series has no function's name, such as C code. */
export const UNKNOWN_FUNCTION = '(unknown)';
export const DROPPED_FUNCTION = '(dropped)';
export const TRUNCATED_FUNCTION = '(truncated)';

/** Frames that stand for something other than a function (docs/design.md, rules 1, 5 and 7). */
export const SYNTHETIC_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['(not started)', 'Goroutines that were just created and have no stack yet'],
  ['(running)', 'Goroutines that were running and could not be unwound from outside'],
  [TRUNCATED_FUNCTION, 'Stacks that their source cut off: the frames nearest the root are missing'],
  [UNKNOWN_FUNCTION, 'Frames without a name, such as C code'],
  [DROPPED_FUNCTION, 'Call paths left out to stay within the limit of nodes for a process'],
]);
