import type { Step } from './plan';
import { type ProvisioningFailure, provisioningFailureOf } from './provisioningFailure';

export interface Progress {
  done: Step[];
  /** Under way, or the one that failed. */
  current?: Step;
  left: Step[];
  failure?: ProvisioningFailure;
}

/**
 * Does the steps one after the other, and stops at the first that fails: what it did stays, and a new plan has the rest.
 * Never throws.
 */
export async function carryOut(
  steps: Step[],
  carryOutStep: (step: Step) => Promise<void>,
  onProgress: (progress: Progress) => void
): Promise<Progress> {
  for (const [index, current] of steps.entries()) {
    const progress = { done: steps.slice(0, index), current, left: steps.slice(index + 1) };
    onProgress(progress);
    try {
      await carryOutStep(current);
    } catch (error) {
      const failed = { ...progress, failure: provisioningFailureOf(error) };
      onProgress(failed);
      return failed;
    }
  }
  const finished = { done: steps, left: [] };
  onProgress(finished);
  return finished;
}
