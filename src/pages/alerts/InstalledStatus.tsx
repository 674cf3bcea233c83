import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import {
  Alert,
  Badge,
  type BadgeColor,
  Button,
  ControlledCollapse,
  LinkButton,
  Stack,
  Text,
  TextLink,
  useStyles2,
} from '@grafana/ui';
import React, { useId } from 'react';
import type { Delivery } from '../../alerting/choices';
import { CONTACT_POINT } from '../../alerting/contactPoint';
import type { Installed } from '../../alerting/found';
import { missingFor, type Permissions } from '../../alerting/permissions';
import type { InstallPlan } from '../../alerting/plan';
import { DifferencesTable } from './DifferencesTable';
import { MissingRights } from './MissingRights';
import { t } from '../../translate';

interface Props {
  installed: Installed | undefined;
  /** Of the folder that it is in. */
  folderTitle: string | undefined;
  version: string;
  /** The page's. */
  dataSourceUid: string;
  /** What installing again with the same choices changes; undefined while that is not known. */
  renewal: InstallPlan | undefined;
  permissions: Permissions;
  isBusy: boolean;
  onRenew: () => void;
  onRemove: () => void;
}

/** What of ours this Grafana has, and whether it is as it should be. */
export function InstalledStatus(props: Props) {
  const { installed } = props;
  return (
    <section aria-labelledby="alerts-installed">
      <h3 id="alerts-installed">{t('alerts.installed.title', 'Installed')}</h3>
      {installed ? (
        <Some {...props} installed={installed} />
      ) : (
        <Text color="secondary">
          {t(
            'alerts.installed.nothing',
            'None of our rules are in this Grafana yet. Choose below, and see all of it before anything is changed.'
          )}
        </Text>
      )}
    </section>
  );
}

function Some({
  installed,
  folderTitle = installed.choices.folder.title,
  version,
  dataSourceUid,
  renewal,
  permissions,
  isBusy,
  onRenew,
  onRemove,
}: Props & { installed: Installed }) {
  const styles = useStyles2(getStyles);
  const rightsId = useId();
  const { rules, hidden, differences, managed, missing, isOlder } = installed;
  const isManaged = managed.length > 0;
  const isElsewhere = !installed.dataSourceUids.includes(dataSourceUid);
  const canRenew = !isManaged && (renewal?.steps.length ?? 0) > 0;
  const missingRights = canRenew ? missingFor(renewal!.steps, permissions) : [];
  const removable = rules.filter(({ provenance }) => !provenance);
  const missingToRemove = missingFor([{ kind: 'deleteRule' }], permissions);
  return (
    <Stack direction="column" gap={2}>
      <Stack direction="row" gap={1} wrap="wrap" alignItems="center">
        {badgesOf(installed, isElsewhere, canRenew).map(({ text, color }) => (
          <Badge key={text} text={text} color={color} />
        ))}
      </Stack>
      <span>{summaryOf(installed, folderTitle)}</span>
      {isManaged && <Managed managed={managed} />}
      {isElsewhere && rules.length > 0 && (
        <Alert severity="info" title={t('alerts.installed.elsewhere', 'They ask another data source')}>
          {t(
            'alerts.installed.elsewhere-text',
            'They watch {{installed}}. Our rules are in a Grafana once: installing them below moves them to {{chosen}}.',
            {
              installed: installed.dataSourceUids.map(dataSourceName).join(', '),
              chosen: dataSourceName(dataSourceUid),
            }
          )}
        </Alert>
      )}
      {missing.length > 0 && !isManaged && (
        <span>
          {t('alerts.installed.missing', 'Chosen, but not there: {{alerts}}.', { alerts: missing.join(', ') })}
        </span>
      )}
      {hidden.length > 0 && (
        <span>
          {t('alerts.installed.hidden', '{{count}} more are in folders that you may not see.', {
            count: hidden.length,
          })}
        </span>
      )}
      <div className={styles.folds}>
        <ControlledCollapse label={t('alerts.installed.rules', 'The {{total}} rules', { total: rules.length })}>
          <ul className={styles.rules}>
            {rules.map(({ uid, title, isPaused }) => (
              <li key={uid}>
                <TextLink href={`/alerting/grafana/${uid}/view`}>{title}</TextLink>
                {isPaused && <Badge text={t('alerts.installed.paused', 'paused')} color="orange" />}
              </li>
            ))}
          </ul>
        </ControlledCollapse>
        {differences.size > 0 && (
          <ControlledCollapse
            isOpen={!isManaged}
            label={
              isOlder
                ? t('alerts.installed.upgrade-differences', 'What version {{version}} changes of {{total}} rules', {
                    version,
                    total: differences.size,
                  })
                : isManaged
                  ? t('alerts.installed.file-differences', 'What is different from our rules with the usual choices')
                  : t('alerts.installed.differences', 'Somebody changed {{total}} rules since', {
                      total: differences.size,
                    })
            }
          >
            <DifferencesTable differences={differences} />
          </ControlledCollapse>
        )}
      </div>
      <Stack direction="row" gap={1} wrap="wrap">
        {canRenew && (
          <Button
            icon="sync"
            onClick={onRenew}
            disabled={isBusy || missingRights.length > 0}
            aria-describedby={missingRights.length > 0 ? rightsId : undefined}
          >
            {isOlder
              ? t('alerts.installed.upgrade', 'Upgrade to {{version}} with the same choices', { version })
              : t('alerts.installed.restore', 'Restore them as they were installed')}
          </Button>
        )}
        <LinkButton
          variant="secondary"
          icon="bell"
          href={`/alerting/list?search=${encodeURIComponent('label:severity Go')}`}
        >
          {t('alerts.installed.open', 'Open in Alerting')}
        </LinkButton>
        {removable.length > 0 && (
          <Button
            variant="destructive"
            fill="outline"
            icon="trash-alt"
            onClick={onRemove}
            disabled={isBusy || missingToRemove.length > 0}
          >
            {t('alerts.installed.remove', 'Remove…')}
          </Button>
        )}
      </Stack>
      <MissingRights
        id={rightsId}
        permissions={[...new Set([...missingRights, ...(removable.length > 0 ? missingToRemove : [])])]}
      />
    </Stack>
  );
}

