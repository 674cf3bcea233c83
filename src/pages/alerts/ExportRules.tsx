import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Trans } from '@grafana/i18n';
import { config } from '@grafana/runtime';
import {
  Alert,
  Button,
  ClipboardButton,
  Drawer,
  LoadingPlaceholder,
  Stack,
  Tab,
  TabsBar,
  TextLink,
  useStyles2,
} from '@grafana/ui';
import { useQuery } from '@tanstack/react-query';
import React, { useId, useMemo, useState } from 'react';
import type { InstallChoices } from '../../alerting/choices';
import { ADDRESS_VARIABLES, exportedText, type ExportKind, FILE_NAMES } from '../../alerting/export/exportedFiles';
import { APP_ID } from '../../constants';
import { t } from '../../translate';

interface Props {
  choices: InstallChoices;
  /** What the files say they were made at; now by default. */
  date?: Date;
}

/** The chosen rules as files, for those who keep rules in git. */
export function ExportRules({ choices, date }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button variant="secondary" icon="download-alt" onClick={() => setIsOpen(true)}>
        {t('alerts.export.open', 'Export as files')}
      </Button>
      {isOpen && <ExportDrawer {...{ choices, date }} onClose={() => setIsOpen(false)} />}
    </>
  );
}

const KINDS: ExportKind[] = ['prometheus', 'operator', 'grafana'];

function ExportDrawer({ choices, date, onClose }: Props & { onClose: () => void }) {
  const styles = useStyles2(getStyles);
  const [kind, setKind] = useState<ExportKind>('prometheus');
  const id = useId();
  const tabId = (of: ExportKind) => `${id}-${of}`;
  return (
    <Drawer
      title={t('alerts.export.title', 'Export rules')}
      subtitle={t('alerts.export.subtitle', 'The chosen rules, with their thresholds and filters, to keep in git.')}
      size="md"
      onClose={onClose}
      tabs={
        <TabsBar>
          {KINDS.map((one) => (
            <Tab
              key={one}
              id={tabId(one)}
              label={labelOf(one)}
              active={one === kind}
              onChangeTab={() => setKind(one)}
              aria-controls={`${id}-panel`}
            />
          ))}
        </TabsBar>
      }
    >
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={tabId(kind)} className={styles.panel}>
        <Instructions kind={kind} choices={choices} />
        <ExportedFile key={kind} {...{ kind, choices, date }} />
      </div>
    </Drawer>
  );
}

function labelOf(kind: ExportKind): string {
  switch (kind) {
    case 'prometheus':
      return t('alerts.export.prometheus', 'Prometheus');
    case 'operator':
      return t('alerts.export.operator', 'Prometheus Operator');
    case 'grafana':
      return t('alerts.export.grafana', 'Grafana');
  }
}

function Instructions({ kind, choices: { delivery, recorded } }: { kind: ExportKind; choices: InstallChoices }) {
  switch (kind) {
    case 'prometheus':
      return (
        <p>
          <Trans i18nKey="alerts.export.prometheus-how">
            Add the file to <code>rule_files</code> of Prometheus 2.42 or newer, or load it into the ruler of Mimir or
            into vmalert. Its recordings make Grafana’s rules cheap, too. Alertmanager tells of these alerts, not
            Grafana.
          </Trans>
        </p>
      );
    case 'operator':
      return (
        <p>
          <Trans i18nKey="alerts.export.operator-how">
            Apply it in the namespace of your Prometheus, with the labels that its <code>ruleSelector</code> asks for:
            for kube-prometheus-stack, <code>release</code> with the name of the release.
          </Trans>
        </p>
      );
    case 'grafana':
      return (
        <>
          <p>
            <Trans i18nKey="alerts.export.grafana-how">
              Put it into <code>provisioning/alerting</code> of Grafana and restart it. The rules have the same uids as
              those that this page installs: remove these first, as Grafana keeps one of each.
            </Trans>
          </p>
          {delivery.kind === 'ours' && (
            <p>
              {t(
                'alerts.export.addresses',
                'Addresses are secrets and are not in it: Grafana takes them from its environment.'
              )}{' '}
              <code>{delivery.robots.map((robot) => ADDRESS_VARIABLES[robot]).join(', ')}</code>
            </p>
          )}
          {recorded && (
            <p>
              <Trans i18nKey="alerts.export.recorded">
                They read what Prometheus records: load the file for Prometheus there, too.
              </Trans>
            </p>
          )}
        </>
      );
  }
}

function ExportedFile({ kind, choices, date: givenDate }: Props & { kind: ExportKind }) {
  const styles = useStyles2(getStyles);
  const [date] = useState(() => givenDate ?? new Date());
  const yaml = useQuery({
    queryKey: ['js-yaml'],
    // Nobody but who exports needs it.
    queryFn: async () => (await import('js-yaml')).dump,
    staleTime: Infinity,
  });
  const { data: dumpYaml } = yaml;
  const file = useMemo(() => {
    if (!dumpYaml) {
      return undefined;
    }
    const version = config.apps[APP_ID]?.version ?? '';
    const dump = (value: unknown) => dumpYaml(value, { lineWidth: -1, noRefs: true });
    try {
      return { text: exportedText(kind, choices, { version, date }, dump) };
    } catch (error) {
      return { problem: error instanceof Error ? error.message : String(error) };
    }
  }, [dumpYaml, kind, choices, date]);

  if (yaml.error) {
    return (
      <Alert severity="error" title={t('alerts.export.not-loaded', 'A part of the app could not be loaded')}>
        <Button size="sm" variant="secondary" icon="sync" onClick={() => yaml.refetch()}>
          {t('alerts.export.retry', 'Try again')}
        </Button>
      </Alert>
    );
  }
  if (!file) {
    return <LoadingPlaceholder text={t('alerts.export.loading', 'Writing the file…')} />;
  }
  if (file.problem !== undefined) {
    return (
      <Alert severity="error" title={t('alerts.export.problem', 'These choices make no rules')}>
        {file.problem}
      </Alert>
    );
  }
  const name = FILE_NAMES[kind];
  return (
    <Stack direction="column" gap={1}>
      <div className={styles.head}>
        <code className={styles.name}>{name}</code>
        <Stack direction="row" gap={1}>
          <ClipboardButton size="sm" variant="secondary" icon="copy" getText={() => file.text}>
            {t('alerts.export.copy', 'Copy')}
          </ClipboardButton>
          <Button size="sm" icon="download-alt" onClick={() => download(name, file.text)}>
            {t('alerts.export.download', 'Download')}
          </Button>
        </Stack>
      </div>
      {/* Focusable, so that keys scroll it. */}
      <pre className={styles.text} tabIndex={0} aria-label={t('alerts.export.text', 'Content of {{name}}', { name })}>
        {file.text}
      </pre>
      <TextLink external inline={false} href="https://github.com/stackpressure/goroutines/blob/main/docs/alerts.md">
        {t('alerts.export.docs', 'What each alert means and why its numbers are what they are')}
      </TextLink>
    </Stack>
  );
}

function download(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

const getStyles = (theme: GrafanaTheme2) => ({
  panel: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1), minWidth: 0 }),
  head: css({
    display: 'flex',
    flexWrap: 'wrap',
    justifyContent: 'space-between',
    alignItems: 'center',
    gap: theme.spacing(1),
  }),
  name: css({ overflowWrap: 'anywhere' }),
  text: css({ maxHeight: '60vh', overflow: 'auto', margin: 0, fontSize: theme.typography.bodySmall.fontSize }),
});
