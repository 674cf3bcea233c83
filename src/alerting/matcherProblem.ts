import type { Matcher } from '../promql/withMatchers';

/** Which part of a matcher Prometheus would not take. */
export function problemOf({ label, operator, value }: Matcher): 'label' | 'value' | undefined {
  if (!/^[a-zA-Z_]\w*$/.test(label)) {
    return 'label';
  }
  return operator.endsWith('~') && !isRegex(value) ? 'value' : undefined;
}

function isRegex(text: string): boolean {
  try {
    // RE2 knows (?i) at the start, and JavaScript does not.
    new RegExp(text.replace(/^\(\?[imsU]+\)/, ''));
    return true;
  } catch {
    return false;
  }
}
