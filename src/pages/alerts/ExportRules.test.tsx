import { config } from '@grafana/runtime';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { load } from 'js-yaml';
import React from 'react';
import { defaultChoices, type InstallChoices } from '../../alerting/choices';
import { APP_ID } from '../../constants';
import type { RuleFile } from '../../promql/prometheusRules';
import { renderPage } from '../../test/renderPage';
import { ExportRules } from './ExportRules';

const choices: InstallChoices = { ...defaultChoices('prom1'), delivery: { kind: 'ours', robots: ['slack'] } };

beforeEach(() => {
  config.apps = { [APP_ID]: { id: APP_ID, version: '1.2.0' } } as unknown as typeof config.apps;
});

async function open(chosen = choices) {
  renderPage(<ExportRules choices={chosen} date={new Date('2026-11-25')} />);
  await userEvent.click(screen.getByRole('button', { name: 'Export as files' }));
}

const content = (name: string) => screen.findByLabelText(`Content of ${name}`);

it('shows a rule file of Prometheus, with its name, version and date', async () => {
  await open();
  const file = await content('goroutine-stack-pressure.rules.yml');
  expect(file).toHaveTextContent(/Goroutine Stack Pressure 1\.2\.0.*Exported on 2026-11-25/);
  const { groups } = load(file.textContent!) as RuleFile;
  expect(groups.map(({ name }) => name)).toContain('go-process-oom');
});

it('has a tab for the operator', async () => {
  await open();
  await userEvent.click(screen.getByRole('tab', { name: 'Prometheus Operator' }));
  expect(await content('goroutine-stack-pressure.prometheusrule.yaml')).toHaveTextContent('kind: PrometheusRule');
});

it('names the variables in the place of addresses in the file of Grafana', async () => {
  await open();
  await userEvent.click(screen.getByRole('tab', { name: 'Grafana' }));
  expect(await content('goroutine-stack-pressure.yaml')).toHaveTextContent('url: $SLACK_WEBHOOK_URL');
  expect(screen.getByText('SLACK_WEBHOOK_URL')).toBeInTheDocument();
});

it('downloads what is shown, under its name', async () => {
  const saved: string[] = [];
  URL.createObjectURL = jest.fn(() => 'blob:file');
  URL.revokeObjectURL = jest.fn();
  const click = jest.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
  await open();
  await content('goroutine-stack-pressure.rules.yml');
  await userEvent.click(screen.getByRole('button', { name: 'Download' }));
  expect(saved).toEqual(['goroutine-stack-pressure.rules.yml']);
  click.mockRestore();
});
