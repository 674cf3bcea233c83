import type { GapKind } from './gaps';
import type { LimitKind } from './jobs';
import { t } from '../../translate';

/** What is missing, and what it would add: a sentence for a person on call. */
export function describeGap(kind: GapKind): { title: string; adds: string } {
  switch (kind) {
    case 'processes':
      return {
        title: t('setup.gap.processes.title', 'The program’s own metrics'),
        adds: t(
          'setup.gap.processes.adds',
          'Only its probe is scraped. With client_golang’s metrics you see memory, heap and goroutines over time, and alerts can work.'
        ),
      };
    case 'processStarts':
      return {
        title: t('setup.gap.starts.title', 'The process collector'),
        adds: t(
          'setup.gap.starts.adds',
          'Alerts need resident memory and the time when a process started: a start must not look like a leak.'
        ),
      };
    case 'callTrees':
      return {
        title: t('setup.gap.trees.title', 'Call trees'),
        adds: t(
          'setup.gap.trees.adds',
          'The flame graph, and the name of the function that fills memory in each alert.'
        ),
      };
    case 'memoryLimit':
      return {
        title: t('setup.gap.limit.title', 'A memory limit'),
        adds: t(
          'setup.gap.limit.adds',
          'The minutes that are left until the process is killed. Without a limit no alert can warn before the kill.'
        ),
      };
    case 'scrapeInterval':
      return {
        title: t('setup.gap.interval.title', 'More frequent scrapes'),
        adds: t(
          'setup.gap.interval.adds',
          'Alerts want a scrape at least every 60 seconds, better 30: with rarer ones they come late or not at all, as five minutes have too few values to tell growth.'
        ),
      };
    case 'hardLimit':
      return {
        title: t('setup.gap.hard-limit.title', 'The limit that kills'),
        adds: t(
          'setup.gap.hard-limit.adds',
          'Only GOMEMLIMIT or the host’s memory is known. With the cgroup’s or container’s limit the time is to the kill itself.'
        ),
      };
    case 'liveHeap':
      return {
        title: t('setup.gap.live-heap.title', 'The live heap'),
        adds: t(
          'setup.gap.live-heap.adds',
          'Alerts see a leak under GOMEMLIMIT at once, where they otherwise estimate what is live from the number of collections.'
        ),
      };
    case 'gcSettings':
      return {
        title: t('setup.gap.gc.title', 'client_golang 1.20 or newer'),
        adds: t('setup.gap.gc.adds', 'GOMEMLIMIT is known, and the live heap can be estimated.'),
      };
  }
}

export function limitName(kind: LimitKind): string {
  switch (kind) {
    case 'cgroup':
      return t('setup.limit.cgroup', 'cgroup');
    case 'container':
      return t('setup.limit.container', 'container');
    case 'kubernetes':
      return t('setup.limit.kubernetes', 'Kubernetes');
    case 'gomemlimit':
      return t('setup.limit.gomemlimit', 'GOMEMLIMIT, soft');
    case 'host':
      return t('setup.limit.host', 'host');
  }
}
