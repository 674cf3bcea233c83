import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { config } from '@grafana/runtime';
import { Alert, Button, Field, Stack, Switch, Text, useStyles2 } from '@grafana/ui';
import React, { type ReactNode, useId, useMemo, useState } from 'react';
import { defaultChoices, type InstallChoices } from '../../alerting/choices';
import { type Found, installedOf } from '../../alerting/found';
import { problemOf } from '../../alerting/matcherProblem';
import { missingFor } from '../../alerting/permissions';
import { type InstallPlan, installPlan, type TypedAddresses } from '../../alerting/plan';
import { APP_ID } from '../../constants';
import { DeliveryField, isAddressed } from './DeliveryField';
import { ExportRules } from './ExportRules';
import { FiringPreview } from './FiringPreview';
import { FolderField } from './FolderField';
import { GrafanaFailure } from './GrafanaFailure';
import { InstalledStatus } from './InstalledStatus';
import { MatchersField } from './MatchersField';
import { MissingRights } from './MissingRights';
import { RemoveModal } from './RemoveModal';
import { ReviewTable } from './ReviewTable';
import { RulesField } from './RulesField';
import { CarriedOut, PlannedSteps } from './StepsList';
import { ThresholdsField } from './ThresholdsField';
import { useFolder, useWork } from './useGrafanaAlerting';
import { t } from '../../translate';

interface Props {
  found: Found;
  dataSourceUid: string;
  /** Undefined where Prometheus did not say. */
  hasRecordings: boolean | undefined;
}

