import { css } from '@emotion/css';
import type { AppPluginMeta, GrafanaTheme2, PluginConfigPageProps } from '@grafana/data';
import { config, DataSourcePicker, getBackendSrv } from '@grafana/runtime';
import { Alert, Button, Field, Input, LinkButton, Stack, useStyles2 } from '@grafana/ui';
import React, { type FormEvent, useState } from 'react';
import { lastValueFrom } from 'rxjs';
import { dashboardUrl } from '../../routes';
import type { AppSettings } from '../../settings';
import { t } from '../../translate';

type Saving = { state: 'idle' } | { state: 'saving' } | { state: 'failed'; message: string };

export function ConfigurationPage({ plugin }: PluginConfigPageProps<AppPluginMeta<AppSettings>>) {
  const styles = useStyles2(getStyles);
  const { id, enabled, pinned, jsonData } = plugin.meta;
  const [settings, setSettings] = useState<AppSettings>(jsonData ?? {});
  const [saving, setSaving] = useState<Saving>({ state: 'idle' });
  const isReadOnly = !mayWrite();

  const save = async (event: FormEvent) => {
    event.preventDefault();
    setSaving({ state: 'saving' });
    try {
      await lastValueFrom(
        getBackendSrv().fetch({
          url: `/api/plugins/${id}/settings`,
          method: 'POST',
          showErrorAlert: false,
          showSuccessAlert: false,
          data: { enabled, pinned, jsonData: settings },
        })
      );
      // Grafana reads an app's settings once, when the page loads.
      window.location.reload();
    } catch (error) {
      setSaving({ state: 'failed', message: failureOf(error) });
    }
  };

  return (
    <form className={styles.form} onSubmit={save}>
      <p>
        {t(
          'configuration.about',
          'These two prefill the links to the dashboard: the data source that the app’s pages start with, and the job of the button “Open the dashboard”. They change nothing else, and hold for the whole organisation.'
        )}
      </p>
      {isReadOnly && (
        <Alert severity="info" title={t('configuration.read-only.title', 'You may not change these')}>
          {t(
            'configuration.read-only.text',
            'It needs the permission “plugins:write”, which Admins of the organisation have: ask one of them.'
          )}
        </Alert>
      )}
      <Field
        label={t('configuration.data-source.label', 'Default data source')}
        description={t('configuration.data-source.description', 'A Prometheus, or anything that answers its API')}
        disabled={isReadOnly}
      >
        <DataSourcePicker
          inputId="default-data-source"
          type="prometheus"
          current={settings.dataSourceUid ?? null}
          onChange={({ uid }) => setSettings({ ...settings, dataSourceUid: uid })}
          onClear={() => setSettings({ ...settings, dataSourceUid: undefined })}
          noDefault
          width={40}
        />
      </Field>
      <Field
        label={t('configuration.job.label', 'Default job')}
        description={t('configuration.job.description', 'The Prometheus job of your Go program, as in up{job=“…”}')}
        disabled={isReadOnly}
      >
        <Input
          id="default-job"
          width={40}
          name="job"
          value={settings.job ?? ''}
          placeholder={t('configuration.job.placeholder', 'checkout')}
          onChange={({ currentTarget }) => setSettings({ ...settings, job: currentTarget.value.trim() || undefined })}
        />
      </Field>
      {/* Grafana tells no plugin whether its settings come from a file. */}
      <p className={styles.hint}>
        {t(
          'configuration.provisioned',
          'Where the app is provisioned from a file, change them there: Grafana writes that file’s settings again at each start.'
        )}
      </p>
      {saving.state === 'failed' && (
        <Alert severity="error" title={t('configuration.failed', 'Not saved')}>
          {saving.message}
        </Alert>
      )}
      <Stack direction="row" gap={1} wrap="wrap">
        <Button type="submit" disabled={isReadOnly || saving.state === 'saving'}>
          {t('configuration.save', 'Save')}
        </Button>
        <LinkButton variant="secondary" fill="text" href={dashboardUrl(settings)}>
          {t('configuration.try', 'Try the link')}
        </LinkButton>
      </Stack>
    </form>
  );
}

/** Whether of this app is for Grafana to say, when it is saved: a permission may be for some plugins alone. */
function mayWrite(): boolean {
  return config.bootData?.user?.permissions?.['plugins:write'] === true;
}

function failureOf(error: unknown): string {
  const { status, data } = error as { status?: number; data?: { message?: string } };
  if (status === 403) {
    return t('configuration.forbidden', 'Only an Admin of the organisation may change an app’s settings.');
  }
  return (
    data?.message ??
    (error instanceof Error
      ? error.message
      : t('configuration.status', 'Grafana answered with status {{status}}.', { status }))
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  form: css({ maxWidth: 640 }),
  hint: css({ color: theme.colors.text.secondary }),
});
