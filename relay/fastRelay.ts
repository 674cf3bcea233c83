// What outage.test.ts starts and kills: the relay, by a clock that goes faster than the machine's.
import { clock } from './clock';
import { readConfig } from './config';
import { startRelay } from './relay';

const [file, speed, since] = process.argv.slice(2);

void startRelay(readConfig(file, process.env), { clock: clock(Number(speed), Number(since)) }).then((relay) =>
  process.once('SIGTERM', () => void relay.stop().then(() => process.exit(0)))
);
