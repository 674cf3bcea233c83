import { readConfig } from './config';
import { startRelay } from './relay';

const USAGE = 'usage: relay [config.yml]   (or RELAY_CONFIG; relay.yml by default)';

async function main() {
  const [file = process.env.RELAY_CONFIG ?? 'relay.yml', ...rest] = process.argv.slice(2);
  if (rest.length > 0 || file.startsWith('-')) {
    throw new Error(USAGE);
  }
  const relay = await startRelay(readConfig(file, process.env));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void relay.stop().then(() => process.exit(0)));
  }
}

main().catch((error: Error) => {
  console.error(`relay: ${error.message}`);
  process.exitCode = 1;
});