/** From top to bottom: what is installed, what is chosen, what that comes to, and doing it. */
export function RulesOfGrafana({ found, dataSourceUid, hasRecordings }: Props) {
  const version = config.apps[APP_ID]?.version ?? '';
  const { permissions = {} } = config.bootData.user;
  const installed = useMemo(() => installedOf(found, version), [found, version]);
  const [edits, setEdits] = useState<Partial<InstallChoices>>({});
  const [addresses, setAddresses] = useState<TypedAddresses>({});
  const [isRemoving, setIsRemoving] = useState(false);
  const work = useWork();
  /** Progress is shown where the button was: the page is long. */
  const [isAtTop, setIsAtTop] = useState(false);

  const choices = useMemo<InstallChoices>(
    () => ({
      ...(installed?.choices ?? defaultChoices(dataSourceUid, hasRecordings)),
      dataSourceUid,
      ...edits,
    }),
    [installed, dataSourceUid, hasRecordings, edits]
  );
  const problems = problemsOf(choices, found, addresses);
  // The review shows what is right already.
  const valid = useMemo<InstallChoices>(
    () => ({ ...choices, matchers: choices.matchers.filter((matcher) => !problemOf(matcher)) }),
    [choices]
  );
  const folder = useFolder(choices.folder.uid, true);
  const installedFolder = useFolder(installed?.choices.folder.uid ?? '', installed !== undefined);
  const plan = useMemo(
    () => folder.data && installPlan(found, folder.data, valid, addresses, version),
    [found, folder.data, valid, addresses, version]
  );
  const renewal = useMemo(
    () => installed && installedFolder.data && installPlan(found, installedFolder.data, installed.choices, {}, version),
    [found, installed, installedFolder.data, version]
  );
  const edit = (part: Partial<InstallChoices>) => setEdits((before) => ({ ...before, ...part }));
  const start = async (steps: InstallPlan['steps'], fromTop: boolean) => {
    setIsAtTop(fromTop);
    const { failure } = await work.start(steps);
    if (!failure) {
      setEdits({});
      setAddresses({});
    }
  };
  const progress = work.progress && <CarriedOut progress={work.progress} onClose={work.dismiss} />;

  return (
    <Stack direction="column" gap={4}>
      <InstalledStatus
        folderTitle={installedFolder.data?.title}
        {...{ installed, version, dataSourceUid, renewal, permissions }}
        isBusy={work.isRunning}
        onRenew={() => start(renewal!.steps, true)}
        onRemove={() => setIsRemoving(true)}
      />
      {isAtTop && progress}
      {isRemoving && (
        <RemoveModal
          found={found}
          permissions={permissions}
          onDismiss={() => setIsRemoving(false)}
          onConfirm={(steps) => {
            setIsRemoving(false);
            void start(steps, true);
          }}
        />
      )}
      <Choices {...{ choices, edit, found, hasRecordings, permissions, addresses }} onAddresses={setAddresses} />
      <Section title={t('alerts.review.title', 'Review')}>
        <ReviewTable choices={valid} />
        <FiringPreview choices={valid} />
        <div>
          <ExportRules choices={valid} />
        </div>
      </Section>
      <Section title={t('alerts.install.title', 'Install')}>
        {folder.error ? (
          <GrafanaFailure
            title={t('alerts.failure.folder', 'The folder cannot be read')}
            failure={folder.error}
            onRetry={folder.refetch}
          />
        ) : (
          <Install
            plan={plan}
            problems={problems}
            missingRights={plan ? missingFor(plan.steps, permissions) : []}
            label={installLabel(installed !== undefined, plan)}
            isRunning={work.isRunning}
            onInstall={() => start(plan!.steps, false)}
          />
        )}
        {!isAtTop && progress}
      </Section>
    </Stack>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  const styles = useStyles2(getStyles);
  const id = useId();
  return (
    <section aria-labelledby={id} className={styles.section}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  );
}

interface ChoicesProps {
  choices: InstallChoices;
  edit: (part: Partial<InstallChoices>) => void;
  found: Found;
  hasRecordings: boolean | undefined;
  permissions: Record<string, boolean>;
  addresses: TypedAddresses;
  onAddresses: (addresses: TypedAddresses) => void;
}

function Choices({ choices, edit, found, hasRecordings, permissions, addresses, onAddresses }: ChoicesProps) {
  return (
    <Section title={t('alerts.choose.title', 'Choose')}>
      <Choice title={t('alerts.choose.rules', 'Rules')}>
        <RulesField chosen={choices.alerts} onChange={(alerts) => edit({ alerts })} />
      </Choice>
      <Choice
        title={t('alerts.choose.thresholds', 'Thresholds')}
        description={t(
          'alerts.choose.thresholds-why',
          'As they are, they were tested on recordings of real kills (docs/alerts.md).'
        )}
      >
        <ThresholdsField
          alerts={choices.alerts}
          thresholds={choices.thresholds}
          onChange={(thresholds) => edit({ thresholds })}
        />
      </Choice>
      <Choice
        title={t('alerts.choose.filters', 'Filters')}
        description={t('alerts.choose.filters-why', 'Without any, all Go processes of the data source are watched.')}
      >
        <MatchersField matchers={choices.matchers} onChange={(matchers) => edit({ matchers })} />
      </Choice>
      <Choice title={t('alerts.choose.delivery', 'Delivery')}>
        <DeliveryField
          delivery={choices.delivery}
          onChange={(delivery) => edit({ delivery })}
          integrations={found.integrations}
          {...{ addresses, onAddresses, permissions }}
        />
      </Choice>
      <Choice title={t('alerts.choose.folder', 'Folder')}>
        <FolderField folder={choices.folder} onChange={(folder) => edit({ folder })} />
      </Choice>
      <Choice title={t('alerts.choose.recorded', 'Recordings')}>
        <Field
          noMargin
          label={t('alerts.recorded.label', 'Read what Prometheus records')}
          description={recordedDescription(hasRecordings)}
          invalid={choices.recorded && hasRecordings === false}
          error={t('alerts.recorded.none', 'Without them in Prometheus, these rules never fire.')}
        >
          <Switch
            id="alerts-recorded"
            value={choices.recorded}
            onChange={({ currentTarget }) => edit({ recorded: currentTarget.checked })}
          />
        </Field>
      </Choice>
    </Section>
  );
}

function recordedDescription(hasRecordings: boolean | undefined): string {
  const why = t(
    'alerts.recorded.why',
    'Rules are some 30 times as cheap for Prometheus if it records go_process:*; from some 200 processes on it matters.'
  );
  switch (hasRecordings) {
    case true:
      return `${why} ${t('alerts.recorded.there', 'This Prometheus does.')}`;
    case false:
      return `${why} ${t('alerts.recorded.missing', 'This Prometheus does not: export the recording rules below, and load them first.')}`;
    case undefined:
      return `${why} ${t('alerts.recorded.unknown', 'Whether it does is not known, as it did not answer.')}`;
  }
}

interface ChoiceProps {
  title: string;
  description?: string;
  children: ReactNode;
}

function Choice({ title, description, children }: ChoiceProps) {
  const styles = useStyles2(getStyles);
  const id = useId();
  return (
    <div role="group" aria-labelledby={id} className={styles.choice}>
      <div>
        <h4 id={id}>{title}</h4>
        {description && (
          <Text color="secondary" variant="bodySmall">
            {description}
          </Text>
        )}
      </div>
      <div className={styles.fields}>{children}</div>
    </div>
  );
}

interface InstallProps {
  plan: InstallPlan | undefined;
  problems: string[];
  missingRights: string[];
  label: string;
  isRunning: boolean;
  onInstall: () => void;
}

function Install({ plan, problems, missingRights, label, isRunning, onInstall }: InstallProps) {
  const whyId = useId();
  const { steps = [], managed = [], keptIntervals = [] } = plan ?? {};
  const isDisabled =
    isRunning || steps.length === 0 || problems.length > 0 || managed.length > 0 || missingRights.length > 0;
  return (
    <Stack direction="column" gap={2} alignItems="flex-start">
      {managed.length > 0 ? (
        <span id={whyId}>
          {t(
            'alerts.install.managed',
            'Rules that are managed elsewhere (above) stay as they are, so nothing is installed.'
          )}
        </span>
      ) : problems.length > 0 ? (
        <Alert severity="warning" title={t('alerts.install.problems', 'Something is missing yet')}>
          <ul id={whyId}>
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </Alert>
      ) : steps.length === 0 && plan ? (
        <span id={whyId}>{t('alerts.install.nothing', 'Grafana has all of it: there is nothing to do.')}</span>
      ) : (
        !isRunning && (
          <>
            <span>
              {t('alerts.install.steps', 'This is what will be done, {{total}} steps:', { total: steps.length })}
            </span>
            <PlannedSteps steps={steps} />
          </>
        )
      )}
      {keptIntervals.map(({ group, seconds, others }) => (
        <span key={group}>
          {t(
            'alerts.install.kept-interval',
            'The group {{group}} has rules of others ({{others}}), so it is still evaluated every {{seconds}} s.',
            { group, seconds, others: others.join(', ') }
          )}
        </span>
      ))}
      {managed.length === 0 && (
        <Button
          size="lg"
          icon={isRunning ? 'spinner' : 'bell'}
          disabled={isDisabled}
          aria-describedby={whyId}
          onClick={onInstall}
        >
          {label}
        </Button>
      )}
      {managed.length === 0 && <MissingRights permissions={missingRights} />}
    </Stack>
  );
}

function installLabel(isInstalled: boolean, plan: InstallPlan | undefined): string {
  const rules = plan?.steps.filter(({ kind }) => kind === 'createRule').length ?? 0;
  return isInstalled
    ? t('alerts.install.apply', 'Apply the changes')
    : t('alerts.install.install', 'Install {{rules}} rules', { rules });
}

/** Why it cannot be installed so. */
function problemsOf(choices: InstallChoices, found: Found, addresses: TypedAddresses): string[] {
  const { alerts, matchers, delivery } = choices;
  const problems: string[] = [];
  if (alerts.length === 0) {
    problems.push(t('alerts.problem.no-rule', 'No rule is chosen.'));
  }
  if (matchers.some(problemOf)) {
    problems.push(t('alerts.problem.filter', 'A filter is not complete.'));
  }
  if (delivery.kind === 'contactPoint' && delivery.name === '') {
    problems.push(t('alerts.problem.contact-point', 'No contact point is chosen.'));
  }
  if (
    delivery.kind === 'ours' &&
    (delivery.robots.length === 0 ||
      delivery.robots.some((robot) => !isAddressed(robot, found.integrations ?? [], addresses)))
  ) {
    problems.push(t('alerts.problem.robot', 'Slack or DingTalk has no address.'));
  }
  return problems;
}

const getStyles = (theme: GrafanaTheme2) => ({
  section: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), h3: { margin: 0 } }),
  choice: css({
    display: 'grid',
    gridTemplateColumns: '180px minmax(0, 1fr)',
    gap: theme.spacing(1, 3),
    paddingTop: theme.spacing(2),
    borderTop: `1px solid ${theme.colors.border.weak}`,
    [theme.breakpoints.down('md')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
    h4: { fontSize: theme.typography.body.fontSize, margin: 0 },
  }),
  fields: css({ minWidth: 0 }),
});
