import { setBackendSrv } from '@grafana/runtime';
import { setupServer } from 'msw/node';
import { httpBackendSrv } from '../test/backendSrv';
import { ProvisioningApi } from '../test/provisioningApi';
import { carryOut } from './carryOut';
import { defaultChoices, type InstallChoices } from './choices';
import { installedOf } from './found';
import { ourFolder } from './ourFolder';
import { type AlsoRemoved, installPlan, removalPlan, type TypedAddresses } from './plan';
import {
  carryOutStep,
  contactPointUses,
  findFolder,
  findInstalled,
  othersInFolder,
  sendTestMessage,
} from './provisioningApi';
import { INSTALL_ANNOTATION } from './provisionedRule';
import { integration } from './contactPoint';

const VERSION = '1.2.0';
const DEFAULTS = defaultChoices('prom1');
const SLACK = 'https://hooks.slack.com/services/x';
const DINGTALK = 'https://oapi.dingtalk.com/robot/send?access_token=x';

const server = setupServer();
let grafana: ProvisioningApi;

beforeAll(() => {
  setBackendSrv(httpBackendSrv);
  server.listen({ onUnhandledRequest: 'error' });
});
beforeEach(() => {
  grafana = new ProvisioningApi();
  server.use(...grafana.handlers);
});
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

async function planned(choices: InstallChoices = DEFAULTS, addresses: TypedAddresses = {}, version = VERSION) {
  return installPlan(await findInstalled(), await findFolder(choices.folder.uid), choices, addresses, version);
}

async function install(choices: InstallChoices = DEFAULTS, addresses: TypedAddresses = {}, version = VERSION) {
  const { steps } = await planned(choices, addresses, version);
  return carryOut(steps, carryOutStep, () => {});
}

async function remove(also: AlsoRemoved = { contactPoint: false, folder: false }) {
  return carryOut(removalPlan(await findInstalled(), also), carryOutStep, () => {});
}

const titles = () => [...grafana.rules.values()].map(({ title }) => title);

describe('a first install', () => {
  it('makes the folder and each chosen rule, evaluated as the rule files say, and editable', async () => {
    const { failure } = await install();
    expect(failure).toBeUndefined();
    expect(grafana.folders.get('goroutine-stack-pressure-alerts')).toBe('Goroutine Stack Pressure');
    expect(titles()).toEqual(DEFAULTS.alerts);
    expect(grafana.rules.get('gsp-go-oom-ahead')).toMatchObject({
      folderUID: 'goroutine-stack-pressure-alerts',
      ruleGroup: 'go-process-oom',
      intervalSeconds: 20,
      for: '1m',
      keep_firing_for: '2m',
      labels: { severity: 'critical' },
      provenance: '',
    });
    expect(grafana.rules.get('gsp-go-collector-blind')).toMatchObject({ intervalSeconds: 60 });
  });

  it('is done: a second one changes nothing', async () => {
    await install();
    expect((await planned()).steps).toEqual([]);
    const { length } = grafana.writes;
    await install();
    expect(grafana.writes).toHaveLength(length);
  });

  it('tells afterwards what was chosen, and that it is current', async () => {
    const choices: InstallChoices = {
      ...DEFAULTS,
      alerts: ['GoOOMAhead', 'GoCrashLoop'],
      thresholds: { minutesLeft: 20 },
      matchers: [{ label: 'job', operator: '=~', value: '{{a}}|b' }],
    };
    await install(choices);
    const installed = installedOf(await findInstalled(), VERSION);
    expect(installed).toMatchObject({
      version: VERSION,
      isOlder: false,
      missing: [],
      managed: [],
      dataSourceUids: ['prom1'],
    });
    expect(installed?.choices).toEqual(choices);
    expect(installed?.differences.size).toBe(0);
  });

  it('keeps label filters from being executed as templates', async () => {
    await install({ ...DEFAULTS, matchers: [{ label: 'job', operator: '=', value: '{{ template "x" }}' }] });
    expect(grafana.rules.get('gsp-go-oom-ahead')?.annotations?.[INSTALL_ANNOTATION]).not.toContain('{{');
  });

  it('goes into another folder, which it does not make', async () => {
    grafana.folders.set('team', 'Team');
    await install({ ...DEFAULTS, folder: { uid: 'team', title: 'Team' } });
    expect(grafana.writes.filter((write) => write.includes('/api/folders'))).toEqual([]);
    expect(new Set([...grafana.rules.values()].map(({ folderUID }) => folderUID))).toEqual(new Set(['team']));
  });
});

