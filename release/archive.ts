import { type Zippable, zipSync } from 'fflate';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Archive {
  /** `<id>-<version>.zip`, as the catalog asks. */
  name: string;
  zip: Uint8Array;
}

/** The first moment that a zip can name, in the zone of whoever packs: the same files are the same bytes at any time. */
const TIME = new Date(1980, 0, 1);

/** A file as Unix has it that all may read, without what the packing machine's own says of it. */
const UNIX = 3;
const MODE = 0o100644 << 16;

/**
 * The archive that Grafana installs: the plugin's files in one folder named as the plugin.
 * @param folder what `npm run build` made, whose plugin.json says id and version
 */
export function archive(folder: string): Archive {
  const { id, info } = JSON.parse(readFileSync(path.join(folder, 'plugin.json'), 'utf8'));
  const entries: Zippable = {};
  for (const file of filesBelow(folder)) {
    entries[`${id}/${file}`] = readFileSync(path.join(folder, file));
  }
  return {
    name: `${id}-${info.version}.zip`,
    zip: zipSync(entries, { level: 9, mtime: TIME, os: UNIX, attrs: MODE }),
  };
}

/** In one order everywhere, with / between folders. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();
}

export function digest(algorithm: 'sha1' | 'sha256', { zip }: Archive): string {
  return createHash(algorithm).update(zip).digest('hex');
}