function Managed({ managed }: { managed: Installed['managed'] }) {
  const isFile = managed.every(({ provenance }) => provenance === 'file');
  const alerts = managed.map(({ title }) => title).join(', ');
  return (
    <Alert
      severity="info"
      title={
        isFile
          ? t('alerts.managed.file', 'Provisioned from a file: change it there')
          : t('alerts.managed.api', 'Managed by another tool: change them there')
      }
    >
      {isFile
        ? t(
            'alerts.managed.file-text',
            'Grafana changes these rules as its file in provisioning/alerting says, and no other way: {{alerts}}. To install them here instead, take them out of the file and delete them (deleteRules).',
            { alerts }
          )
        : t(
            'alerts.managed.api-text',
            'Terraform or another tool put these rules here, and Grafana lets nobody else change them: {{alerts}}.',
            { alerts }
          )}
    </Alert>
  );
}

function badgesOf(
  installed: Installed,
  isElsewhere: boolean,
  canRenew: boolean
): Array<{ text: string; color: BadgeColor }> {
  const { managed, missing, isOlder, version = '', differences } = installed;
  const badges: Array<{ text: string; color: BadgeColor }> = [];
  if (managed.length > 0) {
    badges.push({ text: t('alerts.badge.managed', 'Managed elsewhere'), color: 'blue' });
  } else {
    if (isOlder) {
      badges.push({ text: t('alerts.badge.older', 'Version {{version}}, older', { version }), color: 'orange' });
    }
    if (missing.length > 0) {
      badges.push({ text: t('alerts.badge.partly', 'Partly installed'), color: 'orange' });
    }
    if (!isOlder && differences.size > 0) {
      badges.push({ text: t('alerts.badge.edited', 'Edited since'), color: 'orange' });
    }
    if (badges.length === 0 && !canRenew) {
      badges.push({ text: t('alerts.badge.current', 'Current, version {{version}}', { version }), color: 'green' });
    }
  }
  if (isElsewhere) {
    badges.push({ text: t('alerts.badge.elsewhere', 'Another data source'), color: 'orange' });
  }
  return badges;
}

function summaryOf({ rules, choices, dataSourceUids }: Installed, folder: string): string {
  return t(
    'alerts.installed.summary',
    '{{total}} rules in the folder “{{folder}}” ask {{dataSource}}; they notify {{who}}.',
    {
      total: rules.length,
      folder,
      dataSource: dataSourceUids.map(dataSourceName).join(', '),
      who: notified(choices.delivery),
    }
  );
}

export function notified(delivery: Delivery): string {
  switch (delivery.kind) {
    case 'policies':
      return t('alerts.notified.policies', 'whom your notification policies say');
    case 'contactPoint':
      return t('alerts.notified.contact-point', 'the contact point “{{name}}”', { name: delivery.name });
    case 'ours':
      return t('alerts.notified.contact-point', 'the contact point “{{name}}”', { name: CONTACT_POINT });
  }
}

/** Names can be changed and data sources deleted: the uid is what rules have. */
function dataSourceName(uid: string): string {
  return getDataSourceSrv().getInstanceSettings(uid)?.name ?? uid;
}

const getStyles = (theme: GrafanaTheme2) => ({
  folds: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  rules: css({
    listStyle: 'none',
    columns: '240px 3',
    margin: 0,
    li: { display: 'flex', gap: theme.spacing(1), alignItems: 'center' },
  }),
});
