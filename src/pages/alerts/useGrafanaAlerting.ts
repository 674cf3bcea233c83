import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { carryOut, type Progress } from '../../alerting/carryOut';
import type { Found } from '../../alerting/found';
import type { FoundFolder, Step } from '../../alerting/plan';
import {
  carryOutStep,
  contactPointUses,
  findFolder,
  findInstalled,
  othersInFolder,
} from '../../alerting/provisioningApi';
import type { ProvisioningFailure } from '../../alerting/provisioningFailure';
import { ourFolder } from '../../alerting/ourFolder';

const KEY = 'grafana alerting';

/** What is installed, in whatever folder. */
export function useFound(enabled: boolean): UseQueryResult<Found, ProvisioningFailure> {
  return useQuery({ queryKey: [KEY, 'rules'], queryFn: ({ signal }) => findInstalled(signal), enabled });
}

/** The folder that rules are to go into. */
export function useFolder(uid: string, enabled: boolean): UseQueryResult<FoundFolder, ProvisioningFailure> {
  return useQuery({ queryKey: [KEY, 'folder', uid], queryFn: ({ signal }) => findFolder(uid, signal), enabled });
}

/** What a removal may take along: whether anything else uses it. */
export function useUses(ownRules: number) {
  return useQuery({
    queryKey: [KEY, 'uses', ownRules],
    queryFn: async ({ signal }) => {
      const [contactPoint, othersInOurFolder] = await Promise.all([
        contactPointUses(signal),
        othersInFolder(ourFolder.uid, ownRules, signal),
      ]);
      return { contactPoint, othersInOurFolder };
    },
  });
}

export interface Work {
  progress?: Progress;
  isRunning: boolean;
  start(steps: Step[]): Promise<Progress>;
  dismiss(): void;
}

/** Carries plans out, one at a time, and looks again at what is there then. */
export function useWork(): Work {
  const queries = useQueryClient();
  const [progress, setProgress] = useState<Progress>();
  const isRunning = progress?.current !== undefined && !progress.failure;
  useWarningBeforeUnload(isRunning);
  const start = useCallback(
    async (steps: Step[]) => {
      const result = await carryOut(steps, carryOutStep, setProgress);
      await queries.invalidateQueries({ queryKey: [KEY] });
      return result;
    },
    [queries]
  );
  return { progress, isRunning, start, dismiss: useCallback(() => setProgress(undefined), []) };
}

/** Half of a plan would be done. */
function useWarningBeforeUnload(isRunning: boolean) {
  useEffect(() => {
    if (!isRunning) {
      return undefined;
    }
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isRunning]);
}
