import { expect, test } from '@grafana/plugin-e2e';
import type { Page } from '@playwright/test';
import { APP_ID, DASHBOARD_UID, FLEET_DASHBOARD_UID } from '../src/constants';
import { INSTALL_ANNOTATION } from '../src/alerting/provisionedRule';
import { answerOf, Organisation, type Role } from './organisation';

/** The leaking program of the demo, as Prometheus names it. */
const JOB = process.env.E2E_JOB ?? 'spawn-storm';

const APP = `/a/${APP_ID}`;

/** The stand-in for Slack and DingTalk, as seen from here, and as Grafana sees it. */
const ROBOTS_URL = process.env.ROBOTS_URL ?? 'http://127.0.0.1:8080';
const ROBOTS_URL_IN_GRAFANA = process.env.ROBOTS_URL_IN_GRAFANA ?? ROBOTS_URL;

/** A storm is predicted from its seventh minute on, and grows for eleven. */
const UNTIL_AN_ALERT_FIRES = 10 * 60_000;

// From the first install to the removal, in one organisation: each step needs those before it.
test.describe.configure({ mode: 'serial' });

let organisation: Organisation;
const pages = new Map<Role, Page>();

test.beforeAll(async ({ browser }, { project }) => {
  organisation = await Organisation.create(project.use.baseURL!);
  for (const role of ['Admin', 'Editor', 'Viewer'] as const) {
    const context = await organisation.browserOf(role, browser);
    pages.set(role, await context.newPage());
  }
});

test.afterAll(() => organisation.remove());

function pageOf(role: Role): Page {
  return pages.get(role)!;
}

test('an Admin enables the app, which imports its dashboards', async () => {
  const page = pageOf('Admin');
  await page.goto(`/plugins/${APP_ID}`);
  await page.getByRole('button', { name: 'Enable' }).click();
  const admin = await organisation.api('Admin');
  for (const uid of [DASHBOARD_UID, FLEET_DASHBOARD_UID]) {
    await expect(async () => expect(await admin.get(`/api/dashboards/uid/${uid}`)).toBeOK()).toPass({
      timeout: 30_000,
    });
  }
});

for (const role of ['Admin', 'Editor', 'Viewer'] as const) {
  test(`as ${role}: Set up says what is there of the leaking program`, async () => {
    const page = pageOf(role);
    await page.goto(APP);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByRole('row', { name: new RegExp(JOB) })).toBeVisible();
  });

  test(`as ${role}: Processes has the leaking program, and leads to the dashboard there`, async () => {
    const page = pageOf(role);
    await page.goto(`${APP}/processes`);
    const row = page.getByRole('row', { name: new RegExp(JOB) });
    await expect(row).toContainText('GOMEMLIMIT');
    await row.getByRole('link').click();
    await expect(page).toHaveURL(new RegExp(`/d/${DASHBOARD_UID}.*var-job=${JOB}.*var-instance=`));
  });
}

test('as Viewer: Alerts says why nothing can be installed, and shows what would be', async () => {
  const page = pageOf('Viewer');
  await page.goto(`${APP}/alerts`);
  await expect(page.getByText(/You lack the permission/).first()).toBeVisible();
  await expect(page.getByRole('button', { name: /^Install \d+ rules$/ })).toBeDisabled();
  await expect(page.getByRole('row', { name: /GoStackOOMAhead/ })).toBeVisible();
});

test('as Editor: Alerts lets install what Grafana lets Editors install', async () => {
  const page = pageOf('Editor');
  await page.goto(`${APP}/alerts`);
  await expect(page.getByRole('button', { name: 'Install 8 rules' })).toBeEnabled();
});

/** Somebody's own rule, which nothing of ours may touch. */
async function addOthers() {
  const admin = await organisation.api('Admin');
  await answerOf(await admin.post('/api/folders', { data: { uid: 'others', title: 'Others' } }));
  const data = [
    {
      refId: 'A',
      relativeTimeRange: { from: 0, to: 0 },
      datasourceUid: '__expr__',
      model: { refId: 'A', type: 'math', expression: '0' },
    },
  ];
  const rule = {
    uid: 'others-rule',
    title: 'Their own',
    folderUID: 'others',
    ruleGroup: 'theirs',
    condition: 'A',
    data,
  };
  await answerOf(
    await admin.post('/api/v1/provisioning/alert-rules', {
      data: { ...rule, noDataState: 'OK', execErrState: 'OK', for: '0s', orgID: organisation.id },
    })
  );
}

interface Rule {
  uid: string;
  title: string;
  for: string;
  annotations: Record<string, string>;
}

async function rulesInGrafana(): Promise<Rule[]> {
  const admin = await organisation.api('Admin');
  return answerOf(await admin.get('/api/v1/provisioning/alert-rules'));
}

async function ourRules(): Promise<Rule[]> {
  return (await rulesInGrafana()).filter(({ uid }) => uid.startsWith('gsp-'));
}

interface Message {
  robot: string;
  body: string;
}

async function messages(): Promise<Message[]> {
  return (await fetch(`${ROBOTS_URL}/messages`)).json();
}

