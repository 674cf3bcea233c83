import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { archive, digest } from './archive';
import { changesOf } from './changelog';

const ROOT = path.resolve(__dirname, '..');
const DIST = path.join(ROOT, 'dist');
const OUT = path.join(__dirname, 'out');

/**
 * `npm run package`: makes what a release is of from dist/, in release/out/: the zip for Grafana and the catalog, its
 * sums, and the release's notes. With `-- --tag v1.2.3` it fails where the plugin is of another version.
 */
function main() {
  const { tag } = parseArgs({ options: { tag: { type: 'string' } } }).values;
  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  if (tag !== undefined && tag !== `v${version}`) {
    throw new Error(`the tag is ${tag}, and package.json says ${version}: tag the commit that sets the version`);
  }
  if (!existsSync(path.join(DIST, 'plugin.json'))) {
    throw new Error('there is no dist/plugin.json: npm run build makes it');
  }
  const built = JSON.parse(readFileSync(path.join(DIST, 'plugin.json'), 'utf8')).info.version;
  if (built !== version) {
    throw new Error(`dist/ is of version ${built}, and package.json says ${version}: npm run build`);
  }

  const notes = changesOf(version, readFileSync(path.join(ROOT, 'CHANGELOG.md'), 'utf8'));
  const made = archive(DIST);

  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT);
  writeFileSync(path.join(OUT, made.name), made.zip);
  // The catalog's form asks for the SHA-1, or for the address of a file with it.
  writeFileSync(path.join(OUT, `${made.name}.sha1`), `${digest('sha1', made)}\n`);
  writeFileSync(path.join(OUT, `${made.name}.sha256`), `${digest('sha256', made)}  ${made.name}\n`);
  writeFileSync(path.join(OUT, 'notes.md'), `${notes}\n`);

  const kilobytes = (made.zip.length / 1000).toFixed(0);
  console.log(`${path.relative(ROOT, path.join(OUT, made.name))} (${kilobytes} kB)`);
  console.log(`sha256 ${digest('sha256', made)}`);
}

try {
  main();
} catch (error) {
  console.error(`Not packaged: ${(error as Error).message}`);
  process.exitCode = 1;
}
