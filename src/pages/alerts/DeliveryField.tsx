import { Trans } from '@grafana/i18n';
import { config } from '@grafana/runtime';
import {
  Alert,
  Box,
  Button,
  Checkbox,
  Combobox,
  Field,
  Icon,
  Input,
  RadioButtonGroup,
  RadioButtonList,
  Stack,
  Text,
  TextLink,
} from '@grafana/ui';
import { useMutation } from '@tanstack/react-query';
import React from 'react';
import type { Delivery } from '../../alerting/choices';
import {
  CONTACT_POINT,
  integration,
  type Integration,
  isRobotUrl,
  KEPT_SECRET,
  type Robot,
  ROBOT_UIDS,
} from '../../alerting/contactPoint';
import type { ListedIntegration } from '../../alerting/found';
import { missingForTestMessage, type Permissions } from '../../alerting/permissions';
import type { TypedAddresses } from '../../alerting/plan';
import { sendTestMessage, type TestedIntegration } from '../../alerting/provisioningApi';
import type { ProvisioningFailure } from '../../alerting/provisioningFailure';
import { robotName } from './describeStep';
import { nextStepOf } from './GrafanaFailure';
import { MissingRights } from './MissingRights';
import { t } from '../../translate';

interface Props {
  delivery: Delivery;
  onChange: (delivery: Delivery) => void;
  /** Undefined where the person may not see contact points. */
  integrations: ListedIntegration[] | undefined;
  addresses: TypedAddresses;
  onAddresses: (addresses: TypedAddresses) => void;
  permissions: Permissions;
}

/** Who is told. */
export function DeliveryField(props: Props) {
  const { delivery, onChange, integrations = [] } = props;
  const names = [...new Set(integrations.map(({ name }) => name))].filter((name) => name !== CONTACT_POINT);
  const present = (['slack', 'dingtalk'] as const).filter((robot) => isPresent(robot, integrations));
  return (
    <Stack direction="column" gap={2}>
      <RadioButtonList
        name="alerts-delivery"
        value={delivery.kind}
        options={[
          {
            value: 'policies',
            label: t('alerts.delivery.policies', 'Your notification policies'),
            description: t(
              'alerts.delivery.policies-description',
              'They route by the labels job, instance, severity, …'
            ),
          },
          {
            value: 'contactPoint',
            label: t('alerts.delivery.contact-point', 'A contact point that is there'),
            description: t(
              'alerts.delivery.contact-point-description',
              'The rules notify it directly; policies stay as they are.'
            ),
          },
          {
            value: 'ours',
            label: t('alerts.delivery.ours', 'Slack or DingTalk, in messages made for these alerts'),
            description: t(
              'alerts.delivery.ours-description',
              'A contact point of its own: the function that grows, minutes left, links to the flame graph.'
            ),
          },
        ]}
        onChange={(kind: Delivery['kind']) => onChange(emptyDelivery(kind, names, present))}
      />
      {delivery.kind === 'contactPoint' && (
        <Field
          noMargin
          label={t('alerts.delivery.name', 'Contact point')}
          description={
            props.integrations === undefined &&
            t('alerts.delivery.hidden', 'To choose one you need the permission alert.notifications:read.')
          }
          invalid={delivery.name === ''}
          error={t('alerts.delivery.choose', 'Choose one.')}
        >
          <Combobox
            id="alerts-contact-point"
            width={40}
            disabled={names.length === 0}
            options={names.map((name) => ({ label: name, value: name }))}
            value={delivery.name || null}
            onChange={({ value }) => onChange({ kind: 'contactPoint', name: value })}
          />
        </Field>
      )}
      {delivery.kind === 'ours' && <Robots {...props} delivery={delivery} />}
    </Stack>
  );
}

function emptyDelivery(kind: Delivery['kind'], names: string[], present: Robot[]): Delivery {
  switch (kind) {
    case 'policies':
      return { kind };
    case 'contactPoint':
      return { kind, name: names[0] ?? '' };
    case 'ours':
      return {
        kind,
        robots: present.length > 0 ? present : ['slack'],
        language: config.bootData?.user?.language?.startsWith('zh') ? 'zh' : 'en',
      };
  }
}

function isPresent(robot: Robot, integrations: ReadonlyArray<{ uid: string }>): boolean {
  return integrations.some(({ uid }) => uid === ROBOT_UIDS[robot]);
}

