import { css } from '@emotion/css';
import type { AppPluginMeta, GrafanaTheme2, PluginConfigPageProps } from '@grafana/data';
import { DataSourcePicker, getBackendSrv } from '@grafana/runtime';
import { Alert, Button, Field, Input, LinkButton, Stack, useStyles2 } from '@grafana/ui';
import React, { type FormEvent, useState } from 'react';
import { lastValueFrom } from 'rxjs';
import { dashboardUrl } from '../../routes';
import type { AppSettings } from '../../settings';

type Saving = { state: 'idle' } | { state: 'saving' } | { state: 'failed'; message: string };

export function ConfigurationPage({ plugin }: PluginConfigPageProps<AppPluginMeta<AppSettings>>) {
  const styles = useStyles2(getStyles);
  const { id, enabled, pinned, jsonData } = plugin.meta;
  const [settings, setSettings] = useState<AppSettings>(jsonData ?? {});
  const [saving, setSaving] = useState<Saving>({ state: 'idle' });

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
        These two prefill the links to the dashboard: the data source that “Go processes” starts with, and the job of
        its button “Open dashboard”. They change nothing else, and hold for the whole organisation.
      </p>
      <Field label="Default data source" description="A Prometheus, or anything that answers its API">
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
      <Field label="Default job" description="The Prometheus job of your Go program, as in up{job=“…”}">
        <Input
          id="default-job"
          width={40}
          name="job"
          value={settings.job ?? ''}
          placeholder="checkout"
          onChange={({ currentTarget }) => setSettings({ ...settings, job: currentTarget.value.trim() || undefined })}
        />
      </Field>
      <p className={styles.hint}>
        Where the app is provisioned from a file, Grafana writes that file&apos;s settings again at each start.
      </p>
      {saving.state === 'failed' && (
        <Alert severity="error" title="Not saved">
          {saving.message}
        </Alert>
      )}
      <Stack direction="row" gap={1}>
        <Button type="submit" disabled={saving.state === 'saving'}>
          Save
        </Button>
        <LinkButton variant="secondary" fill="text" href={dashboardUrl(settings)}>
          Try the link
        </LinkButton>
      </Stack>
    </form>
  );
}

function failureOf(error: unknown): string {
  const { status, data } = error as { status?: number; data?: { message?: string } };
  if (status === 403) {
    return 'Only an Admin of the organisation may change an app’s settings.';
  }
  return data?.message ?? (error instanceof Error ? error.message : `Grafana answered with status ${status}.`);
}

const getStyles = (theme: GrafanaTheme2) => ({
  form: css({ maxWidth: 640 }),
  hint: css({ color: theme.colors.text.secondary }),
});
