import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What `npm run build` made: what Grafana loads, and what the catalog's validator reads. */
export const DIST = path.resolve(__dirname, '../dist');

if (!existsSync(path.join(DIST, 'plugin.json'))) {
  throw new Error('There is no dist/plugin.json: npm run build makes it, and npm test runs that first');
}

/** Every file by its path below dist, with / between folders. */
export const FILES = readdirSync(DIST, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(DIST, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
  .sort();

export const bytes = (...at: string[]) => readFileSync(path.join(DIST, ...at));

export const text = (...at: string[]) => bytes(...at).toString('utf8');

// Files that the tests are there to check.
export const json = (...at: string[]): any => JSON.parse(text(...at));

/** The folders of the app and of the plugins nested in it: '.', 'panels/…'. */
export const PLUGINS = FILES.filter((file) => path.posix.basename(file) === 'plugin.json').map((file) =>
  path.posix.dirname(file)
);

/** What the browser runs: entries, and the chunks that they fetch. */
export const SCRIPTS = FILES.filter((file) => file.endsWith('.js'));
