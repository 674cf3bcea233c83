import type { AddressInfo } from 'node:net';
import pino, { type DestinationStream, type Logger } from 'pino';
import { type Clock, clock as machineClock } from './clock';
import { type Config, secretsOf } from './config';
import { courier } from './courier';
import { metrics as newMetrics } from './metrics';
import { Queue } from './queue';
import { redact } from './secret';
import { server } from './server';

export interface Relay {
  url: string;
  /** Takes no more, ends what is under way, and closes the journal. */
  stop(): Promise<void>;
}

export async function startRelay(
  config: Config,
  { clock = machineClock(), output }: { clock?: Clock; output?: DestinationStream } = {}
): Promise<Relay> {
  const secrets = secretsOf(config);
  const log = logger(config, output);
  const metrics = newMetrics(config.targets.map(({ name }) => name));
  metrics.limit.set(config.maxQueue);
  const ending = new AbortController();
  let resolve: (queue: Queue) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const queue = new Promise<Queue>((...both) => ([resolve, reject] = both));
  const app = server({ config, metrics, clock, log, queue, ending: ending.signal });
  // First, so that a second relay by the same configuration fails before it touches the journal of the first.
  await app.listen({ host: config.host, port: config.port });
  const { port } = app.server.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;

  let opened: Awaited<ReturnType<typeof Queue.open>>;
  try {
    opened = await Queue.open(config.journal, { clock, maxBytes: config.maxQueue, repeat: config.repeat });
  } catch (error) {
    reject(error);
    await app.close();
    throw error;
  }
  resolve(opened.queue);
  metrics.damaged.set(opened.damaged);
  if (opened.torn) {
    log.warn('the journal ended in half a line, of an alert that was not yet accepted');
  }
  if (opened.damaged > 0) {
    log.error({ lines: opened.damaged }, 'the journal has damaged lines; a copy of it is beside it');
  }
  reportStrays(opened.queue, config, log);
  const couriers = config.targets.map((target) =>
    courier(target, { config, queue: opened.queue, metrics, clock, log, secrets }, ending.signal)
  );
  const url = `http://${host}:${port}`;
  log.info({ url, targets: config.targets.map(({ name, kind }) => ({ name, kind })) }, 'relay ready');

  return {
    url,
    stop: async () => {
      ending.abort();
      await app.close();
      await Promise.all(couriers);
      await opened.queue.close();
      log.info('relay ended');
    },
  };
}

/** One JSON object a line. Whatever is logged, no secret is in it. */
function logger(config: Config, output: DestinationStream = pino.destination({ dest: 1, sync: true })): Logger {
  const secrets = secretsOf(config);
  return pino(
    {
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => output.write(redact(line, secrets)) }
  );
}

/** What waits for a target that the configuration has no more stays in the journal, for when it has it again. */
function reportStrays(queue: Queue, { targets }: Config, log: Logger): void {
  const strays = queue.targets().filter((target) => !targets.some(({ name }) => name === target));
  for (const target of strays) {
    log.error(
      { target, alerts: queue.of(target).length },
      'alerts wait for a target that is not configured: configure it again, or remove the journal'
    );
  }
}
