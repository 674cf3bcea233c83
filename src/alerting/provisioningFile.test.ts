import fc from 'fast-check';
import type { ContactPoint } from './contactPoint';
import { grafanaGroup, type GrafanaGroup } from './grafanaRule';
import { provisioningFile } from './provisioningFile';

/** What Grafana makes of a text of a file: pkg/services/provisioning/values, with an empty environment. */
function expand(text: string): string {
  return text
    .split('$$')
    .map((part) => part.replace(/\$(\{[^}]*\}?|\w+|[*#$@!?-])/g, ''))
    .join('$');
}

function groupWith(text: string): GrafanaGroup {
  const made = grafanaGroup(
    {
      name: text,
      interval: '10s',
      rules: [{ alert: 'A', expr: 'a{x="$x"} > 1', labels: { cost: text }, annotations: { summary: text } }],
    },
    { datasourceUid: text, receiver: text }
  );
  return made as GrafanaGroup;
}

function pointWith(text: string): ContactPoint {
  return { orgId: 1, name: text, receivers: [{ uid: 'gsp-slack', type: 'slack', settings: { url: text, text } }] };
}

/** Any text but a template of Prometheus, which is converted before. */
const anyText = fc
  .string({ unit: fc.constantFrom('$', '$$', '{', '}', 'HOME', '__file{/x}', 'é', ' ') })
  .filter((text) => !text.includes('{{'));

describe('provisioningFile', () => {
  it('is what it was made of after Grafana has expanded it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { groups, contactPoints } = provisioningFile([groupWith(text)], pointWith(text));
        const [{ name, rules }] = groups;
        const [{ labels, data, notification_settings }] = rules;
        const [point] = contactPoints ?? [];
        const texts = [name, labels.cost, data[0].datasourceUid, notification_settings?.receiver];
        texts.push(point.name, point.receivers[0].settings.url, point.receivers[0].settings.text);
        expect(texts.map((escaped) => expand(escaped ?? ''))).toEqual(texts.map(() => text));
      })
    );
  });

  it('leaves annotations and models alone, as Grafana does', () => {
    const [{ rules }] = provisioningFile([groupWith('$HOME')]).groups;
    expect(rules[0].annotations.summary).toBe('$HOME');
    expect(rules[0].data[0].model.expr).toContain('x="$x"');
    expect(rules[0].data.at(-1)?.model.expression).toBe('${A_holds}');
  });

  it('deletes the integration whose address is no longer set', () => {
    expect(provisioningFile([], pointWith('x')).deleteContactPoints).toEqual([{ orgId: 1, uid: 'gsp-dingtalk' }]);
    expect(provisioningFile([])).toEqual({ apiVersion: 1, groups: [] });
  });
});