test('the Admin chooses Slack and DingTalk, and both get a test message', async () => {
  await addOthers();
  const page = pageOf('Admin');
  await page.goto(`${APP}/alerts`);
  await page.getByRole('radio', { name: /^Slack or DingTalk/ }).click();
  await page.getByRole('checkbox', { name: 'DingTalk' }).check({ force: true });
  await page.getByLabel('Webhook address of Slack').fill(`${ROBOTS_URL_IN_GRAFANA}/slack`);
  await page.getByLabel('Webhook address of DingTalk').fill(`${ROBOTS_URL_IN_GRAFANA}/dingtalk`);

  const before = await messages();
  await page.getByRole('button', { name: 'Send a test message' }).click();
  await expect(page.getByText(/delivered/)).toBeVisible({ timeout: 30_000 });
  const sent = (await messages()).slice(0, (await messages()).length - before.length || 2);
  expect(sent.map(({ robot }) => robot)).toEqual(expect.arrayContaining(['slack', 'dingtalk']));
});

test('the Admin sees what will be done, and installs the rules', async () => {
  const page = pageOf('Admin');
  // As early as the page allows, as the storm of the demo ends before memory does.
  await page.getByLabel('Time before the kill').fill('60');
  await page.getByLabel(/^Memory used, at least/).fill('1');
  await expect(page.getByText('Add the rule GoStackOOMAhead')).toBeVisible();
  const policies = await answerOf(await (await organisation.api('Admin')).get('/api/v1/provisioning/policies'));

  await page.getByRole('button', { name: 'Install 8 rules' }).click();
  await expect(page.getByText(/^Done: \d+ steps/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/^Current, version/)).toBeVisible();
  expect(await ourRules()).toHaveLength(8);
  const admin = await organisation.api('Admin');
  expect(await answerOf(await admin.get('/api/v1/provisioning/policies'))).toEqual(policies);
});

test('there is nothing to install a second time', async () => {
  const page = pageOf('Admin');
  const before = await ourRules();
  await page.goto(`${APP}/alerts`);
  await expect(page.getByText('Grafana has all of it: there is nothing to do.')).toBeVisible();
  expect(await ourRules()).toEqual(before);
});

test('the preview looks back through the person’s own data', async () => {
  const page = pageOf('Viewer');
  await page.goto(`${APP}/alerts`);
  await page.getByRole('button', { name: 'Look at the last week' }).click();
  await expect(page.getByText(/Looked at \d+ of 168 hours/)).toBeVisible({ timeout: 120_000 });
  await page.getByRole('button', { name: 'Export as files' }).click();
  await expect(page.getByRole('tab', { name: 'Prometheus Operator' })).toBeVisible();
});

test('an alert fires, and reaches Slack and DingTalk with links into this organisation', async () => {
  test.setTimeout(UNTIL_AN_ALERT_FIRES + 60_000);
  const ofThisOrganisation = async () =>
    (await messages())
      .filter(({ body }) => body.includes(`orgId=${organisation.id}`) && body.includes('OOMAhead'))
      .map(({ robot }) => robot);
  await expect(async () => expect(await ofThisOrganisation()).toEqual(expect.arrayContaining(['slack', 'dingtalk'])), {
    message: 'No alert: start the demo anew, as its storm is over after eleven minutes',
  }).toPass({ timeout: UNTIL_AN_ALERT_FIRES, intervals: [5000] });

  const page = pageOf('Viewer');
  await page.goto(`${APP}/processes`);
  const row = page.getByRole('row', { name: new RegExp(JOB) });
  await expect(row).toContainText('OOMAhead');
  // Which function grows is known after five minutes.
  await expect(row).toContainText('processNode');
});

test('rules of an older version are upgraded, with their differences shown', async () => {
  const admin = await organisation.api('Admin');
  for (const rule of await ourRules()) {
    const install = JSON.parse(rule.annotations[INSTALL_ANNOTATION]);
    const older = {
      ...rule,
      for: rule.title === 'GoOOMAhead' ? '3m' : rule.for,
      annotations: { ...rule.annotations, [INSTALL_ANNOTATION]: JSON.stringify({ ...install, version: '0.0.1' }) },
    };
    const headers = { 'X-Disable-Provenance': 'true' };
    await answerOf(await admin.put(`/api/v1/provisioning/alert-rules/${rule.uid}`, { data: older, headers }));
  }
  const page = pageOf('Admin');
  await page.goto(`${APP}/alerts`);
  await expect(page.getByText('Version 0.0.1, older')).toBeVisible();
  await expect(page.getByText('Pending period')).toBeVisible();
  await page.getByRole('button', { name: /^Upgrade to/ }).click();
  await expect(page.getByText(/^Current, version/)).toBeVisible({ timeout: 60_000 });
  expect((await ourRules()).find(({ title }) => title === 'GoOOMAhead')!.for).toBe('1m');
});

test('the removal leaves nothing of ours behind, and all of others', async () => {
  const page = pageOf('Admin');
  await page.goto(`${APP}/alerts`);
  await page.getByRole('button', { name: 'Remove…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('Nothing else uses it', { exact: false })).toBeVisible();
  for (const checkbox of await dialog.getByRole('checkbox').all()) {
    await checkbox.check({ force: true });
  }
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText(/^None of our rules are in this Grafana yet/)).toBeVisible({ timeout: 60_000 });

  expect((await rulesInGrafana()).map(({ uid }) => uid)).toEqual(['others-rule']);
  const admin = await organisation.api('Admin');
  const contactPoints: Array<{ uid: string }> = await answerOf(await admin.get('/api/v1/provisioning/contact-points'));
  expect(contactPoints.filter(({ uid }) => uid.startsWith('gsp-'))).toEqual([]);
  const folders: Array<{ title: string }> = await answerOf(await admin.get('/api/folders'));
  expect(folders.map(({ title }) => title)).toEqual(['Others']);
});
