import { Icon, Stack, Text } from '@grafana/ui';
import React from 'react';
import { t } from '../../translate';

/** Why a button is disabled: which of Grafana's permissions the person lacks. */
export function MissingRights({ permissions, id }: { permissions: string[]; id?: string }) {
  return permissions.length === 0 ? null : (
    <Stack direction="row" gap={1} alignItems="flex-start">
      <Icon name="lock" aria-hidden />
      <Text color="secondary">
        <span id={id}>
          {t(
            'alerts.rights.missing',
            'You lack the permission {{permissions}}. An administrator of the organisation has it.',
            {
              permissions: permissions.join(', '),
            }
          )}
        </span>
      </Text>
    </Stack>
  );
}
