import { config, setBackendSrv } from '@grafana/runtime';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { setupServer } from 'msw/node';
import React from 'react';
import { carryOut } from '../../alerting/carryOut';
import { defaultChoices, type InstallChoices } from '../../alerting/choices';
import { installPlan } from '../../alerting/plan';
import { carryOutStep, findFolder, findInstalled } from '../../alerting/provisioningApi';
import { APP_ID } from '../../constants';
import { httpBackendSrv } from '../../test/backendSrv';
import { prometheus } from '../../test/prometheus';
import { ProvisioningApi } from '../../test/provisioningApi';
import { renderPage } from '../../test/renderPage';
import { AlertsPage } from './AlertsPage';

// A whole page, in jsdom, on a machine that is shared.
jest.setTimeout(240_000);

const ADMIN = ['alert.provisioning:write', 'alert.notifications:write', 'folders:create', 'folders:delete'];
const VIEWER = ['alert.rules:read', 'alert.notifications:read', 'folders:read'];

const server = setupServer();
let grafana: ProvisioningApi;

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => {
  grafana = new ProvisioningApi();
  server.use(
    ...grafana.handlers,
    prometheus(() => [])
  );
  config.unifiedAlertingEnabled = true;
  config.apps = { [APP_ID]: { id: APP_ID, version: '1.2.0' } } as unknown as typeof config.apps;
});
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

function open(permissions = ADMIN) {
  config.bootData = {
    ...config.bootData,
    user: { permissions: Object.fromEntries(permissions.map((name) => [name, true])) },
  } as unknown as typeof config.bootData;
  renderPage(<AlertsPage />, { url: '/alerts' });
}

async function alreadyInstalled(choices: InstallChoices = defaultChoices('prom1'), version = '1.2.0') {
  setBackendSrv(httpBackendSrv);
  const folder = await findFolder(choices.folder.uid);
  const { steps } = installPlan(await findInstalled(), folder, choices, {}, version);
  await carryOut(steps, carryOutStep, () => {});
  grafana.writes.length = 0;
}

const button = (name: RegExp | string) => screen.findByRole('button', { name });

it('shows all that will be done, does it, and has nothing to do then', async () => {
  open();
  await userEvent.click(await button('Install 8 rules'));
  expect(await screen.findByText('Done: 10 steps')).toBeInTheDocument();
  expect(await screen.findByText('Current, version 1.2.0')).toBeInTheDocument();
  expect(grafana.rules.size).toBe(8);
  expect(await screen.findByText(/there is nothing to do/)).toBeInTheDocument();
  expect(await button('Apply the changes')).toBeDisabled();
});

it('says by its name in which folder the rules are', async () => {
  grafana.folders.set('bg5e66js', 'Rules of the team');
  await alreadyInstalled({ ...defaultChoices('prom1'), folder: { uid: 'bg5e66js', title: 'Rules of the team' } });
  open();
  expect(await screen.findByText(/8 rules in the folder “Rules of the team”/)).toBeInTheDocument();
});

it('takes thresholds in the units of the person, and says the conditions with them', async () => {
  open();
  const minutes = await screen.findByLabelText(/Time before the kill/);
  await userEvent.clear(minutes);
  await userEvent.type(minutes, '30');
  expect(screen.getAllByText(/Memory ends within 30 minutes/)).toHaveLength(2);
  await userEvent.clear(minutes);
  await userEvent.type(minutes, '3');
  expect(screen.getByText('From 5 to 60; still 30')).toBeInTheDocument();
});

it('installs nothing while a filter is not complete', async () => {
  open();
  await userEvent.click(await button('Add a filter'));
  expect(screen.getByText('A filter is not complete.')).toBeInTheDocument();
  expect(await button('Install 8 rules')).toBeDisabled();
  fireEvent.change(screen.getByLabelText('Label of filter 1'), { target: { value: 'namespace' } });
  fireEvent.change(screen.getByLabelText('Value of filter 1'), { target: { value: 'prod' } });
  await userEvent.click(await button('Install 8 rules'));
  await screen.findByText('Done: 10 steps');
  expect(JSON.stringify(grafana.rules.get('gsp-go-oom-ahead')?.data)).toContain('go_goroutines{namespace=\\"prod\\"}');
});

it('says what was done and what not where Grafana fails in the middle, and completes it then', async () => {
  grafana.refuse = (request) =>
    request.startsWith('POST /api/v1') && grafana.rules.size === 2
      ? { status: 403, message: 'No, says Grafana' }
      : undefined;
  open();
  await userEvent.click(await button('Install 8 rules'));
  expect(await screen.findByText('Stopped after 3 of 10 steps')).toBeInTheDocument();
  expect(screen.getByText('No, says Grafana')).toBeInTheDocument();
  expect(screen.getByText(/You may not do this here/)).toBeInTheDocument();
  expect(await screen.findByText('Partly installed')).toBeInTheDocument();
  grafana.refuse = () => undefined;
  await userEvent.click(await button('Apply the changes'));
  expect(await screen.findByText('Current, version 1.2.0')).toBeInTheDocument();
});

