import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { goroutineStackPressure } from './goroutineStackPressure';

/** Where the JSON that the plugin bundles is kept. */
export const BUNDLED_JSON = new URL('goroutine-stack-pressure.json', import.meta.url).pathname;

async function main() {
  const json = JSON.stringify(goroutineStackPressure());
  writeFileSync(BUNDLED_JSON, await format(json, { ...(await resolveConfig(BUNDLED_JSON)), parser: 'json' }));
}

main();
