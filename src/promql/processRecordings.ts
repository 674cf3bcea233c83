import oom from '../../alerts/oom.rules.yml';
import { recordingsOf } from './inlineRecordings';
import { isAlertingRule } from './prometheusRules';

/** `go_process:*` of alerts/oom.rules.yml: what the alerts' figures are, for Prometheuses that do not record them. */
export const processRecordings = recordingsOf(oom.groups);

/** Names of the alerts about one process. */
export const PROCESS_ALERTS = oom.groups.flatMap(({ rules }) => rules.filter(isAlertingRule).map(({ alert }) => alert));

/** The groups that they are in. */
export const PROCESS_ALERT_GROUPS = oom.groups.map(({ name }) => name);
