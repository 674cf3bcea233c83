import { http, HttpResponse } from 'msw';
import type { ListedIntegration } from '../alerting/found';
import type { ProvisionedRule } from '../alerting/provisionedRule';

interface StoredRule extends ProvisionedRule {
  intervalSeconds: number;
}

type Body = Record<string, unknown>;

/**
 * Grafana 12.2's provisioning API, with what it keeps: folders, rules by uid, contact points. Answers as Grafana does where
 * something is missing, forbidden, used, or managed by a file.
 */
export class ProvisioningApi {
  readonly folders = new Map<string, string>();
  readonly rules = new Map<string, StoredRule>();
  readonly integrations = new Map<string, ListedIntegration>();
  policies: object = { receiver: 'grafana-default-email', routes: [] };
  /** Each request that changes something, as `PUT /api/…`. */
  readonly writes: string[] = [];
  /** Answers in place of the API where it returns something. */
  refuse: (request: string) => { status: number; message: string } | undefined = () => undefined;
  /** What a robot answers, by the type of its integration. */
  readonly robotErrors = new Map<string, string>();

  /** As if somebody had put the rule there. */
  add(rule: Partial<ProvisionedRule> & { uid: string }, intervalSeconds = 60) {
    this.rules.set(rule.uid, {
      title: rule.uid,
      folderUID: 'theirs',
      ruleGroup: 'theirs',
      condition: 'A',
      data: [],
      for: '0s',
      keep_firing_for: '0s',
      noDataState: 'NoData',
      execErrState: 'Error',
      isPaused: false,
      ...rule,
      intervalSeconds,
    });
  }

  get handlers() {
    const provisioning = '*/api/v1/provisioning';
    return [
      this.on('get', `${provisioning}/alert-rules`, () => ok([...this.rules.values()].map(shown))),
      this.on('get', `${provisioning}/alert-rules/:uid`, ({ uid }) => {
        const rule = this.rules.get(uid);
        return rule ? ok(shown(rule)) : empty(404);
      }),
      this.on('post', `${provisioning}/alert-rules`, (_, body, header) => this.putRule(body, header, 201)),
      this.on('put', `${provisioning}/alert-rules/:uid`, ({ uid }, body, header) =>
        this.rules.has(uid) ? this.putRule(body, header, 200) : empty(404)
      ),
      this.on('delete', `${provisioning}/alert-rules/:uid`, ({ uid }) => {
        if (this.rules.get(uid)?.provenance) {
          return failed(409, 'alert rule provenance mismatch');
        }
        this.rules.delete(uid);
        return empty(204);
      }),
      this.on('get', `${provisioning}/folder/:folder/rule-groups/:group`, ({ folder, group }) => {
        const rules = this.inGroup(folder, group);
        return rules.length > 0
          ? ok({ title: group, folderUid: folder, interval: rules[0].intervalSeconds, rules: rules.map(shown) })
          : failed(404, 'rule group not found');
      }),
      this.on('put', `${provisioning}/folder/:folder/rule-groups/:group`, ({ folder, group }, body) => {
        this.inGroup(folder, group).forEach((rule) => {
          rule.intervalSeconds = body.interval as number;
        });
        return ok(body);
      }),
      this.on('get', `${provisioning}/contact-points`, () =>
        ok([...this.integrations.values()].map((one) => ({ ...one, settings: { ...one.settings, url: '[REDACTED]' } })))
      ),
      this.on('post', `${provisioning}/contact-points`, (_, body) => {
        const integration = body as unknown as ListedIntegration;
        this.integrations.set(integration.uid, integration);
        return ok(integration, 202);
      }),
      this.on('put', `${provisioning}/contact-points/:uid`, ({ uid }, body) => {
        const integration = body as unknown as ListedIntegration;
        const { url } = this.integrations.get(uid)!.settings;
        const settings = { ...integration.settings };
        this.integrations.set(uid, {
          ...integration,
          settings: settings.url === '[REDACTED]' ? { ...settings, url } : settings,
        });
        return ok({ message: 'contactpoint updated' }, 202);
      }),
      this.on('delete', `${provisioning}/contact-points/:uid`, ({ uid }) => {
        const name = this.integrations.get(uid)?.name;
        const isLast = [...this.integrations.values()].filter((one) => one.name === name).length === 1;
        if (isLast && [...this.rules.values()].some((rule) => rule.notification_settings?.receiver === name)) {
          return failed(409, 'contact point is used in an alert rule');
        }
        this.integrations.delete(uid);
        return ok({ message: 'contactpoint deleted' }, 202);
      }),
      this.on('get', `${provisioning}/policies`, () => ok(this.policies)),
      this.on('get', '*/api/folders/:uid/counts', ({ uid }) =>
        this.folders.has(uid)
          ? ok({
              alertrule: [...this.rules.values()].filter(({ folderUID }) => folderUID === uid).length,
              dashboard: 0,
            })
          : failed(404, 'folder not found')
      ),
      this.on('get', '*/api/folders/:uid', ({ uid }) =>
        this.folders.has(uid) ? ok({ uid, title: this.folders.get(uid) }) : failed(404, 'folder not found')
      ),
      this.on('post', '*/api/folders', (_, { uid, title }) => {
        this.folders.set(uid as string, title as string);
        return ok({ uid, title });
      }),
      this.on('delete', '*/api/folders/:uid', ({ uid }) => {
        this.folders.delete(uid);
        return ok({ message: 'Folder deleted' });
      }),
      this.on('post', '*/api/alertmanager/grafana/config/api/v1/receivers/test', (_, body) => {
        this.writes.pop();
        const receivers = (body.receivers as Array<{ grafana_managed_receiver_configs: ListedIntegration[] }>).map(
          ({ grafana_managed_receiver_configs: configs }) => ({
            grafana_managed_receiver_configs: configs.map(({ name, type }) => {
              const error = this.robotErrors.get(type);
              return { name, uid: 'made', status: error ? 'failed' : 'ok', error };
            }),
          })
        );
        return ok({ receivers });
      }),
    ];
  }

