import { expect, Graph, test } from './panel';
import { STATE_NAMES } from './states/names';

/** Larger than these makes no other picture. */
const SIZES = [
  [1000, 420],
  [300, 200],
] as const;

for (const theme of ['dark', 'light']) {
  for (const state of STATE_NAMES) {
    test(`looks as it did: ${state}, ${theme}`, async ({ page, statesUrl }) => {
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await page.goto(`${statesUrl}?state=${encodeURIComponent(state)}&theme=${theme}&job=-`);
      await page.locator('main > div').waitFor({ timeout: 30_000 });
      await page.evaluate(() => document.fonts.ready);
      await expect(page.locator('main')).toHaveScreenshot(`${state}-${theme}.png`);
    });
  }

  for (const [width, height] of SIZES) {
    test(`looks as it did: the active frame and its tooltip, ${width}×${height}, ${theme}`, async ({
      page,
      statesUrl,
    }) => {
      await page.emulateMedia({ reducedMotion: 'reduce' });
      const graph = new Graph(page, statesUrl);
      await graph.open({ state: 'compared', theme, width: String(width), height: String(height) });
      await page.evaluate(() => document.fonts.ready);
      await graph.tree.focus();
      await page.keyboard.press('ArrowDown');
      await expect(graph.tooltip).toBeVisible();
      // The trend is asked of no data source here.
      await expect(page.getByTestId('trend')).toContainText('No trend');
      await expect(page).toHaveScreenshot(`active-${width}x${height}-${theme}.png`);
    });
  }
}