it('offers the upgrade of an older install with its differences, and keeps what was chosen', async () => {
  await alreadyInstalled({ ...defaultChoices('prom1'), thresholds: { memoryUsed: 60 } }, '1.1.0');
  grafana.rules.get('gsp-go-crash-loop')!.for = '7m';
  open();
  expect(await screen.findByText('Version 1.1.0, older')).toBeInTheDocument();
  const table = screen.getByRole('region', { name: 'Differences' });
  expect(within(table).getByRole('row', { name: /GoCrashLoop Pending period 7m 0s/ })).toBeInTheDocument();
  await userEvent.click(await button('Upgrade to 1.2.0 with the same choices'));
  expect(await screen.findByText('Current, version 1.2.0')).toBeInTheDocument();
  expect(grafana.rules.get('gsp-go-crash-loop')!.for).toBe('0s');
  expect(screen.getByLabelText(/Memory used, at least/)).toHaveValue('60');
});

it('removes exactly our rules, after it asked', async () => {
  await alreadyInstalled();
  grafana.add({ uid: 'theirs', folderUID: 'goroutine-stack-pressure-alerts', ruleGroup: 'go-process-oom' });
  open();
  await userEvent.click(await button('Remove…'));
  const dialog = await screen.findByRole('dialog');
  expect(await within(dialog).findByText('It holds 1 other things and stays.')).toBeInTheDocument();
  expect(grafana.writes).toEqual([]);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Remove' }));
  await waitFor(() => expect([...grafana.rules.keys()]).toEqual(['theirs']));
  expect(await screen.findByText(/None of our rules are in this Grafana yet/)).toBeInTheDocument();
});

it('shows a Viewer everything, and names the permission that is missing', async () => {
  await alreadyInstalled(defaultChoices('prom1'), '1.1.0');
  open(VIEWER);
  expect(await button('Upgrade to 1.2.0 with the same choices')).toBeDisabled();
  expect(await button('Remove…')).toBeDisabled();
  expect(await button('Apply the changes')).toBeDisabled();
  expect(screen.getAllByText(/alert.rules:write, alert.provisioning.provenance:write/)[0]).toBeInTheDocument();
});

it('leaves rules of a file to the file', async () => {
  await alreadyInstalled();
  grafana.rules.forEach((rule) => (rule.provenance = 'file'));
  open();
  expect(await screen.findByText('Provisioned from a file: change it there')).toBeInTheDocument();
  expect(await screen.findByText(/managed elsewhere .* stay as they are/)).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: /^(Remove|Apply|Install) ?/ })).not.toBeInTheDocument();
});

it('says that installed rules ask another data source, and moves them', async () => {
  await alreadyInstalled(defaultChoices('first'));
  open();
  expect(await screen.findByText('They ask another data source')).toBeInTheDocument();
  await userEvent.click(await button('Apply the changes'));
  expect(await screen.findByText('Current, version 1.2.0')).toBeInTheDocument();
  expect(screen.queryByText('They ask another data source')).not.toBeInTheDocument();
});

it('tests a robot, with Grafana’s words, and says what Grafana does not notice', async () => {
  grafana.robotErrors.set('slack', 'invalid_token');
  open();
  await userEvent.click(await screen.findByLabelText(/Slack or DingTalk, in messages/));
  fireEvent.change(screen.getByLabelText(/Webhook address of Slack/), {
    target: { value: 'https://hooks.slack.com/x' },
  });
  await userEvent.click(screen.getByLabelText('DingTalk'));
  expect(screen.getByText('Slack or DingTalk has no address.')).toBeInTheDocument();
  fireEvent.change(screen.getByLabelText(/Webhook address of DingTalk/), {
    target: { value: 'https://oapi.dingtalk.com/robot/send' },
  });
  await userEvent.click(await button('Send a test message'));
  expect(await screen.findByText('invalid_token')).toBeInTheDocument();
  expect(screen.getByText(/sent, says Grafana/)).toBeInTheDocument();
});

it('says that alerting is off', async () => {
  config.unifiedAlertingEnabled = false;
  open();
  expect(await screen.findByText('Alerting is off in this Grafana')).toBeInTheDocument();
});

it('says why it does not know what is installed, and asks again', async () => {
  grafana.refuse = () => ({ status: 502, message: 'bad gateway' });
  open();
  expect(await screen.findByText('What is installed is not known')).toBeInTheDocument();
  grafana.refuse = () => undefined;
  await userEvent.click(await button('Try again'));
  expect(await button('Install 8 rules')).toBeEnabled();
});
