import type { Page } from '@playwright/test';
import { expect, Graph, test } from './panel';

async function open(page: Page, url: string, parameters: Record<string, string>): Promise<Graph> {
  const graph = new Graph(page, url);
  await graph.open(parameters);
  return graph;
}

test('shows hostile names as text, in the graph, the tooltip and the table', async ({ page, statesUrl }) => {
  const graph = await open(page, statesUrl, { state: 'hostile' });
  const items = page.locator('[role="treeitem"][aria-level="2"]');
  await expect(items).toHaveCount(7);
  for (let i = 0; i < 7; i++) {
    const box = (await items.nth(i).boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await expect(graph.tooltip).toBeVisible();
    // A name of 10 kB must not fill the screen.
    expect((await graph.tooltip.boundingBox())!.height).toBeLessThan(500);
  }
  await page.getByRole('radio', { name: 'Table' }).check({ force: true });
  await expect(page.getByRole('table')).toContainText('<img src=x onerror=alert(1)>');
  await expect(page.locator('img[src="x"]')).toHaveCount(0);
  expect(await page.locator('main').innerText()).not.toMatch(/[\u0000-\u0008\u001b\u202e]/);
});

test('draws a chain of 20,000 frames, scrolls to its end, and zooms there', async ({ page, statesUrl }) => {
  const graph = await open(page, statesUrl, { state: 'deep' });
  await graph.tree.evaluate((tree) => (tree.parentElement!.scrollTop = tree.scrollHeight));
  await expect(graph.page.getByTestId('flame-graph')).toHaveAttribute('data-frames', /^1\d$/);
  const box = (await graph.page.getByTestId('flame-graph').boundingBox())!;
  await page.mouse.click(box.x + 100, box.y + box.height - 10);
  await expect(graph.status).toContainText('main.recurse');
  await expect(graph.active).toHaveAttribute('aria-level', /^(20001|20000)$/);
  // No canvas is as high as the tree, which browsers refuse.
  expect(await page.getByTestId('flame-graph').evaluate((canvas: HTMLCanvasElement) => canvas.height)).toBeLessThan(
    2000
  );
});

test('finds 200,000 frames at once, counted once, and walks through them', async ({ page, statesUrl }) => {
  const graph = await open(page, statesUrl, { state: 'many hits' });
  await graph.search.fill('same');
  await expect(graph.status).toContainText('200,000 frames match: 200,000 of 200,000 (100 %)');
  await graph.search.press('Shift+Enter');
  await expect(graph.status).toContainText('200,000 of 200,000 frames match');
  expect(Number(await page.getByTestId('flame-graph').getAttribute('data-frames'))).toBeGreaterThan(1);
});

/** A tree of 10,000 nodes whose values depend on the number of the refresh. */
const refreshes = `(async (from, to) => {
  for (let n = from; n < to; n++) {
    const rows = Array.from({ length: 10_000 }, (_, i) => ({
      node: 'n' + i,
      parent: i < 20 ? '' : 'n' + Math.floor(i / 20),
      function: 'example.com/shop/p' + (i % 97) + '.(*T).F' + (i % 800),
      value: i < 20 ? 100_000 + n * i : Math.max(1, Math.round(5000 / i) + ((n * i) % 7)),
    }));
    window.refresh(rows);
    await new Promise((done) => requestAnimationFrame(done));
  }
})`;

test('leaves heap and DOM as they are over 500 refreshes of 10,000 nodes', async ({ page, statesUrl }) => {
  test.setTimeout(300_000);
  const graph = await open(page, statesUrl, { state: 'service' });
  const devTools = await page.context().newCDPSession(page);
  const sizes = async () => {
    await devTools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devTools.send('Runtime.getHeapUsage');
    return { heapMb: usedSize / 2 ** 20, elements: await page.locator('*').count() };
  };
  await page.evaluate(`${refreshes}(0, 50)`);
  const before = await sizes();
  await page.evaluate(`${refreshes}(50, 550)`);
  const after = await sizes();
  expect(after.elements).toBe(before.elements);
  expect(after.heapMb - before.heapMb).toBeLessThan(2);
  await expect(graph.status).toContainText('goroutines');
});

test('moves nothing over a refresh but what changed, and keeps zoom, search and selection', async ({
  page,
  statesUrl,
}) => {
  const graph = await open(page, statesUrl, { state: 'service', width: '1000' });
  const rows = (last: number, newcomer: number) => [
    { node: 'a', parent: '', function: 'main.a', value: 5000 },
    { node: 'b', parent: 'a', function: 'main.b', value: 3000 },
    { node: 'c', parent: '', function: 'main.c', value: last },
    { node: 'd', parent: '', function: 'main.aaa', value: newcomer },
  ];
  const refresh = (last: number, newcomer: number) =>
    page.evaluate((to) => (window as unknown as { refresh(rows: unknown): void }).refresh(to), rows(last, newcomer));
  const picture = () => page.getByTestId('flame-graph').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

  await refresh(900, 100);
  const first = await picture();
  await refresh(900, 100);
  expect(await picture()).toBe(first);

  // What c loses, a newcomer has: a and b stand where they stood, to the pixel.
  const boxOf = async (name: string) => (await graph.frame(name).boundingBox())!;
  const [a, c] = [await boxOf('main.a'), await boxOf('main.c')];
  await refresh(700, 300);
  expect(await boxOf('main.a')).toEqual(a);
  expect((await boxOf('main.c')).x).toBe(c.x);
  expect((await boxOf('main.c')).width).toBeLessThan(c.width);

  await graph.click('main.a');
  await graph.search.fill('main.b');
  await refresh(100, 900);
  await expect(graph.status).toContainText('1 frame matches: 3,000 of 6,000');
  await expect(graph.active).toHaveAttribute('data-node', 'a');
  expect((await boxOf('main.a')).width).toBe((await boxOf('all goroutines')).width);
});

test('exports what is seen as SVG and as PNG', async ({ page, statesUrl }) => {
  await open(page, statesUrl, { state: 'compared' });
  for (const [item, ending] of [
    ['Export as SVG', '.svg'],
    ['Export as PNG', '.png'],
  ]) {
    await page.getByRole('button', { name: 'Share' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: item }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(new RegExp(`^Whose-goroutines-.*\\${ending}$`));
    const stream = await file.createReadStream();
    const chunks = await stream.toArray();
    const head = Buffer.concat(chunks).subarray(0, 200).toString('latin1');
    expect(head).toContain(ending === '.svg' ? '<svg' : 'PNG');
  }
});

for (const [state, message] of [
  ['loading', 'Loading…'],
  ['empty', 'No goroutine call trees here'],
  ['failed', 'The query failed: bad_data'],
  ['foreign', 'lacks “node”'],
  ['too many', '250,001 series are too many to draw'],
]) {
  test(`says what is the matter: ${state}`, async ({ page, statesUrl }) => {
    await page.goto(`${statesUrl}?state=${encodeURIComponent(state)}&job=-`);
    await expect(page.getByText(message)).toBeVisible({ timeout: 30_000 });
  });
}
