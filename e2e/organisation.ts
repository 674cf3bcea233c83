import { type APIRequestContext, type APIResponse, type Browser, type BrowserContext, request } from '@playwright/test';
import { APP_ID } from '../src/constants';

export type Role = 'Admin' | 'Editor' | 'Viewer';

const PASSWORD = 'e2e-only-on-loopback';

/** The data source of the demo, in the organisation that it is provisioned for. */
const DATA_SOURCE = 'prometheus';

/**
 * An organisation of its own in the Grafana under test, as somebody has one who has just installed the plugin: a Prometheus
 * data source, people of each role, and the app not enabled.
 */
export class Organisation {
  private readonly contexts: BrowserContext[] = [];
  private readonly clients: APIRequestContext[] = [];

  private constructor(
    readonly id: number,
    readonly name: string,
    private readonly serverAdmin: APIRequestContext,
    private readonly userIds: number[],
    private readonly baseURL: string
  ) {}

  static async create(baseURL: string): Promise<Organisation> {
    const user = process.env.GRAFANA_ADMIN_USER ?? 'admin';
    const password = process.env.GRAFANA_ADMIN_PASSWORD ?? 'admin';
    const serverAdmin = await client(baseURL, user, password);
    const name = `e2e-${Date.now()}`;
    const { orgId } = await answerOf(await serverAdmin.post('/api/orgs', { data: { name } }));
    const userIds: number[] = [];
    for (const role of ['Admin', 'Editor', 'Viewer'] as const) {
      const login = loginOf(name, role);
      const created = await answerOf(
        await serverAdmin.post('/api/admin/users', { data: { login, name: login, password: PASSWORD, OrgId: orgId } })
      );
      userIds.push(created.id);
      await answerOf(await serverAdmin.patch(`/api/orgs/${orgId}/users/${created.id}`, { data: { role } }));
    }
    const organisation = new Organisation(orgId, name, serverAdmin, userIds, baseURL);
    await organisation.addDataSource();
    return organisation;
  }

  private async addDataSource() {
    const { url } = await answerOf(await this.serverAdmin.get(`/api/datasources/uid/${DATA_SOURCE}`));
    const admin = await this.api('Admin');
    const settings = {
      name: 'Prometheus',
      uid: DATA_SOURCE,
      type: 'prometheus',
      access: 'proxy',
      isDefault: true,
      url,
    };
    await answerOf(await admin.post('/api/datasources', { data: settings }));
  }

  /** Signed in as a person of this role. */
  async api(role: Role): Promise<APIRequestContext> {
    const signedIn = await client(this.baseURL, loginOf(this.name, role), PASSWORD);
    this.clients.push(signedIn);
    return signedIn;
  }

  /** A browser of a person of this role. */
  async browserOf(role: Role, browser: Browser): Promise<BrowserContext> {
    const context = await browser.newContext({ baseURL: this.baseURL, viewport: { width: 1280, height: 900 } });
    const login = await context.request.post('/login', {
      data: { user: loginOf(this.name, role), password: PASSWORD },
    });
    await answerOf(login);
    this.contexts.push(context);
    return context;
  }

  /** With all that is in it. */
  async remove() {
    const admin = await this.api('Admin');
    // Grafana removes an organisation's dashboards, and leaves the app running for it.
    await admin.post(`/api/plugins/${APP_ID}/settings`, { data: { enabled: false } });
    await Promise.all(this.contexts.map((context) => context.close()));
    await answerOf(await this.serverAdmin.delete(`/api/orgs/${this.id}`));
    for (const id of this.userIds) {
      await answerOf(await this.serverAdmin.delete(`/api/admin/users/${id}`));
    }
    await Promise.all([...this.clients, this.serverAdmin].map((each) => each.dispose()));
  }
}

function loginOf(organisation: string, role: Role): string {
  return `${organisation}-${role.toLowerCase()}`;
}

function client(baseURL: string, username: string, password: string): Promise<APIRequestContext> {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return request.newContext({ baseURL, extraHTTPHeaders: { Authorization: authorization } });
}

/** @throws Error with what Grafana says. */
export async function answerOf(response: APIResponse) {
  if (!response.ok()) {
    throw new Error(`${response.url()}: ${response.status()} ${await response.text()}`);
  }
  return response.json();
}