describe('a failure in the middle', () => {
  it('says what was done and what not, and another try does the rest alone', async () => {
    grafana.refuse = (request) =>
      request === 'POST /api/v1/provisioning/alert-rules' && grafana.rules.size === 3
        ? { status: 500, message: 'database is locked' }
        : undefined;
    const { done, current, left, failure } = await install();
    expect(failure).toMatchObject({ kind: 'refused', message: 'database is locked' });
    expect(done.map(({ kind }) => kind)).toEqual(['createFolder', 'createRule', 'createRule', 'createRule']);
    expect(current).toMatchObject({ kind: 'createRule', rule: { title: DEFAULTS.alerts[3] } });
    expect(left.length).toBeGreaterThan(0);

    expect(installedOf(await findInstalled(), VERSION)?.missing).toEqual(DEFAULTS.alerts.slice(3));
    grafana.refuse = () => undefined;
    const again = await install();
    expect(again.done.some((step) => step.kind === 'updateRule')).toBe(false);
    expect(titles()).toEqual(DEFAULTS.alerts);
    expect(grafana.rules.get('gsp-go-oom-ahead')?.intervalSeconds).toBe(20);
    expect((await planned()).steps).toEqual([]);
  });

  it('can be chosen in an organisation that is so new that Grafana knows of no contact points yet', async () => {
    grafana.refuse = (request) =>
      request === 'GET /api/v1/provisioning/contact-points'
        ? { status: 500, message: 'No alertmanager configuration present in this organization' }
        : undefined;
    expect(await findInstalled()).toMatchObject({ rules: [], integrations: [] });
  });

  it('says that Grafana forbade it', async () => {
    grafana.refuse = (request) =>
      request.startsWith('POST') ? { status: 403, message: 'You need additional permissions' } : undefined;
    expect((await install()).failure).toMatchObject({ kind: 'forbidden', message: 'You need additional permissions' });
  });
});

describe('what others put beside our rules', () => {
  it('stays through install, upgrade and removal', async () => {
    await install();
    grafana.add({ uid: 'theirs', folderUID: ourFolder.uid, ruleGroup: 'go-process-oom', provenance: 'api' }, 20);
    const theirs = { ...grafana.rules.get('theirs') };
    await install({ ...DEFAULTS, thresholds: { minutesLeft: 30 } });
    expect(grafana.rules.get('theirs')).toEqual(theirs);
    await remove();
    expect([...grafana.rules.values()]).toEqual([theirs]);
  });

  it('keeps the interval of its group, which the plan says', async () => {
    grafana.folders.set(ourFolder.uid, ourFolder.title);
    grafana.add({ uid: 'theirs', folderUID: ourFolder.uid, ruleGroup: 'go-process-oom' }, 300);
    const { steps, keptIntervals } = await planned();
    expect(keptIntervals).toEqual([{ group: 'go-process-oom', seconds: 300, others: ['theirs'] }]);
    expect(steps.filter(({ kind }) => kind === 'setInterval')).toEqual([]);
  });
});