  private on(
    method: 'get' | 'post' | 'put' | 'delete',
    path: string,
    answer: (params: Record<string, string>, body: Body, header: string | null) => Response
  ) {
    return http[method](path, async ({ request, params }) => {
      const said = `${request.method} ${new URL(request.url).pathname}`;
      const refused = this.refuse(said);
      if (refused) {
        return failed(refused.status, refused.message);
      }
      if (method !== 'get') {
        this.writes.push(said);
      }
      const body = method === 'get' || method === 'delete' ? {} : ((await request.json()) as Body);
      return answer(params as Record<string, string>, body, request.headers.get('X-Disable-Provenance'));
    });
  }

  private inGroup(folder: string, group: string): StoredRule[] {
    return [...this.rules.values()].filter((rule) => rule.folderUID === folder && rule.ruleGroup === group);
  }

  private putRule(body: Body, header: string | null, status: number): Response {
    const rule = body as unknown as ProvisionedRule;
    const present = this.rules.get(rule.uid);
    const receiver = rule.notification_settings?.receiver;
    if (!this.folders.has(rule.folderUID)) {
      return failed(400, 'invalid alert rule: folder does not exist');
    }
    if (receiver && ![...this.integrations.values()].some(({ name }) => name === receiver)) {
      return failed(400, `invalid alert rule: receiver "${receiver}" does not exist`);
    }
    if (present?.provenance) {
      return failed(500, `cannot change provenance from '${present.provenance}' to ''`);
    }
    const [inGroup] = this.inGroup(rule.folderUID, rule.ruleGroup);
    const intervalSeconds = present?.intervalSeconds ?? inGroup?.intervalSeconds ?? 60;
    // Grafana adds to queries what nobody gave it.
    const data = rule.data.map((query) => ({
      ...query,
      model: { ...query.model, intervalMs: 1000, maxDataPoints: 43200 },
    }));
    this.rules.set(rule.uid, { ...rule, data, intervalSeconds, provenance: header === null ? 'api' : '' });
    return ok(shown(this.rules.get(rule.uid)!), status);
  }
}

/** With the fields that Grafana answers in any case. */
function shown({ intervalSeconds: _, ...rule }: StoredRule) {
  return { id: 1, orgID: 1, record: null, notification_settings: null, ...rule };
}

function ok(body: unknown, status = 200): Response {
  return HttpResponse.json(body as Body, { status });
}

function failed(status: number, message: string): Response {
  return HttpResponse.json({ message }, { status });
}

function empty(status: number): Response {
  return new HttpResponse(null, { status });
}
