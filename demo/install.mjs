// Runs before `npm start` and `npm test`, when node_modules may not be there yet: no imports from packages. Takes a folder
// of the project that has a package.json, by default its root.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Installs what the lock file of a folder says, unless that was already done for the same lock file. */
function install(folder) {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(folder, 'package-lock.json')))
    .digest('hex');
  // Inside node_modules, so that it is gone with what it speaks of.
  const stamp = path.join(folder, 'node_modules', '.installed-lock-file');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) {
    return;
  }
  console.log(`Installing npm packages in ${path.relative(root, folder) || 'the project'} (about a minute) …`);
  const { status } = spawnSync('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: 'inherit',
  });
  if (status !== 0) {
    throw new Error(`npm ci failed in ${folder}; look at its message above`);
  }
  writeFileSync(stamp, lock);
}

install(path.resolve(root, process.argv[2] ?? '.'));
