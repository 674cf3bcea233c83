import { parser } from '@prometheus-io/lezer-promql';
import { load } from 'js-yaml';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hasSyntaxError } from '../src/alerting/condition';
import type { GrafanaRule } from '../src/alerting/grafanaRule';
import type { ProvisioningFile } from '../src/alerting/provisioningFile';
import { writeGrafanaAlerting, type GrafanaAlerting } from './provision';

const COMMITTED = path.join(__dirname, '../provisioning/alerting/goroutine-stack-pressure.yaml');
const SLACK = 'https://hooks.slack.com/services/T0/B0/x';
const DINGTALK = 'https://oapi.dingtalk.com/robot/send?access_token=a$b';

let outDir: string;

beforeEach(() => {
  outDir = mkdtempSync(path.join(tmpdir(), 'alerting-'));
});

afterEach(() => {
  rmSync(outDir, { recursive: true });
});

function write(options: Partial<GrafanaAlerting> = {}) {
  const written = writeGrafanaAlerting({ outDir, datasourceUid: 'prometheus', ...options });
  const text = readFileSync(written.file, 'utf8');
  return { ...written, text, content: load(text) as ProvisioningFile };
}

describe('writeGrafanaAlerting', () => {
  it('made the file that the demo by docker compose is provisioned with', () => {
    const { text } = write({ slackUrl: 'http://robots:8080/slack', dingtalkUrl: 'http://robots:8080/dingtalk' });
    expect(readFileSync(COMMITTED, 'utf8')).toBe(text);
  });

  it.each([
    ['both', SLACK, DINGTALK, ['slack', 'dingding']],
    ['Slack', SLACK, undefined, ['slack']],
    ['DingTalk', ' ', DINGTALK, ['dingding']],
    ['none', '', '', []],
  ])('notifies the robots whose addresses are set: %s', (_, slackUrl, dingtalkUrl, expected) => {
    const { content, integrations } = write({ slackUrl, dingtalkUrl });
    expect(integrations).toEqual(expected);
    expect(content.contactPoints?.flatMap(({ receivers }) => receivers.map(({ type }) => type)) ?? []).toEqual(
      expected
    );
    expect(content.groups[0].rules[0].notification_settings?.receiver).toBe(
      expected.length > 0 ? content.contactPoints?.[0].name : undefined
    );
    expect(content).not.toHaveProperty('policies');
  });

  it('takes an address out of its line and keeps Grafana from expanding it', () => {
    const { content } = write({ dingtalkUrl: `${DINGTALK}\n` });
    expect(content.contactPoints?.[0].receivers[0].settings.url).toBe(DINGTALK.replace('$', '$$$$'));
  });

  function rulesOf(options: Partial<GrafanaAlerting> = {}) {
    return write(options).content.groups.flatMap(({ rules }) => rules);
  }

  function ruleOf(title: string, options: Partial<GrafanaAlerting> = {}) {
    return rulesOf(options).find((rule) => rule.title === title)!;
  }

  function asked({ data }: GrafanaRule) {
    return data.filter(({ datasourceUid }) => datasourceUid === 'prometheus');
  }

  it('asks the data source in valid PromQL, and what it is told for all processes', () => {
    expect(asked(ruleOf('GoStackOOMAhead')).map(({ refId }) => refId)).toEqual([
      ...['A', 'B', 'C'],
      ...['Q1', 'Q2', 'Q3', 'Q4', 'Q5', 'Q6', 'Q7', 'Q8'],
    ]);
    for (const { model } of rulesOf().flatMap(asked)) {
      expect(hasSyntaxError(parser.parse(String(model.expr)).topNode)).toBe(false);
    }
  });

  it('reads recordings only when it is told that Prometheus has them', () => {
    const texts = (options: Partial<GrafanaAlerting>) =>
      asked(ruleOf('GoOOMAhead', options)).map(({ model }) => model.expr);
    expect(texts({}).join()).not.toContain('go_process:');
    expect(texts({ recorded: true })[0]).toContain('(go_process:time_to_oom_seconds) + 0');
  });

  it("has the article's own alerts where they are asked for", () => {
    expect(rulesOf().map(({ title }) => title)).not.toContain('GoroutineStackPressure');
    expect(rulesOf({ optional: true }).map(({ title }) => title)).toContain('GoroutineStackPressure');
  });

  it('names the function that grows fastest, and not in a label', () => {
    const { annotations, labels } = ruleOf('GoStackOOMAhead');
    expect(annotations.description).toContain('{{ $values.Q8.Labels.function }}');
    expect(annotations.description).not.toContain('query');
    expect(Object.keys(labels)).toEqual(['severity']);
  });

  it('skips recordings, and names the file of a rule that Grafana cannot have', () => {
    const rule = (alert: string, expr: string) =>
      `groups: [{name: g, interval: 10s, rules: [{alert: ${alert}, expr: ${expr}}]}]`;
    writeFileSync(path.join(outDir, 'a.rules.yml'), 'groups: [{name: r, rules: [{record: r, expr: a}]}]');
    writeFileSync(path.join(outDir, 'b.rules.yml'), rule('First', 'a > 1'));
    expect(write({ rulesDir: outDir }).rules).toEqual(['First']);

    writeFileSync(path.join(outDir, 'c.rules.yml'), rule('First', 'b > 1'));
    expect(() => write({ rulesDir: outDir })).toThrow('two alerts "First"');

    writeFileSync(path.join(outDir, 'c.rules.yml'), rule('Second', 'absent(a)'));
    expect(() => write({ rulesDir: outDir })).toThrow(/c\.rules\.yml: alert "Second": its expression/);
  });
});
