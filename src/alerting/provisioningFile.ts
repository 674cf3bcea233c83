import { staleIntegrations, type ContactPoint } from './contactPoint';
import type { GrafanaGroup, GrafanaRule } from './grafanaRule';

/** The content of a file in Grafana's provisioning/alerting folder. */
export interface ProvisioningFile {
  apiVersion: 1;
  groups: GrafanaGroup[];
  contactPoints?: ContactPoint[];
  deleteContactPoints?: Array<{ orgId: number; uid: string }>;
}

/** Never with notification policies: to provision one is to replace the organisation's whole tree. */
export function provisioningFile(groups: GrafanaGroup[], contactPoint?: ContactPoint): ProvisioningFile {
  const stale = contactPoint ? staleIntegrations(contactPoint) : [];
  return {
    apiVersion: 1,
    groups: groups.map((group) => ({ ...escapeTexts({ ...group, rules: [] }), rules: group.rules.map(escapeRule) })),
    ...(contactPoint && { contactPoints: [escapeTexts(contactPoint)] }),
    ...(stale.length > 0 && { deleteContactPoints: stale.map((uid) => ({ orgId: 1, uid })) }),
  };
}

/** Grafana takes annotations and the models of queries as they are. */
function escapeRule(rule: GrafanaRule): GrafanaRule {
  const data = rule.data.map((query) => ({ ...escapeTexts({ ...query, model: {} }), model: query.model }));
  return { ...escapeTexts({ ...rule, data: [], annotations: {} }), data, annotations: rule.annotations };
}

/** Grafana replaces `$NAME`, `${NAME}` and `$__file{…}` in every other text of a file; `$$` is a dollar. */
function escapeTexts<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, field) =>
    typeof field === 'string' ? field.replaceAll('$', '$$$$') : field
  );
}
