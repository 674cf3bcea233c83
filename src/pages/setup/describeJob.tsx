import React from 'react';
import { limitName } from './describeGap';
import { type GoJob, LIMIT_KINDS, withCallTree, withLimit } from './jobs';
import { LONGEST_INTERVAL_SECONDS } from './gaps';
import { Presence } from './Presence';
import { t } from '../../translate';

/** Of how many of a job's processes something is there. */
export function Count({ present, of, kind }: { present: number; of: number; kind?: string }) {
  const count =
    present < of
      ? t('setup.count.some', '{{present}} of {{of}}', { present: number(present), of: number(of) })
      : number(present);
  return (
    <Presence state={present === 0 ? 'missing' : present < of ? 'partly' : 'present'}>
      {present === 0 ? t('setup.count.none', 'none') : kind ? `${count} (${kind})` : count}
    </Presence>
  );
}

export function CallTrees({ job }: { job: GoJob }) {
  const { library, probe } = job.callTrees;
  const kinds = [
    library > 0 && t('setup.trees.library', 'library'),
    // Only the agent knows bytes of stacks; its trees are in a job like the probe's.
    probe > job.stackBytes && t('setup.trees.probe', 'probe'),
    job.stackBytes > 0 && t('setup.trees.agent', 'agent, with stack bytes'),
  ];
  return (
    <Count
      present={withCallTree(job)}
      of={job.processes || withCallTree(job)}
      kind={kinds.filter((kind) => kind !== false).join(', ')}
    />
  );
}

export function MemoryLimit({ job }: { job: GoJob }) {
  const present = LIMIT_KINDS.filter((kind) => job.limits[kind]);
  const kinds = present.map((kind) =>
    present.length === 1 ? limitName(kind) : `${limitName(kind)}: ${number(job.limits[kind]!)}`
  );
  return <Count present={withLimit(job)} of={job.processes} kind={kinds.join(', ')} />;
}

export function ScrapeInterval({ job: { scrapeSeconds } }: { job: GoJob }) {
  if (scrapeSeconds === undefined) {
    return <Presence state="unknown">{t('setup.interval.unknown', 'not known yet')}</Presence>;
  }
  const seconds = t('setup.interval.seconds', '{{seconds}} s', { seconds: rounded(scrapeSeconds) });
  return scrapeSeconds > LONGEST_INTERVAL_SECONDS + 1 ? (
    <Presence state="partly">{t('setup.interval.long', '{{seconds}}, too long', { seconds })}</Presence>
  ) : (
    <Presence state="present">{seconds}</Presence>
  );
}

function rounded(seconds: number): string {
  return seconds < 10 ? String(Math.round(seconds * 10) / 10) : String(Math.round(seconds));
}

export function number(value: number): string {
  return value.toLocaleString();
}
