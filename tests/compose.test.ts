import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { load } from 'js-yaml';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import pluginJson from '../src/plugin.json';
import { PANEL_ID } from '../src/constants';
// schema/compose-spec.json of github.com/compose-spec/compose-go v2.16.2 (Apache-2.0), as it is.
import schema from './compose-spec.json';

const ROOT = path.resolve(__dirname, '..');

interface Service {
  image?: string;
  build?: string | { context: string; dockerfile?: string };
  ports?: string[];
  volumes?: string[];
  environment?: Record<string, string>;
  profiles?: string[];
  network_mode?: string;
  command?: string[];
  security_opt?: string[];
}

const compose = load(readFileSync(path.join(ROOT, 'docker-compose.yaml'), 'utf8')) as {
  services: Record<string, Service>;
};
const services = Object.entries(compose.services);

it('is what the Compose specification allows', () => {
  const ajv = new Ajv2020({ strict: false });
  addFormats(ajv);
  ajv.addFormat('duration', true);
  const validate = ajv.compile(schema);
  validate(compose);
  expect(validate.errors).toBeNull();
});

it('runs Grafana, Prometheus, the exporter, the leaking program and the stand-in, and the agent if asked to', () => {
  const unasked = services.filter(([, { profiles }]) => !profiles).map(([name]) => name);
  expect(unasked.sort()).toEqual(['exporter', 'grafana', 'program', 'prometheus', 'robots']);
  expect(services.filter(([, { profiles }]) => profiles?.includes('agent')).map(([name]) => name)).toEqual(['agent']);
});

it('publishes the agent nowhere: it listens on the loopback that it shares with Prometheus', () => {
  const { ports, network_mode, command } = compose.services.agent;
  expect(ports).toBeUndefined();
  expect(network_mode).toBe('service:prometheus');
  expect(command?.join(' ')).not.toContain('--web.listen-address');
});

it('gives the agent a seccomp profile that exists', () => {
  const [profile] = compose.services.agent.security_opt!.flatMap((option) => /^seccomp:(.+)$/.exec(option)?.[1] ?? []);
  expect([profile, existsSync(path.join(ROOT, profile))]).toEqual([profile, true]);
});

it.each(services.filter(([, { network_mode }]) => !network_mode))(
  'publishes %s on loopback alone',
  (_, { ports = [] }) => {
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  }
);

it.each(services)('mounts and builds from files that exist: %s', (_, { volumes = [], build }) => {
  const mounted = volumes.map((volume) => volume.replace(/^\$\{\w+:-(.*?)\}/, '$1').split(':')[0]);
  const dockerfile = typeof build === 'object' ? build.dockerfile : build && path.join(build, 'Dockerfile');
  // dist is made by `npm run build`, which the tests run first.
  for (const file of [...mounted, ...(dockerfile ? [dockerfile] : [])]) {
    expect([file, existsSync(path.join(ROOT, file))]).toEqual([file, true]);
  }
});

it('allows both plugin ids and takes the Grafana that the plugin asks for at least, or the one of GRAFANA_VERSION', () => {
  const { image, environment } = compose.services.grafana;
  const [, version] = /^grafana\/grafana:\$\{GRAFANA_VERSION:-(.+)\}$/.exec(image!)!;
  expect(environment!.GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS).toBe(`${pluginJson.id},${PANEL_ID}`);
  expect(`>=${version}`).toBe(pluginJson.dependencies.grafanaDependency);
});
