import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, LinkButton, Stack, useStyles2 } from '@grafana/ui';
import React, { type ReactNode } from 'react';
import { dashboardUrl, pageUrl } from '../../routes';
import { useSettings } from '../../settings';
import { number } from './describeJob';
import type { GoJob } from './jobs';
import { ARTICLE_METRIC } from './ourRules';
import { Presence, type PresenceState } from './Presence';
import { readinessOf, type RecordingsState, type RulesReadiness, type Share } from './readiness';
import { t } from '../../translate';

interface Props {
  jobs: GoJob[];
  /** Undefined while they are asked for. */
  rules: RulesReadiness | undefined;
  dataSourceUid: string;
}

/** What is ready over all jobs, and the two next steps. */
export function Summary({ jobs, rules, dataSourceUid }: Props) {
  const styles = useStyles2(getStyles);
  const settings = useSettings();
  const readiness = readinessOf(jobs);
  const isComplete = readiness.jobs.present === readiness.jobs.of && rules?.isAlerting;
  const known = jobs.some(({ job }) => job === settings.job) ? settings.job : undefined;
  return (
    <section className={styles.panel} aria-labelledby="setup-summary">
      <h3 id="setup-summary" className={styles.title}>
        {isComplete
          ? t('setup.summary.complete', 'Everything is set up: nothing is missing')
          : t('setup.summary.title', 'What is ready')}
      </h3>
      <ul className={styles.list}>
        <Line name={t('setup.summary.jobs', 'Jobs with all they need')} state={stateOf(readiness.jobs)}>
          {shareText(readiness.jobs)}
        </Line>
        <Line name={t('setup.summary.trees', 'Processes with a call tree')} state={stateOf(readiness.callTrees)}>
          {shareText(readiness.callTrees)}
        </Line>
        <Line name={t('setup.summary.limits', 'Processes with a memory limit')} state={stateOf(readiness.limits)}>
          {shareText(readiness.limits)}
        </Line>
        <Line name={t('setup.summary.alerts', 'Alerts')} state={rules ? alertsState(rules) : 'unknown'}>
          {rules ? alertsText(rules) : t('setup.summary.asking', 'asking…')}
        </Line>
        <Line
          name={t('setup.summary.process-recordings', 'Recordings of processes')}
          state={recordingsPresence(rules?.processRecordings, readiness.processes)}
        >
          {rules ? recordingsText(rules.processRecordings) : t('setup.summary.asking', 'asking…')}
        </Line>
        <Line
          name={t('setup.summary.tree-recordings', 'Recordings of call trees')}
          state={recordingsPresence(rules?.treeRecordings, readiness.processes)}
        >
          {rules ? recordingsText(rules.treeRecordings) : t('setup.summary.asking', 'asking…')}
          {rules?.hasArticleMetric && t('setup.summary.article', ', and {{metric}}', { metric: ARTICLE_METRIC })}
        </Line>
      </ul>
      {rules && rules.failing.length > 0 && <Failing rules={rules} />}
      <Stack direction="row" gap={1} wrap="wrap">
        <LinkButton icon="apps" href={dashboardUrl({ dataSourceUid, job: known })}>
          {t('setup.summary.dashboard', 'Open the dashboard')}
        </LinkButton>
        <LinkButton icon="bell" variant="secondary" href={pageUrl('alerts', { dataSourceUid })}>
          {rules?.isAlerting
            ? t('setup.summary.see-alerts', 'See the alerts')
            : t('setup.summary.install-alerts', 'Install the alerts')}
        </LinkButton>
      </Stack>
    </section>
  );
}

function Line({ name, state, children }: { name: string; state: PresenceState; children: ReactNode }) {
  const styles = useStyles2(getStyles);
  return (
    <li>
      <div className={styles.name}>{name}</div>
      <Presence state={state}>{children}</Presence>
    </li>
  );
}

function Failing({ rules: { failing } }: { rules: RulesReadiness }) {
  const styles = useStyles2(getStyles);
  return (
    <Alert severity="warning" title={t('setup.summary.failing', 'Rules of ours fail')}>
      <ul>
        {failing.map(({ name, error }, index) => (
          <li key={index}>
            {name}: <code className={styles.error}>{error}</code>
          </li>
        ))}
      </ul>
    </Alert>
  );
}

function shareText({ present, of }: Share): string {
  return t('setup.summary.share', '{{present}} of {{of}}', { present: number(present), of: number(of) });
}

function stateOf({ present, of }: Share): PresenceState {
  return present === 0 && of > 0 ? 'missing' : present < of ? 'partly' : 'present';
}

function alertsState({ alerts: { inPrometheus, inGrafana }, isAlerting }: RulesReadiness): PresenceState {
  if (isAlerting) {
    return 'present';
  }
  if (inPrometheus?.present || inGrafana?.present) {
    return 'partly';
  }
  return inPrometheus && inGrafana ? 'missing' : 'unknown';
}

/** Each engine apart, as an alert that both evaluate comes twice; one that has none is of no interest where the other has all. */
function alertsText({ alerts: { inPrometheus, inGrafana }, isAlerting }: RulesReadiness): string {
  const texts = [
    inGrafana
      ? t('setup.alerts.grafana', '{{share}} in Grafana', { share: shareText(inGrafana) })
      : t('setup.alerts.grafana-unknown', 'not known in Grafana: you may not see its alert rules'),
    inPrometheus
      ? t('setup.alerts.prometheus', '{{share}} in Prometheus', { share: shareText(inPrometheus) })
      : t('setup.alerts.prometheus-unknown', 'not known in Prometheus: it lists no rules'),
  ];
  const counts = [inGrafana, inPrometheus];
  return texts.filter((_, engine) => !isAlerting || counts[engine]?.present).join('; ');
}

/** From here on queries without recordings are slow (docs/alerts.md). */
const MANY_PROCESSES = 200;

function recordingsPresence(state: RecordingsState | undefined, processes: number): PresenceState {
  switch (state) {
    case 'installed':
      return 'present';
    case 'partly':
      return 'partly';
    case 'none':
      return processes < MANY_PROCESSES ? 'unneeded' : 'missing';
    default:
      return 'unknown';
  }
}

function recordingsText(state: RecordingsState): string {
  switch (state) {
    case 'installed':
      return t('setup.recordings.installed', 'in Prometheus');
    case 'partly':
      return t('setup.recordings.partly', 'some of them: load the file again');
    case 'none':
      return t('setup.recordings.none', 'none; of use from some 200 instances on');
    case 'unknown':
      return t('setup.recordings.unknown', 'not known: Prometheus lists no rules');
  }
}

const getStyles = (theme: GrafanaTheme2) => ({
  panel: css({
    padding: theme.spacing(2),
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.primary,
  }),
  title: css({ fontSize: theme.typography.h4.fontSize }),
  list: css({
    listStyle: 'none',
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(130px, 100%), 1fr))',
    gap: theme.spacing(2),
    margin: theme.spacing(1, 0, 2),
    '> li': { minWidth: 0 },
  }),
  error: css({ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }),
  name: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
