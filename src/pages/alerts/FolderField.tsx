import { FolderPicker } from '@grafana/runtime';
import { Field, RadioButtonList, Stack } from '@grafana/ui';
import React, { useState } from 'react';
import type { InstallChoices } from '../../alerting/choices';
import { ourFolder } from '../../alerting/ourFolder';
import { t } from '../../translate';

interface Props {
  folder: InstallChoices['folder'];
  onChange: (folder: InstallChoices['folder']) => void;
}

/** Ours, which is made where it is not there, or one of the organisation's. */
export function FolderField({ folder, onChange }: Props) {
  const [isOther, setIsOther] = useState(folder.uid !== ourFolder.uid);
  return (
    <Stack direction="column" gap={1}>
      <RadioButtonList
        name="alerts-folder"
        value={isOther ? 'other' : 'ours'}
        options={[
          {
            value: 'ours',
            label: t('alerts.folder.ours', 'A folder of its own: {{title}}', { title: ourFolder.title }),
          },
          { value: 'other', label: t('alerts.folder.other', 'Another folder') },
        ]}
        onChange={(kind) => {
          setIsOther(kind === 'other');
          if (kind === 'ours') {
            onChange(ourFolder);
          }
        }}
      />
      {isOther && (
        <Field
          noMargin
          label={t('alerts.folder.which', 'Folder')}
          description={t('alerts.folder.which-description', 'Its permissions say who may see and change the rules.')}
        >
          <FolderPicker
            value={folder.uid === ourFolder.uid ? undefined : folder.uid}
            showRootFolder={false}
            onChange={(uid, title) => uid && onChange({ uid, title: title ?? uid })}
          />
        </Field>
      )}
    </Stack>
  );
}
