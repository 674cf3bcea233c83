import { execFileSync, spawnSync } from 'node:child_process';
import type { LaunchOptions } from '@playwright/test';

const ON_PATH = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * A Chromium for Playwright: `CHROMIUM_PATH`, else one on the PATH, else the one that the npm package @sparticuz/chromium
 * ships, as Playwright's own download is not to be had behind many firewalls.
 * @throws Error that says what to install when none starts.
 */
export function findBrowser(): string {
  const given = process.env.CHROMIUM_PATH;
  const found = given ?? ON_PATH.map(onPath).find((path) => path !== undefined);
  if (found) {
    const failure = whyNotStarting(found);
    if (failure === undefined) {
      return found;
    }
    if (given) {
      throw new Error(`CHROMIUM_PATH names ${given}, which does not start: ${failure}`);
    }
  }
  return shippedBrowser();
}

/** As root, in containers and CI, Chromium's sandbox does not work; the pages under test are our own. */
export const launchArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** For a Playwright configuration; looks for the browser when it is read. */
export const launchOptions: LaunchOptions = {
  get executablePath() {
    process.env.CHROMIUM_PATH ??= findBrowser();
    return process.env.CHROMIUM_PATH;
  },
  args: launchArgs,
};

function onPath(name: string): string | undefined {
  const { status, stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

function shippedBrowser(): string {
  // The package is an ES module and unpacks asynchronously; a Playwright configuration is read synchronously.
  const unpack = "import('@sparticuz/chromium').then(async (m) => console.log(await m.default.executablePath()))";
  const path = execFileSync(process.execPath, ['-e', unpack], { encoding: 'utf8' }).trim();
  let failure = whyNotStarting(path);
  if (failure?.includes('libnss3') && process.getuid?.() === 0 && onPath('apt-get')) {
    console.log('The browser of @sparticuz/chromium needs libnss3: installing it with apt-get');
    spawnSync('sh', ['-c', 'apt-get update -qq && apt-get install -y -qq libnss3'], { stdio: 'inherit' });
    failure = whyNotStarting(path);
  }
  if (failure !== undefined) {
    throw new Error(
      `No browser: there is no chromium on the PATH, and the one of @sparticuz/chromium does not start: ${failure}. ` +
        'Install Chromium, or the library that is missing (Debian, Ubuntu: apt-get install libnss3), or set CHROMIUM_PATH.'
    );
  }
  return path;
}

function whyNotStarting(path: string): string | undefined {
  const { status, stderr, error } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? (stderr.trim() || `exit status ${status}`));
}
