import { expect, test } from '@grafana/plugin-e2e';
import type { Page } from '@playwright/test';
import { APP_ID, DASHBOARD_UID, PANEL_ID } from '../src/constants';
import { Graph } from '../tests/panel';

/** The leaking program of the demo, as Prometheus names it. */
const JOB = process.env.E2E_JOB ?? 'spawn-storm';
const TITLE = 'Goroutine Stack Pressure';

/** Grafana draws the panels that are in view, and the flame graph is below the others. */
test.use({ viewport: { width: 1280, height: 2200 } });

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
  await row.getByRole('link', { name: /dashboard/i }).click();
  await expect(page).toHaveURL(new RegExp(`/d/${DASHBOARD_UID}.*var-job=${JOB}`));
});

test('the configuration page says what its settings do', async ({ page }) => {
  await page.goto(`/plugins/${APP_ID}?page=configuration`);
  await expect(page.getByText('These two prefill the links to the dashboard')).toBeVisible();
  await expect(page.getByLabel('Default job')).toBeVisible();
});

/** The flame graph of the bundled dashboard, in view. */
async function openFlameGraph(page: Page, parameters = ''): Promise<Graph> {
  await page.goto(`/d/${DASHBOARD_UID}?var-job=${JOB}&from=now-15m&to=now${parameters}`);
  const graph = new Graph(page, '');
  await expect(graph.frame('main.processNode')).toHaveCount(1, { timeout: 30_000 });
  await graph.tree.scrollIntoViewIfNeeded();
  return graph;
}

test('the bundled dashboard shows the storm as the widest frame under the root, and zooms', async ({ page }) => {
  const graph = await openFlameGraph(page);
  expect(await graph.width('main.processNode')).toBeGreaterThan(0.5 * (await graph.width('all goroutines')));

  await graph.click('main.processNode');
  await expect(page).toHaveURL(/fg-3=[0-9a-z]{13}/);
  await expect(graph.status).toContainText('main.processNode');
});

test('a frame has a trend from the dashboard’s own data source, and leads to Explore with its query', async ({
  page,
  context,
}) => {
  const graph = await openFlameGraph(page);
  await graph.hover('main.processNode');
  await expect(page.getByTestId('trend').locator('canvas')).toHaveCount(1, { timeout: 20_000 });

  await graph.click('main.processNode', { button: 'right' });
  const explore = context.waitForEvent('page');
  await page.getByRole('menuitem', { name: /Explore/ }).click();
  expect(decodeURIComponent((await explore).url())).toContain('goroutine_calltree_goroutines');
});

test('the baseline is chosen in the panel, and another panel’s function is found in it', async ({ page }) => {
  const graph = await openFlameGraph(page);
  await page.getByRole('button', { name: /^Baseline:/ }).click();
  await page.getByRole('menuitemradio', { name: '15 minutes ago' }).click();
  await expect(page).toHaveURL(/var-baseline=offset(%20|\+)15m/);
  await expect(page.getByRole('button', { name: /^Baseline: Since 15 min ago/ })).toBeVisible();

  await openFlameGraph(page, '&var-function=main.processNode');
  await expect(graph.status).toContainText('1 frame matches');
});

test('the alert rules and their contact point are provisioned, and no notification policy is replaced', async ({
  request,
}) => {
  const rules = await (await request.get('/api/v1/provisioning/alert-rules')).json();
  for (const title of ['GoOOMAhead', 'GoStackOOMAhead']) {
    expect(rules).toContainEqual(
      expect.objectContaining({ title, notification_settings: expect.objectContaining({ receiver: TITLE }) })
    );
  }
  const contactPoints = await (await request.get('/api/v1/provisioning/contact-points')).json();
  const ours = contactPoints.filter(({ name }: { name: string }) => name === TITLE);
  expect(ours.map(({ type }: { type: string }) => type).sort()).toEqual(['dingding', 'slack']);
  const policies = await (await request.get('/api/v1/provisioning/policies')).json();
  expect(policies.receiver).not.toBe(TITLE);
});
