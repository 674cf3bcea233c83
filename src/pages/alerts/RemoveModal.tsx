import { Checkbox, ConfirmModal, LoadingPlaceholder, Stack } from '@grafana/ui';
import React, { useState } from 'react';
import { CONTACT_POINT, robotsOf } from '../../alerting/contactPoint';
import type { Found } from '../../alerting/found';
import { ourFolder } from '../../alerting/ourFolder';
import { missingFor, type Permissions } from '../../alerting/permissions';
import { removalPlan, type Step } from '../../alerting/plan';
import { PlannedSteps } from './StepsList';
import { useUses } from './useGrafanaAlerting';
import { t } from '../../translate';

interface Props {
  found: Found;
  permissions: Permissions;
  onConfirm: (steps: Step[]) => void;
  onDismiss: () => void;
}

/** Asks before anything is deleted, and shows what that is. */
export function RemoveModal({ found, permissions, onConfirm, onDismiss }: Props) {
  const [keepContactPoint, setKeepContactPoint] = useState(false);
  const [keepFolder, setKeepFolder] = useState(false);
  const inOurFolder = found.rules.filter(({ folderUID, provenance }) => folderUID === ourFolder.uid && !provenance);
  const uses = useUses(inOurFolder.length);
  const isContactPointOurs = robotsOf(found.integrations ?? []).length > 0;
  const { contactPoint, othersInOurFolder } = uses.data ?? {};
  const isContactPointFree = contactPoint?.rules.length === 0 && !contactPoint.byPolicies;
  const mayContactPoint = missingFor([{ kind: 'deleteIntegration' }], permissions).length === 0;
  const mayFolder = missingFor([{ kind: 'deleteFolder' }], permissions).length === 0;
  const canContactPoint = isContactPointOurs && isContactPointFree && mayContactPoint;
  const canFolder = othersInOurFolder === 0 && mayFolder;
  const steps = removalPlan(found, {
    contactPoint: canContactPoint && !keepContactPoint,
    folder: canFolder && !keepFolder,
  });
  return (
    <ConfirmModal
      isOpen
      title={t('alerts.remove.title', 'Remove our rules from this Grafana?')}
      confirmText={t('alerts.remove.confirm', 'Remove')}
      disabled={uses.isPending}
      onConfirm={() => onConfirm(steps)}
      onDismiss={onDismiss}
      body={
        uses.isPending ? (
          <LoadingPlaceholder text={t('alerts.remove.looking', 'Looking what else uses them…')} />
        ) : (
          <Stack direction="column" gap={2} alignItems="flex-start">
            {isContactPointOurs && (
              <Checkbox
                label={t('alerts.remove.contact-point', 'Our contact point “{{name}}” too', { name: CONTACT_POINT })}
                description={contactPointReason(uses.data?.contactPoint, mayContactPoint)}
                disabled={!canContactPoint}
                value={canContactPoint && !keepContactPoint}
                onChange={() => setKeepContactPoint(!keepContactPoint)}
              />
            )}
            {othersInOurFolder !== undefined && (
              <Checkbox
                label={t('alerts.remove.folder', 'The folder “{{title}}” too', { title: ourFolder.title })}
                description={
                  othersInOurFolder > 0
                    ? t('alerts.remove.folder-used', 'It holds {{others}} other things and stays.', {
                        others: othersInOurFolder,
                      })
                    : t('alerts.remove.folder-empty', 'It is empty then.')
                }
                disabled={!canFolder}
                value={canFolder && !keepFolder}
                onChange={() => setKeepFolder(!keepFolder)}
              />
            )}
            <PlannedSteps steps={steps} />
            <span>
              {t('alerts.remove.rest', 'Nothing else is touched: no rule, no contact point, no policy of others.')}
            </span>
          </Stack>
        )
      }
    />
  );
}

function contactPointReason(uses: { rules: string[]; byPolicies: boolean } | undefined, mayDelete: boolean): string {
  if (!uses || !mayDelete) {
    return t('alerts.remove.contact-point-unknown', 'It stays: you may not see what uses it, or not delete it.');
  }
  if (uses.rules.length > 0) {
    return t('alerts.remove.contact-point-rules', 'It stays: other rules notify it ({{rules}}).', {
      rules: uses.rules.join(', '),
    });
  }
  return uses.byPolicies
    ? t('alerts.remove.contact-point-policies', 'It stays: your notification policies use it.')
    : t('alerts.remove.contact-point-free', 'Nothing else uses it. Its addresses are lost.');
}
