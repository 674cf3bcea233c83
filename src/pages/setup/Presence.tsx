import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, type IconName, useStyles2 } from '@grafana/ui';
import React, { type ReactNode } from 'react';
import { t } from '../../translate';

/** Of something: there, of some alone, missing, absent though nothing needs it, or not known. */
export type PresenceState = 'present' | 'partly' | 'missing' | 'unneeded' | 'unknown';

const ICONS: Record<PresenceState, IconName> = {
  present: 'check-circle',
  partly: 'exclamation-circle',
  missing: 'exclamation-triangle',
  unneeded: 'minus-circle',
  unknown: 'question-circle',
};

/** Whether something is there, by an icon, its name for screen readers, and words; not by colour alone. */
export function Presence({ state, children }: { state: PresenceState; children: ReactNode }) {
  const styles = useStyles2(getStyles);
  return (
    <span className={styles.presence}>
      {/* By key, as an icon that is still being fetched stays when its name changes. */}
      <Icon key={state} name={ICONS[state]} className={styles[state]} title={stateName(state)} />
      <span className={styles.text}>{children}</span>
    </span>
  );
}

function stateName(state: PresenceState): string {
  switch (state) {
    case 'present':
      return t('setup.presence.present', 'There');
    case 'partly':
      return t('setup.presence.partly', 'Not of all');
    case 'missing':
      return t('setup.presence.missing', 'Missing');
    case 'unneeded':
      return t('setup.presence.unneeded', 'Not there');
    case 'unknown':
      return t('setup.presence.unknown', 'Not known');
  }
}

const getStyles = (theme: GrafanaTheme2) => ({
  presence: css({ display: 'inline-flex', maxWidth: '100%', gap: theme.spacing(0.75), alignItems: 'flex-start' }),
  text: css({ minWidth: 0, overflowWrap: 'break-word' }),
  present: css({ color: theme.colors.success.text, flexShrink: 0, marginTop: 2 }),
  partly: css({ color: theme.colors.warning.text, flexShrink: 0, marginTop: 2 }),
  missing: css({ color: theme.colors.warning.text, flexShrink: 0, marginTop: 2 }),
  unneeded: css({ color: theme.colors.text.secondary, flexShrink: 0, marginTop: 2 }),
  unknown: css({ color: theme.colors.text.secondary, flexShrink: 0, marginTop: 2 }),
});