function Robots({
  delivery,
  onChange,
  integrations = [],
  addresses,
  onAddresses,
  permissions,
}: Props & { delivery: Extract<Delivery, { kind: 'ours' }> }) {
  const { robots, language = 'en' } = delivery;
  const test = useMutation<TestedIntegration[], ProvisioningFailure, Integration[]>({
    mutationFn: (tested) => sendTestMessage(tested),
  });
  const isReady = robots.length > 0 && robots.every((robot) => isAddressed(robot, integrations, addresses));
  const missing = missingForTestMessage(permissions);
  const toggle = (robot: Robot) =>
    onChange({
      ...delivery,
      robots: (['slack', 'dingtalk'] as const).filter((other) => (other === robot) !== robots.includes(other)),
    });
  return (
    <Stack direction="column" gap={2} alignItems="flex-start">
      {(['slack', 'dingtalk'] as const).map((robot) => (
        <Stack key={robot} direction="column" gap={1} alignItems="flex-start" width="100%">
          <Checkbox label={robotName(robot)} value={robots.includes(robot)} onChange={() => toggle(robot)} />
          {robots.includes(robot) && (
            <Box width="min(480px, 100%)">
              <RobotAddress
                robot={robot}
                isPresent={isPresent(robot, integrations)}
                address={addresses[robot] ?? ''}
                onChange={(address) => onAddresses({ ...addresses, [robot]: address })}
              />
            </Box>
          )}
        </Stack>
      ))}
      <Field noMargin label={t('alerts.delivery.language', 'Language of the messages')}>
        <RadioButtonGroup
          options={[
            { value: 'en' as const, label: 'English' },
            { value: 'zh' as const, label: '简体中文' },
          ]}
          value={language}
          onChange={(chosen) => onChange({ ...delivery, language: chosen })}
        />
      </Field>
      {robots.length === 0 && (
        <Text color="error">{t('alerts.delivery.no-robot', 'Choose one of them at least, or another delivery.')}</Text>
      )}
      <Button
        size="sm"
        variant="secondary"
        icon={test.isPending ? 'spinner' : 'envelope'}
        disabled={!isReady || missing.length > 0 || test.isPending}
        onClick={() =>
          test.mutate(robots.map((robot) => integration(robot, addresses[robot]?.trim() || KEPT_SECRET, language)))
        }
      >
        {t('alerts.delivery.test', 'Send a test message')}
      </Button>
      <MissingRights permissions={missing} />
      <div aria-live="polite">
        {test.data && <TestResults results={test.data} />}
        {test.error && (
          <Alert severity="error" title={t('alerts.delivery.test-failed', 'No test message was sent')}>
            <code>{test.error.message}</code> {nextStepOf(test.error.kind)}
          </Alert>
        )}
      </div>
    </Stack>
  );
}

/** Whether the robot has an address, typed or saved. */
export function isAddressed(
  robot: Robot,
  integrations: ReadonlyArray<{ uid: string }>,
  addresses: TypedAddresses
): boolean {
  const typed = addresses[robot]?.trim();
  return typed ? isRobotUrl(typed) : isPresent(robot, integrations);
}

interface RobotAddressProps {
  robot: Robot;
  isPresent: boolean;
  address: string;
  onChange: (address: string) => void;
}

function RobotAddress({ robot, isPresent, address, onChange }: RobotAddressProps) {
  const typed = address.trim();
  return (
    <Field
      noMargin
      label={t('alerts.robot.address', 'Webhook address of {{robot}}', { robot: robotName(robot) })}
      description={
        robot === 'slack'
          ? t('alerts.robot.slack', 'Of an “incoming webhook” of your Slack app: https://hooks.slack.com/services/…')
          : t(
              'alerts.robot.dingtalk',
              'Of a custom robot: https://oapi.dingtalk.com/robot/send?access_token=… Its security setting has to be a keyword, such as Go, or an IP address; Grafana cannot sign. Our relay (relay/README.md) does, and tries again.'
            )
      }
      invalid={typed === '' ? !isPresent : !isRobotUrl(typed)}
      error={t('alerts.robot.wrong', 'An http or https address, as the robot’s page shows it.')}
    >
      <Input
        id={`alerts-address-${robot}`}
        // Who has the address can write to the channel.
        type="password"
        autoComplete="off"
        value={address}
        placeholder={isPresent ? t('alerts.robot.kept', 'Saved; type to replace it') : ''}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </Field>
  );
}

function TestResults({ results }: { results: TestedIntegration[] }) {
  return (
    <Stack direction="column" gap={1}>
      {results.map(({ uid, error }) => {
        const robot = uid === ROBOT_UIDS.slack ? 'slack' : 'dingtalk';
        return (
          <Stack key={uid} direction="row" gap={1} alignItems="flex-start">
            <Icon name={error ? 'exclamation-circle' : 'check-circle'} />
            <span>
              {robotName(robot)}:{' '}
              {error ? (
                <code>{error}</code>
              ) : robot === 'slack' ? (
                t('alerts.delivery.delivered', 'delivered')
              ) : (
                <Trans i18nKey="alerts.delivery.sent">
                  sent, says Grafana. Look into the group: DingTalk answers “OK” to a refusal too, with an{' '}
                  <TextLink
                    external
                    inline
                    href="https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages"
                  >
                    errcode
                  </TextLink>{' '}
                  that Grafana does not read.
                </Trans>
              )}
            </span>
          </Stack>
        );
      })}
    </Stack>
  );
}