describe('an upgrade', () => {
  it('is offered where an older version installed the rules, and keeps what was chosen', async () => {
    const choices = { ...DEFAULTS, thresholds: { memoryUsed: 60 } };
    await install(choices, {}, '1.1.9');
    grafana.rules.get('gsp-go-crash-loop')!.annotations!.summary = 'as it was in 1.1.9';
    const installed = installedOf(await findInstalled(), VERSION)!;
    expect(installed).toMatchObject({ isOlder: true, version: '1.1.9' });
    expect([...installed.differences]).toEqual([
      [
        'GoCrashLoop',
        [expect.objectContaining({ field: 'annotation', name: 'summary', installed: 'as it was in 1.1.9' })],
      ],
    ]);
    await install(installed.choices);
    const upgraded = installedOf(await findInstalled(), VERSION)!;
    expect(upgraded).toMatchObject({ isOlder: false, version: VERSION });
    expect(upgraded.choices.thresholds).toEqual({ memoryUsed: 60 });
    expect(upgraded.differences.size).toBe(0);
  });

  it('leaves a rule paused that somebody paused, and its grouping', async () => {
    grafana.integrations.set('mail', { uid: 'mail', name: 'On call', type: 'email', settings: {} });
    const choices: InstallChoices = { ...DEFAULTS, delivery: { kind: 'contactPoint', name: 'On call' } };
    await install(choices, {}, '1.1.0');
    const rule = grafana.rules.get('gsp-go-crash-loop')!;
    Object.assign(rule, { isPaused: true, notification_settings: { receiver: 'On call', group_by: ['...'] } });
    expect(installedOf(await findInstalled(), VERSION)?.differences.size).toBe(0);
    await install(choices);
    expect(grafana.rules.get('gsp-go-crash-loop')).toMatchObject({
      isPaused: true,
      notification_settings: { receiver: 'On call', group_by: ['...'] },
    });
  });

  it('finds a threshold that somebody edited since', async () => {
    await install();
    const { data } = grafana.rules.get('gsp-go-crash-loop')!;
    const threshold = data.find(({ refId }) => refId === 'A_holds')!;
    threshold.model.conditions = [{ type: 'query', evaluator: { type: 'gte', params: [5] } }];
    const installed = installedOf(await findInstalled(), VERSION)!;
    expect(installed.isOlder).toBe(false);
    expect(installed.differences.get('GoCrashLoop')).toEqual([
      { field: 'threshold', name: 'A', installed: '≥ 5', wanted: '≥ 2' },
    ]);
  });

  it('deletes a rule that is not chosen any more, and no other', async () => {
    await install();
    await install({ ...DEFAULTS, alerts: DEFAULTS.alerts.filter((alert) => alert !== 'GoGCThrash') });
    expect(titles()).toEqual(DEFAULTS.alerts.filter((alert) => alert !== 'GoGCThrash'));
  });

  it('moves the rules to another folder', async () => {
    await install();
    grafana.folders.set('team', 'Team');
    await install({ ...DEFAULTS, folder: { uid: 'team', title: 'Team' } });
    expect(new Set([...grafana.rules.values()].map(({ folderUID }) => folderUID))).toEqual(new Set(['team']));
    expect(grafana.rules.get('gsp-go-oom-ahead')?.intervalSeconds).toBe(20);
  });
});

describe('rules from a file', () => {
  it('are told from ours, with what they were made with, and left to their file', async () => {
    await install({ ...DEFAULTS, delivery: { kind: 'policies' } });
    for (const rule of grafana.rules.values()) {
      rule.provenance = 'file';
      delete rule.annotations![INSTALL_ANNOTATION];
    }
    const found = await findInstalled();
    const installed = installedOf(found, VERSION)!;
    expect(installed.managed[0]).toEqual({ title: 'GoOOMAhead', provenance: 'file' });
    expect(installed.choices).toMatchObject({ dataSourceUid: 'prom1', recorded: false, alerts: DEFAULTS.alerts });
    expect(installed.differences.size).toBe(0);
    expect(removalPlan(found, { contactPoint: false, folder: false })).toEqual([]);
  });
});

