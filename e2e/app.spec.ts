import { expect, test } from '@grafana/plugin-e2e';
import { APP_ID, DASHBOARD_UID, PANEL_ID } from '../src/constants';

/** The leaking program of the demo, as Prometheus names it. */
const JOB = process.env.E2E_JOB ?? 'spawn-storm';
const TITLE = 'Goroutine Stack Pressure';

test('Grafana has loaded the app and its panel, and the app is enabled', async ({ request }) => {
  const app = await request.get(`/api/plugins/${APP_ID}/settings`);
  expect(await app.json()).toMatchObject({ enabled: true, module: expect.stringContaining('module.js') });
  const panels = await (await request.get('/api/plugins?type=panel')).json();
  expect(panels.map(({ id }: { id: string }) => id)).toContain(PANEL_ID);
});

test('the root page finds the leaking program and links to the dashboard there', async ({ page }) => {
  await page.goto(`/a/${APP_ID}`);
  const row = page.getByRole('row', { name: new RegExp(JOB) });
  await expect(row).toBeVisible();
  await row.getByRole('link', { name: `Open dashboard at ${JOB}` }).click();
  await expect(page).toHaveURL(new RegExp(`/d/${DASHBOARD_UID}.*var-job=${JOB}`));
});

test('the configuration page says what its settings do', async ({ page }) => {
  await page.goto(`/plugins/${APP_ID}?page=configuration`);
  await expect(page.getByText('These two prefill the links to the dashboard')).toBeVisible();
  await expect(page.getByLabel('Default job')).toBeVisible();
});

test('the bundled dashboard shows the storm as the widest frame under the root, and zooms', async ({ page }) => {
  await page.goto(`/d/${DASHBOARD_UID}?var-job=${JOB}&from=now-15m&to=now`);
  await expect(page.getByText('Whose goroutines?')).toBeVisible();
  const storm = page.locator('g.frame[name="main.processNode"]');
  await expect(storm).toBeVisible({ timeout: 30_000 });
  const width = async (name: string) =>
    (await page.locator(`g.frame[name="${name}"] rect`).first().boundingBox())?.width ?? 0;
  expect(await width('main.processNode')).toBeGreaterThan(0.5 * (await width('all goroutines')));

  await storm.click();
  await expect(page).toHaveURL(/fg-3=[0-9a-z]{13}/);
  await expect(page.getByRole('status').filter({ hasText: 'main.processNode' })).toBeVisible();
});

test('the alert rules and their contact point are provisioned, and no notification policy is replaced', async ({
  request,
}) => {
  const rules = await (await request.get('/api/v1/provisioning/alert-rules')).json();
  for (const title of ['GoOOMAhead', 'GoStackOOMAhead']) {
    expect(rules).toContainEqual(expect.objectContaining({ title, notification_settings: { receiver: TITLE } }));
  }
  const contactPoints = await (await request.get('/api/v1/provisioning/contact-points')).json();
  const ours = contactPoints.filter(({ name }: { name: string }) => name === TITLE);
  expect(ours.map(({ type }: { type: string }) => type).sort()).toEqual(['dingding', 'slack']);
  const policies = await (await request.get('/api/v1/provisioning/policies')).json();
  expect(policies.receiver).not.toBe(TITLE);
});
