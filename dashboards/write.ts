import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { files } from './files';

async function main() {
  for (const [name, built] of Object.entries(files)) {
    const file = path.join(__dirname, name);
    const json = await format(JSON.stringify(built), { ...(await resolveConfig(file)), parser: 'json' });
    writeFileSync(file, json);
  }
}

main();