describe('our contact point', () => {
  const OURS: InstallChoices = { ...DEFAULTS, delivery: { kind: 'ours', robots: ['slack', 'dingtalk'] } };

  it('is there before the rules that notify it, with an integration a robot', async () => {
    const { failure } = await install(OURS, { slack: SLACK, dingtalk: DINGTALK });
    expect(failure).toBeUndefined();
    expect([...grafana.integrations.keys()]).toEqual(['gsp-slack', 'gsp-dingtalk']);
    expect(grafana.integrations.get('gsp-slack')?.settings.url).toBe(SLACK);
    expect(grafana.rules.get('gsp-go-oom-ahead')?.notification_settings).toEqual({
      receiver: 'Goroutine Stack Pressure',
      group_wait: '5s',
      group_interval: '1m',
    });
    expect((await planned(OURS)).steps).toEqual([]);
  });

  it('keeps an address that is not typed again', async () => {
    await install(OURS, { slack: SLACK, dingtalk: DINGTALK });
    grafana.integrations.get('gsp-slack')!.settings.title = 'old';
    const { done } = await install(OURS);
    expect(done.map(({ kind }) => kind)).toEqual(['updateIntegration']);
    expect(grafana.integrations.get('gsp-slack')?.settings.url).toBe(SLACK);
  });

  it('changes robots without being empty in between', async () => {
    await install({ ...OURS, delivery: { kind: 'ours', robots: ['slack'] } }, { slack: SLACK });
    const { failure } = await install(
      { ...OURS, delivery: { kind: 'ours', robots: ['dingtalk'] } },
      { dingtalk: DINGTALK }
    );
    expect(failure).toBeUndefined();
    expect([...grafana.integrations.keys()]).toEqual(['gsp-dingtalk']);
  });

  it('says what else uses it, and goes with the rules and the folder', async () => {
    await install(OURS, { slack: SLACK, dingtalk: DINGTALK });
    expect(await contactPointUses()).toEqual({ rules: [], byPolicies: false });
    grafana.add({ uid: 'theirs', title: 'Theirs', notification_settings: { receiver: 'Goroutine Stack Pressure' } });
    grafana.policies = { receiver: 'x', routes: [{ routes: [{ receiver: 'Goroutine Stack Pressure' }] }] };
    expect(await contactPointUses()).toEqual({ rules: ['Theirs'], byPolicies: true });
    grafana.rules.delete('theirs');

    expect(await othersInFolder(ourFolder.uid, grafana.rules.size)).toBe(0);
    const { failure } = await remove({ contactPoint: true, folder: true });
    expect(failure).toBeUndefined();
    expect([grafana.rules.size, grafana.integrations.size, grafana.folders.size]).toEqual([0, 0, 0]);
  });

  it('says of a test message what Grafana says, by robot', async () => {
    grafana.robotErrors.set('slack', 'invalid_token');
    expect(await sendTestMessage([integration('slack', SLACK, 'en'), integration('dingtalk', DINGTALK, 'en')])).toEqual(
      [{ uid: 'gsp-slack', error: 'invalid_token' }, { uid: 'gsp-dingtalk' }]
    );
  });
});

it('never deletes our folder while something else is in it', async () => {
  await install();
  grafana.add({ uid: 'theirs', folderUID: ourFolder.uid });
  expect(await othersInFolder(ourFolder.uid, grafana.rules.size - 1)).toBe(1);
  const { failure } = await remove({ contactPoint: false, folder: true });
  expect(failure).toMatchObject({ kind: 'conflict' });
  expect(grafana.folders.has(ourFolder.uid)).toBe(true);
});

it('never touches notification policies', async () => {
  await install({ ...DEFAULTS, delivery: { kind: 'ours', robots: ['slack'] } }, { slack: SLACK });
  await remove({ contactPoint: true, folder: true });
  expect(grafana.writes.filter((write) => write.includes('policies'))).toEqual([]);
});
