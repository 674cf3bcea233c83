import type { Step } from '../../alerting/plan';
import { t } from '../../translate';

const ROBOT_NAMES: Record<string, string> = { slack: 'Slack', dingtalk: 'DingTalk', dingding: 'DingTalk' };

export function robotName(robot: string): string {
  return ROBOT_NAMES[robot] ?? robot;
}

export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'createFolder':
      return t('alerts.step.create-folder', 'Make the folder “{{title}}”', step.folder);
    case 'createIntegration':
      return t('alerts.step.create-integration', 'Add {{robot}} to our contact point', {
        robot: robotName(step.integration.type),
      });
    case 'updateIntegration':
      return t('alerts.step.update-integration', 'Change {{robot}} in our contact point', {
        robot: robotName(step.integration.type),
      });
    case 'deleteIntegration':
      return t('alerts.step.delete-integration', 'Delete {{robot}} from our contact point', {
        robot: robotName(step.robot),
      });
    case 'createRule':
      return t('alerts.step.create-rule', 'Add the rule {{title}}', { title: step.rule.title });
    case 'updateRule':
      return t('alerts.step.update-rule', 'Change the rule {{title}}', { title: step.rule.title });
    case 'deleteRule':
      return t('alerts.step.delete-rule', 'Delete the rule {{title}}', { title: step.title });
    case 'setInterval':
      return t('alerts.step.set-interval', 'Let the group {{group}} be evaluated every {{seconds}} s', {
        group: step.group,
        seconds: step.seconds,
      });
    case 'deleteFolder':
      return t('alerts.step.delete-folder', 'Delete our folder, which is empty then');
  }
}
