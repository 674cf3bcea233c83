import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Icon, type IconName, Stack, useStyles2 } from '@grafana/ui';
import React from 'react';
import type { Progress } from '../../alerting/carryOut';
import type { Step } from '../../alerting/plan';
import { describeStep } from './describeStep';
import { nextStepOf } from './GrafanaFailure';
import { t } from '../../translate';

type StepState = 'planned' | 'done' | 'running' | 'failed';

const ICONS: Record<StepState, IconName> = {
  planned: 'circle-mono',
  done: 'check-circle',
  running: 'sync',
  failed: 'exclamation-circle',
};

/** What will be done, before it is. */
export function PlannedSteps({ steps }: { steps: Step[] }) {
  return <Steps steps={steps.map((step) => [step, 'planned'])} />;
}

/** What is done, what is under way, and what is left. */
export function CarriedOut({ progress, onClose }: { progress: Progress; onClose: () => void }) {
  const { done, current, left, failure } = progress;
  const isRunning = current !== undefined && !failure;
  const steps: Array<[Step, StepState]> = [
    ...done.map((step): [Step, StepState] => [step, 'done']),
    ...(current ? [[current, failure ? 'failed' : 'running'] as [Step, StepState]] : []),
    ...left.map((step): [Step, StepState] => [step, 'planned']),
  ];
  const total = steps.length;
  return (
    <div aria-live="polite">
      <Alert
        severity={failure ? 'error' : isRunning ? 'info' : 'success'}
        title={
          failure
            ? t('alerts.work.failed', 'Stopped after {{done}} of {{total}} steps', { done: done.length, total })
            : isRunning
              ? t('alerts.work.running', 'Working: step {{step}} of {{total}}', { step: done.length + 1, total })
              : t('alerts.work.done', 'Done: {{total}} steps', { total })
        }
        onRemove={isRunning ? undefined : onClose}
      >
        <Stack direction="column" gap={1}>
          {failure && current && (
            <>
              <span>{t('alerts.work.failed-step', '{{step}}: Grafana says', { step: describeStep(current) })}</span>
              <code>{failure.message}</code>
              <span>{nextStepOf(failure.kind)}</span>
              <span>{t('alerts.work.again', 'What is done stays; once more does the rest.')}</span>
            </>
          )}
          <Steps steps={steps} />
        </Stack>
      </Alert>
    </div>
  );
}

function Steps({ steps }: { steps: Array<[Step, StepState]> }) {
  const styles = useStyles2(getStyles);
  return (
    <ol className={styles.steps}>
      {steps.map(([step, state]) => (
        <li key={describeStep(step)}>
          <Icon key={state} name={ICONS[state]} size="sm" className={styles[state]} title={stateName(state)} />
          {describeStep(step)}
        </li>
      ))}
    </ol>
  );
}

function stateName(state: StepState): string {
  switch (state) {
    case 'planned':
      return t('alerts.work.step-planned', 'To do');
    case 'done':
      return t('alerts.work.step-done', 'Done');
    case 'running':
      return t('alerts.work.step-running', 'Under way');
    case 'failed':
      return t('alerts.work.step-failed', 'Failed');
  }
}

const getStyles = (theme: GrafanaTheme2) => ({
  steps: css({
    listStyle: 'none',
    margin: 0,
    columns: '280px 3',
    li: {
      display: 'flex',
      gap: theme.spacing(1),
      alignItems: 'center',
      breakInside: 'avoid',
      overflowWrap: 'anywhere',
    },
    svg: { flexShrink: 0 },
  }),
  planned: css({ color: theme.colors.text.disabled }),
  done: css({ color: theme.colors.success.text }),
  running: css({ color: theme.colors.info.text }),
  failed: css({ color: theme.colors.error.text }),
});
