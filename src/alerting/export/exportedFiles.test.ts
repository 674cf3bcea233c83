import { dump, load } from 'js-yaml';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AlertingRule, RecordingRule, RuleFile } from '../../promql/prometheusRules';
import { defaultChoices, type InstallChoices } from '../choices';
import type { ProvisioningFile } from '../provisioningFile';
import { exportedText, type ExportKind } from './exportedFiles';

const MADE = { version: '1.2.3', date: new Date('2026-11-25T23:00:00Z') };

const choices: InstallChoices = {
  ...defaultChoices('prom1'),
  thresholds: { minutesLeft: 20 },
  matchers: [{ label: 'namespace', operator: '=~', value: 'prod|"edge"' }],
  folder: { uid: 'f', title: 'Costs $HOME' },
};

function text(kind: ExportKind, chosen: InstallChoices = choices): string {
  return exportedText(kind, chosen, MADE, (value) => dump(value, { lineWidth: -1, noRefs: true }));
}

function exported<T>(kind: ExportKind, chosen?: InstallChoices): T {
  return load(text(kind, chosen)) as T;
}

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

describe('exportedText', () => {
  it('says what the file is, when it was made, and what was chosen', () => {
    expect(text('prometheus').split('\n').slice(0, 4)).toEqual([
      '# goroutine-stack-pressure.rules.yml: alerts of Goroutine Stack Pressure 1.2.3',
      '# Exported on 2026-11-25 from the page Alerts of its Grafana app, which makes it again with later rules.',
      '# Thresholds: minutesLeft 20',
      '# Only processes with namespace=~"prod|\\"edge\\""',
    ]);
  });

  it('has in a file for Prometheus the chosen alerts and the recordings that they read', () => {
    const rules = exported<RuleFile>('prometheus').groups.flatMap((group) => group.rules);
    const alerts = rules.filter((rule): rule is AlertingRule => 'alert' in rule);
    expect(alerts.map(({ alert }) => alert)).toEqual(choices.alerts);
    expect(alerts[0].expr).toContain('< 1200');
    expect(alerts[0].expr).toContain('go_process:time_to_oom_seconds{namespace=~"prod|\\"edge\\""}');
    const recorded = rules.filter((rule): rule is RecordingRule => 'record' in rule).map(({ record }) => record);
    expect(recorded).toContain('go_process:time_to_oom_seconds');
  });

  (hasPromtool ? it : it.skip)('is a rule file that promtool finds nothing wrong with', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'exported-rules-'));
    try {
      const file = path.join(folder, 'exported.rules.yml');
      writeFileSync(file, text('prometheus'));
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
      expect(`${stdout}${stderr}`).toContain('SUCCESS');
      expect(status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('has the same groups as a PrometheusRule', () => {
    const manifest = exported<{ apiVersion: string; kind: string; spec: RuleFile }>('operator');
    expect(manifest).toMatchObject({ apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule' });
    expect(manifest.spec).toEqual(exported('prometheus'));
  });

  it('puts the environment’s variable in the place of an address, and escapes every other dollar', () => {
    const file = exported<ProvisioningFile>('grafana', {
      ...choices,
      delivery: { kind: 'ours', robots: ['slack', 'dingtalk'] },
    });
    const [{ receivers }] = file.contactPoints!;
    expect(receivers.map(({ settings }) => settings.url)).toEqual(['$SLACK_WEBHOOK_URL', '$DINGTALK_WEBHOOK_URL']);
    expect(file.groups[0].folder).toBe('Costs $$HOME');
    expect(receivers.map(({ settings }) => settings.text ?? settings.message).join()).not.toMatch(/(?<!\$)\$(?!\$)\w/);
    expect(file.groups[0].rules[0].notification_settings).toEqual({
      receiver: 'Goroutine Stack Pressure',
      group_wait: '5s',
      group_interval: '1m',
    });
  });

  it('leaves contact points alone where others are told', () => {
    expect(exported<ProvisioningFile>('grafana').contactPoints).toBeUndefined();
    const file = exported<ProvisioningFile>('grafana', {
      ...choices,
      delivery: { kind: 'contactPoint', name: 'on-call' },
    });
    expect(file.contactPoints).toBeUndefined();
    expect(file.groups[0].rules[0].notification_settings).toEqual({
      receiver: 'on-call',
      group_wait: '5s',
      group_interval: '1m',
    });
  });
});
