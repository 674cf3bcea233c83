import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Drawer, LinkButton, LoadingPlaceholder, Stack, useStyles2 } from '@grafana/ui';
import React, { type ReactNode } from 'react';
import { FailureAlert } from '../../prometheus/FailureAlert';
import { useInstant } from '../../prometheus/useInstant';
import { jobDetails } from '../../promql/discovery';
import { dashboardUrl } from '../../routes';
import { describeGap } from './describeGap';
import { CallTrees, Count, MemoryLimit, number, ScrapeInterval } from './describeJob';
import { type Gap, gapsOf } from './gaps';
import type { GoJob } from './jobs';
import { programFrom } from './programFrom';
import { Presence } from './Presence';
import { waysOf } from './remedies';
import type { Program } from './snippets/program';
import { Ways } from './Ways';
import { t } from '../../translate';

interface Props {
  job: GoJob;
  dataSourceUid: string;
  onClose: () => void;
}

/** One job: what is there of it, what is missing, and how to add that. */
export function JobDrawer({ job, dataSourceUid, onClose }: Props) {
  const styles = useStyles2(getStyles);
  const { data, error, refetch } = useInstant(dataSourceUid, jobDetails(job.job));
  const gaps = gapsOf(job);
  const needed = gaps.filter(({ isImprovement }) => !isImprovement);
  const improvements = gaps.filter(({ isImprovement }) => isImprovement);
  const program = data && programFrom(job, data);
  return (
    <Drawer title={job.job} onClose={onClose} size="md">
      <Stack direction="column" gap={3}>
        <section aria-labelledby="setup-there">
          <Stack direction="row" justifyContent="space-between" alignItems="center" wrap="wrap">
            <h4 id="setup-there">{t('setup.drawer.there', 'What is there')}</h4>
            <LinkButton size="sm" variant="secondary" icon="apps" href={dashboardUrl({ dataSourceUid, job: job.job })}>
              {t('setup.drawer.dashboard', 'Open the dashboard at this job')}
            </LinkButton>
          </Stack>
          <Found job={job} />
        </section>

        <section aria-labelledby="setup-missing">
          <h4 id="setup-missing">{t('setup.drawer.missing', 'What is missing')}</h4>
          {error && <FailureAlert failure={error} dataSourceUid={dataSourceUid} onRetry={refetch} />}
          {needed.length === 0 ? (
            <Presence state="present">
              {t('setup.drawer.complete', 'Nothing: dashboards and alerts have all that they need.')}
            </Presence>
          ) : (
            <Gaps gaps={needed} job={job} program={program} openFirst />
          )}
        </section>

        {improvements.length > 0 && (
          <section aria-labelledby="setup-better">
            <h4 id="setup-better">{t('setup.drawer.better', 'What would make alerts more exact')}</h4>
            <Gaps gaps={improvements} job={job} program={program} />
          </section>
        )}
        {gaps.length > 0 && !program && !error && (
          <LoadingPlaceholder
            className={styles.loading}
            text={t('setup.drawer.loading', 'Asking for its instances…')}
          />
        )}
      </Stack>
    </Drawer>
  );
}

function Found({ job }: { job: GoJob }) {
  const styles = useStyles2(getStyles);
  const rows: Array<[string, ReactNode]> = [
    [
      t('setup.found.processes', 'Processes with client_golang'),
      <Count key="processes" present={job.processes} of={job.processes} />,
    ],
    [t('setup.column.trees', 'Call trees'), <CallTrees key="trees" job={job} />],
  ];
  if (job.processes > 0) {
    rows.push(
      [t('setup.column.limit', 'Memory limit'), <MemoryLimit key="limit" job={job} />],
      [t('setup.column.interval', 'Scraped every'), <ScrapeInterval key="interval" job={job} />],
      [
        t('setup.found.live-heap', 'Live heap (runtime metrics)'),
        job.liveHeaps > 0 ? (
          <Count key="heap" present={job.liveHeaps} of={job.processes} />
        ) : (
          <Presence key="heap" state="unneeded">
            {t('setup.found.no-live-heap', 'none, it is estimated')}
          </Presence>
        ),
      ]
    );
  }
  return (
    <dl className={styles.found}>
      {rows.map(([name, value]) => (
        <React.Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </React.Fragment>
      ))}
    </dl>
  );
}

interface GapsProps {
  gaps: Gap[];
  job: GoJob;
  /** Undefined while its instances are asked for. */
  program: Program | undefined;
  openFirst?: boolean;
}

function Gaps({ gaps, job, program, openFirst = false }: GapsProps) {
  const styles = useStyles2(getStyles);
  return (
    <>
      {gaps.map(({ kind, processes }, index) => {
        const { title, adds } = describeGap(kind);
        return (
          <article key={kind} className={styles.gap}>
            <h5>
              {title}
              {processes < job.processes && (
                <span className={styles.share}>
                  {t('setup.gap.share', ' (of {{missing}} of {{of}} processes)', {
                    missing: number(processes),
                    of: number(job.processes),
                  })}
                </span>
              )}
            </h5>
            <p>{adds}</p>
            {program && <Ways ways={waysOf(kind, program)} openFirst={openFirst && index === 0} />}
          </article>
        );
      })}
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  found: css({
    display: 'grid',
    gridTemplateColumns: 'minmax(0, max-content) minmax(0, 1fr)',
    gap: theme.spacing(0.5, 3),
    margin: theme.spacing(1, 0, 0),
    dt: { color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular },
    dd: { margin: 0 },
  }),
  gap: css({
    margin: theme.spacing(1, 0, 2),
    padding: theme.spacing(2),
    background: theme.colors.background.secondary,
    borderRadius: theme.shape.radius.default,
  }),
  share: css({ color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular }),
  loading: css({ margin: 0 }),
});
