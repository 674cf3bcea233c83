import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Clock } from './clock';
import type { Config, Sender, Target } from './config';
import { type Metrics, observe, type Refusal } from './metrics';
import { type Queue, QueueFull } from './queue';
import { parseWebhook, type SenderKind } from './webhook';

export interface ServerNeeds {
  config: Config;
  metrics: Metrics;
  clock: Clock;
  log: Logger;
  /** There when the journal is read, which who sends meanwhile waits for: Grafana would not come again. */
  queue: Promise<Queue>;
  /** Aborted when the relay ends: who waits is answered. */
  ending: AbortSignal;
}

interface Params {
  Params: { target: string };
}

/** Not yet delivered, in seconds: what is kept is told without being sent again. */
const RETRY_AFTER = 15;

const STATUS: Record<Refusal, number> = {
  unknown_sender: 401,
  wrong_secret: 401,
  forbidden_target: 403,
  unknown_target: 404,
  too_large: 413,
  not_json: 400,
  not_a_webhook: 400,
  queue_full: 503,
  journal: 503,
};

export function server(needs: ServerNeeds): FastifyInstance {
  const { config, metrics, clock, log, queue, ending } = needs;
  let open: Queue | undefined;
  void queue.then(
    (opened) => (open = opened),
    () => undefined
  );
  const names = config.targets.map(({ name }) => name);
  const app = fastify({
    bodyLimit: config.maxBody,
    logger: false,
    // Slower than any webhook of Grafana's or Alertmanager's.
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
  });
  // Grafana's webhooks may have any type; what they hold is looked at.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));

  app.get('/-/healthy', async () => 'healthy\n');
  app.get('/-/ready', async (_request, reply) =>
    open && !ending.aborted ? 'ready\n' : reply.code(503).send('not ready\n')
  );
  app.get('/metrics', async (_request, reply) => {
    if (open) {
      observe(metrics, open, names, clock.now());
    }
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });

  for (const kind of ['grafana', 'alertmanager'] as const) {
    app.post<Params>(`/${kind}/:target`, {
      // Before the body is read: nobody unknown sends any.
      onRequest: async (request, reply) => {
        const refusal = refusalOf(config, request);
        return refusal && refuse(reply, refusal);
      },
      handler: (request, reply) => take(kind, request, reply),
    });
  }
  app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
    if (error.statusCode === 413) {
      return refuse(reply, 'too_large');
    }
    if (error.statusCode && error.statusCode < 500) {
      return refuse(reply, 'not_a_webhook');
    }
    log.error({ err: error }, 'webhook not taken');
    return reply.code(500).send({ error: 'the relay failed; see its log' });
  });

  function refuse(reply: FastifyReply, reason: Refusal, detail?: string) {
    metrics.refused.inc({ reason });
    log.warn({ reason, detail, from: reply.request.ip }, 'webhook refused');
    if (STATUS[reason] === 401) {
      void reply.header('www-authenticate', 'Bearer, Basic realm="relay"');
    }
    if (STATUS[reason] === 503) {
      void reply.header('retry-after', RETRY_AFTER);
    }
    // Who is not known is not told whether a name or its secret is wrong.
    const error = STATUS[reason] === 401 ? 'not authorized' : (detail ?? reason);
    return reply.code(STATUS[reason]).send({ error });
  }

  async function take(kind: SenderKind, request: FastifyRequest<Params>, reply: FastifyReply) {
    const { target } = request.params;
    const sender = identify(config.senders, request.headers.authorization) as Sender;
    let body: unknown;
    try {
      body = JSON.parse(String(request.body ?? ''));
    } catch {
      return refuse(reply, 'not_json');
    }
    let notification;
    try {
      notification = parseWebhook(kind, body, config.grafanaUrl);
    } catch (error) {
      return refuse(reply, 'not_a_webhook', (error as Error).message);
    }
    let waiting: Queue;
    let accepted: { ids: number[]; added: number };
    try {
      waiting = await queue;
      accepted = await waiting.accept(target, notification);
    } catch (error) {
      if (!(error instanceof QueueFull)) {
        log.error({ err: error }, 'journal not written');
      }
      return refuse(reply, error instanceof QueueFull ? 'queue_full' : 'journal');
    }
    metrics.webhooks.inc({ sender: sender.name, target });
    metrics.accepted.inc({ target }, accepted.added);
    metrics.repeated.inc({ target }, notification.alerts.length - accepted.added);
    if (await delivered(waiting, accepted.ids)) {
      return reply.send({ status: 'delivered' });
    }
    return reply
      .code(sender.late)
      .header('retry-after', RETRY_AFTER)
      .send({ status: 'kept', detail: 'not delivered yet; the relay keeps trying, and knows it if it is sent again' });
  }

  async function delivered(queue: Queue, ids: readonly number[]): Promise<boolean> {
    const end = new AbortController();
    void clock.sleep(config.wait, AbortSignal.any([end.signal, ending])).then(() => end.abort());
    while (queue.isWaiting(ids) && !end.signal.aborted) {
      await queue.change(end.signal);
    }
    end.abort();
    return !queue.isWaiting(ids);
  }

  return app;
}

function refusalOf({ senders, targets }: Config, { headers, params }: FastifyRequest<Params>): Refusal | undefined {
  const sender = identify(senders, headers.authorization);
  if (typeof sender === 'string') {
    return sender;
  }
  if (!targets.some(({ name }: Target) => name === params.target)) {
    return 'unknown_target';
  }
  return sender.targets && !sender.targets.includes(params.target) ? 'forbidden_target' : undefined;
}

/** Compares with each sender, in the time that all of them take. */
function identify(senders: readonly Sender[], authorization = ''): Sender | 'unknown_sender' | 'wrong_secret' {
  const [, scheme, given] = /^(bearer|basic) +(\S+)$/i.exec(authorization) ?? [];
  if (scheme?.toLowerCase() === 'bearer') {
    const matching = senders.filter(({ credential }) => 'bearer' in credential && credential.bearer.equals(given));
    return matching[0] ?? 'wrong_secret';
  }
  if (scheme?.toLowerCase() === 'basic') {
    const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(given, 'base64').toString()) ?? [];
    const named = senders.filter(({ credential }) => 'user' in credential && credential.user === user);
    const matching = named.filter(({ credential }) => 'password' in credential && credential.password.equals(password));
    return matching[0] ?? (named.length > 0 ? 'wrong_secret' : 'unknown_sender');
  }
  return 'unknown_sender';
}
