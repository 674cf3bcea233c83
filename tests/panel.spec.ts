import { expect, test } from './panel';

/** The share of goroutines in the storm's function, by Prometheus itself. */
async function stormShare(prometheusUrl: string, job: string): Promise<number> {
  const tree = `goroutine_calltree_goroutines{job="${job}-goroutines",depth="1"`;
  const query = `sum(${tree},function="main.processNode"}) / sum(${tree}})`;
  const answer = await fetch(`${prometheusUrl}/api/v1/query?query=${encodeURIComponent(query)}`);
  return Number((await answer.json()).data.result[0].value[1]);
}

test('draws the storm as the widest frame under the root, as wide as its share of the goroutines', async ({
  graph,
  stage,
}) => {
  await graph.open();
  // The storm grows by 120 a second, so that soon nothing else is seen beside it.
  await expect.poll(() => stormShare(stage.prometheusUrl, stage.job), { timeout: 30_000 }).toBeGreaterThan(0.9);
  await expect
    .poll(async () => (await graph.width('main.processNode')) / (await graph.width('all goroutines')), {
      timeout: 20_000,
    })
    .toBeCloseTo(await stormShare(stage.prometheusUrl, stage.job), 1);

  const entries = await graph.page
    .locator('[role="treeitem"][aria-level="2"]')
    .evaluateAll((items) =>
      items.map((item) => ({ name: item.getAttribute('aria-label')!, width: item.getBoundingClientRect().width }))
    );
  const widest = entries.reduce((a, b) => (b.width > a.width ? b : a));
  expect(widest.name).toContain('main.processNode');
});

test('shows growth while one looks', async ({ graph }) => {
  await graph.open();
  const goroutines = async () => Number((await graph.status.innerText()).replaceAll(',', '').split(' ')[0]);
  const before = await goroutines();
  await expect.poll(goroutines, { timeout: 30_000 }).toBeGreaterThan(before + 300);
});

test('zooms on click and shows all again on reset, the node being in the URL', async ({ graph }) => {
  await graph.open();
  await graph.click('main.processNode');
  await expect(graph.status).toContainText('main.processNode');
  await expect(graph.page).toHaveURL(/[?&]fg-3=[0-9a-z]{13}/);
  await expect
    .poll(async () => Math.round((await graph.width('main.processNode')) - (await graph.width('all goroutines'))))
    .toBe(0);

  await graph.page.getByRole('button', { name: 'Reset' }).click();
  await expect(graph.page).not.toHaveURL(/fg-3/);
  await expect(graph.status).toContainText('goroutines');
});

test('opens zoomed at the node of a link, and keeps the zoom over a refresh', async ({ graph }) => {
  await graph.open();
  const node = await graph.frame('main.processNode').getAttribute('data-node');
  await graph.open({ 'fg-3': node! });
  await expect(graph.status).toContainText('main.processNode');
  const first = await graph.status.innerText();
  await expect.poll(() => graph.status.innerText(), { timeout: 20_000 }).not.toBe(first);
  await expect(graph.status).toContainText('main.processNode');
});

test('searches by regular expression, and says when one is invalid', async ({ graph }) => {
  await graph.open();
  const plain = await graph.color('main.processNode');
  await graph.search.fill('^main\\.process.*');
  await expect(graph.status).toContainText('1 frame matches');
  await expect.poll(() => graph.color('main.processNode')).not.toBe(plain);
  await graph.search.fill('(');
  await expect(graph.status).toContainText('Invalid regular expression');
  await expect(graph.frame('main.processNode')).toHaveCount(1);
});

test('shows total, self, share, and after a while growth and trend of the frame under the pointer', async ({
  graph,
}) => {
  await graph.open();
  await graph.hover('main.processNode');
  await expect(graph.tooltip).toContainText('main.processNode');
  await expect(graph.tooltip).toContainText(/Total[\d,]+ ?Self[\d,]+Share of all[\d.]+ %/);
  await graph.page.mouse.move(5, 5);
  await expect(graph.tooltip).toHaveCount(0);

  // A minute after the program began there is something to compare with.
  await expect(graph.status).toContainText(/\+[\d,]+ since 1 min ago/, { timeout: 80_000 });
  await graph.hover('main.processNode');
  await expect(graph.tooltip).toContainText(/ince 1 min ago\+[\d,]+/);
  await expect(graph.page.getByTestId('trend')).toContainText(/\+[\d,]+ a minute/, { timeout: 10_000 });
  await expect(graph.page.getByTestId('trend').locator('canvas')).toHaveCount(1);
});

test('is walked with the keyboard, and Tab leaves it', async ({ graph }) => {
  await graph.open();
  await graph.tree.focus();
  await graph.page.keyboard.press('ArrowDown');
  await expect(graph.active).toHaveAttribute('aria-label', /^main\.processNode/);
  await graph.page.keyboard.press('Enter');
  await expect(graph.status).toContainText('main.processNode');
  await graph.page.keyboard.press('Escape');
  await expect(graph.status).toContainText('goroutines');
  await graph.page.keyboard.press('Tab');
  await expect(graph.tree).not.toBeFocused();
});

test('is drawn in the colours of the theme', async ({ graph }) => {
  const fills = new Set<string>();
  for (const theme of ['light', 'dark']) {
    await graph.open({ theme });
    fills.add(await graph.color('main.processNode'));
  }
  expect(fills.size).toBe(2);
});
