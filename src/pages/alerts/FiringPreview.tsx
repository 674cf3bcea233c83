import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, Stack, Text, useStyles2 } from '@grafana/ui';
import React, { useMemo, useState } from 'react';
import { chosenAlerts, type InstallChoices } from '../../alerting/choices';
import { type Progress, WEEK_HOURS } from '../../alerting/preview/lookBack';
import { hoursLookedAt, summaryOf } from '../../alerting/preview/summary';
import { FailureAlert } from '../../prometheus/FailureAlert';
import { FiringTable } from './FiringTable';
import { type LookBackState, useLookBack } from './useLookBack';
import { t } from '../../translate';

interface Props {
  choices: InstallChoices;
  /** The end of the week that is looked at, in ms since 1970; now by default. */
  until?: number;
}

/** How often the chosen rules would have fired in the last week, on the data source's own data. */
export function FiringPreview({ choices, until }: Props) {
  const { dataSourceUid, alerts, thresholds, matchers } = choices;
  // What was found for other choices says nothing of these.
  return <Week key={JSON.stringify([dataSourceUid, alerts, thresholds, matchers, until])} {...{ choices, until }} />;
}

function Week({ choices, until: givenUntil }: Props) {
  const styles = useStyles2(getStyles);
  const [{ rules, matchers, until }] = useState(() => ({
    // Recordings and matchers stay apart, as what an alarm implies is told from the expression as it is in the file.
    rules: chosenAlerts({ ...choices, recorded: true, matchers: [] }),
    matchers: choices.matchers,
    until: givenUntil ?? Date.now(),
  }));
  const { dataSourceUid } = choices;
  const { state, progress, failure, start, stop } = useLookBack({ dataSourceUid, rules, matchers, until });
  const summaries = useMemo(() => rules.map((rule) => summaryOf(rule, progress)), [rules, progress]);
  const alarms = summaries.reduce((sum, summary) => sum + summary.alarms, 0);
  const hours = hoursLookedAt(progress);

  return (
    <Stack direction="column" gap={2}>
      <Text color="secondary" element="p">
        {t(
          'alerts.preview.what',
          'Before they are installed: how often these rules would have fired in the last week, on this data source’s own data. Prometheus is asked one question at a time, of some five seconds at most, the newest hours first. Whatever was found by then stays when you stop.'
        )}
      </Text>
      <div className={styles.controls}>
        {state === 'running' ? (
          <Button variant="secondary" icon="times" onClick={stop}>
            {t('alerts.preview.stop', 'Stop')}
          </Button>
        ) : (
          state !== 'done' && (
            <Button
              variant="secondary"
              icon={state === 'idle' ? 'history' : 'play'}
              disabled={rules.length === 0}
              onClick={start}
            >
              {state === 'idle'
                ? t('alerts.preview.start', 'Look at the last week')
                : t('alerts.preview.go-on', 'Go on')}
            </Button>
          )
        )}
        {state !== 'idle' && (
          <progress
            className={styles.progress}
            max={WEEK_HOURS}
            value={(progress.until - progress.from) / 3_600_000}
            aria-label={t('alerts.preview.progress', 'How much of the week was looked at')}
          />
        )}
      </div>
      <div role="status" aria-live="polite">
        {state !== 'idle' && <Status {...{ state, hours, alarms }} queries={progress.queries} />}
      </div>
      {failure && <FailureAlert failure={failure} dataSourceUid={dataSourceUid} onRetry={start} />}
      {hours > 0 && (
        <>
          <FiringTable {...{ summaries, dataSourceUid }} isWholeWeek={state === 'done'} />
          <Limits progress={progress} />
        </>
      )}
    </Stack>
  );
}

interface StatusProps {
  state: LookBackState;
  hours: number;
  alarms: number;
  queries: number;
}

function Status({ state, hours, alarms, queries }: StatusProps) {
  const looked = t('alerts.preview.looked-at', 'Looked at {{hours}} of {{total}} hours, with {{queries}} questions.', {
    hours: Math.floor(hours),
    total: WEEK_HOURS,
    queries,
  });
  const found =
    alarms === 0 && hours > 0
      ? t('alerts.preview.found-none', 'No alarm found.')
      : t('alerts.preview.found', 'Alarms found: {{alarms}}.', { alarms });
  const paused =
    state === 'paused' &&
    t(
      'alerts.preview.paused',
      'Five minutes are over, so it waits: go on for as long again, or leave it at that. With our recording rules in Prometheus it would take seconds.'
    );
  return (
    <span>
      {looked} {found} {paused}
    </span>
  );
}

/** What the figures do not say. */
function Limits({ progress: { from, until, gaps } }: { progress: Progress }) {
  return (
    <Stack direction="column" gap={1}>
      {gaps.length > 0 && (
        <Alert severity="warning" title={t('alerts.preview.gaps', 'Prometheus could not answer for some hours')}>
          <ul>
            {gaps.map((gap) => (
              <li key={gap.from}>
                {dateTimeFormat(gap.from)} – {dateTimeFormat(gap.to)}: <code>{gap.message}</code>
              </li>
            ))}
          </ul>
        </Alert>
      )}
      <Text color="secondary" variant="bodySmall" element="p">
        {t(
          'alerts.preview.limits',
          'From {{from}} to {{until}}, once a minute: an alarm shorter than that may be missing, and times are a minute off.',
          { from: dateTimeFormat(from), until: dateTimeFormat(until) }
        )}
      </Text>
    </Stack>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  controls: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(2) }),
  progress: css({ flex: '1 1 160px', maxWidth: 400, accentColor: theme.colors.primary.main }),
});
