import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import getPort from 'get-port';
import { dump, load } from 'js-yaml';
import { CleanUps } from '../../demo/cleanUps';
import { mustRun, whereIs } from '../../demo/command';
import { grafanaProcess, prepareGrafana, requireGrafana } from '../../demo/grafana';
import { endGroup, Processes, waitFor } from '../../demo/processes';
import { findPrometheus } from '../../demo/prometheus';
import { standIn } from '../../relay/standIn';
import { isMessageLanguage, MESSAGE_WORDS } from '../../src/alerting/messageWords';
import { writeGrafanaAlerting } from '../provision';
import { MemoryCgroup } from '../record/cgroup';
import { Timeline } from './timeline';

const ROOT = path.resolve(__dirname, '../..');
const SCENARIO = 'spawn-storm';
const LIMIT_MIB = 256;
/** A goroutine takes 2.9 kB: the limit in some eighteen minutes. One that lives less than fifteen may be told too late (docs/alerts.md). */
const GOROUTINES_A_SECOND = 65;
const LONGEST_LIFE = 40 * 60_000;
const ALERTS = /^Go(Stack)?OOMAhead$/;

/** Of the relay and its senders, on loopback, for as long as this runs. */
const SECRETS = { GRAFANA: 'drill-grafana', ALERTMANAGER: 'drill-alertmanager', SIGNATURE: 'SECdrill' };

const cleanUps = new CleanUps();

/**
 * From a leak to the kernel's kill, with everything real between them but Slack and DingTalk: a program in a memory cgroup,
 * Prometheus, Alertmanager, Grafana and the relay, by the files that we ship. Prints when each message came, and how long
 * before the kill.
 */
async function main() {
  const { values } = parseArgs({
    options: { language: { type: 'string', default: 'en' }, messages: { type: 'string' } },
  });
  const { language } = values;
  if (!isMessageLanguage(language)) {
    throw new Error(`--language ${language}: messages are written in ${Object.keys(MESSAGE_WORDS).join(' or ')}`);
  }
  cleanUps.exitOnSignals(() => console.log('Stopping …'));
  const folder = mkdtempSync(path.join(tmpdir(), 'drill-'));
  cleanUps.add(() => rmSync(folder, { recursive: true, force: true }));
  const processes = new Processes(path.join(folder, 'logs'), (message) => {
    console.error(message);
    void cleanUps.exit(1);
  });
  cleanUps.add(() => processes.stop());

  const grafana = await requireGrafana(console.log);
  const { prometheus } = await findPrometheus();
  const alertmanager = (await whereIs('alertmanager')) ?? (await whereIs('prometheus-alertmanager'));
  if (!alertmanager) {
    throw new Error('No Alertmanager here: put alertmanager on the PATH (apt-get install prometheus-alertmanager).');
  }
  console.log('Building the plugin and the program …');
  await mustRun('npm', ['run', '--silent', 'build'], { cwd: ROOT });
  const program = path.join(folder, 'scenarios');
  await mustRun('go', ['build', '-buildvcs=false', '-o', program, './scenarios'], { cwd: ROOT });

  // A robot for each of the relay's senders, to tell them apart.
  const robots = { Grafana: await dingtalk(), Alertmanager: await dingtalk() };
  const port = async () => getPort({ host: '127.0.0.1' });
  const ports = {
    program: await port(),
    prometheus: await port(),
    alertmanager: await port(),
    grafana: await port(),
    relay: await port(),
    grafanaRobots: await port(),
    alertmanagerRobots: await port(),
  };
  const url = (name: keyof typeof ports) => `http://127.0.0.1:${ports[name]}`;
  for (const name of ['grafanaRobots', 'alertmanagerRobots'] as const) {
    processes.start({
      name,
      command: process.execPath,
      args: [path.join(ROOT, 'demo/robots.mjs')],
      env: { ROBOTS_PORT: String(ports[name]) },
    });
  }

  const file = (name: string, content: unknown) => {
    const to = path.join(folder, name);
    writeFileSync(to, typeof content === 'string' ? content : dump(content));
    return to;
  };
  const target = { kind: 'dingtalk', secret: { env: 'SIGNATURE' }, language };
  processes.start({
    name: 'Relay',
    command: process.execPath,
    args: [
      '--import',
      'tsx',
      path.join(ROOT, 'relay/main.ts'),
      file('relay.yml', {
        listen: `127.0.0.1:${ports.relay}`,
        grafana_url: url('grafana'),
        senders: [
          { name: 'grafana', bearer: { env: 'GRAFANA' }, targets: ['grafana'] },
          {
            name: 'alertmanager',
            basic: { user: 'alertmanager', password: { env: 'ALERTMANAGER' } },
            targets: ['oncall'],
          },
        ],
        targets: [
          { ...target, name: 'grafana', url: { env: 'GRAFANA_ROBOT' } },
          { ...target, name: 'oncall', url: { env: 'ALERTMANAGER_ROBOT' } },
        ],
      }),
    ],
    cwd: ROOT,
    env: {
      ...SECRETS,
      GRAFANA_ROBOT: robots.Grafana.url('dingtalk'),
      ALERTMANAGER_ROBOT: robots.Alertmanager.url('dingtalk'),
    },
  });

  processes.start({
    name: 'Alertmanager',
    command: alertmanager,
    args: [
      `--config.file=${alertmanagerConfig(file, language, url('grafana'), url('relay'), url('alertmanagerRobots'))}`,
      `--storage.path=${path.join(folder, 'alertmanager')}`,
      `--web.listen-address=127.0.0.1:${ports.alertmanager}`,
      '--cluster.listen-address=',
    ],
  });
  processes.start({
    name: 'Prometheus',
    command: prometheus,
    args: [
      `--config.file=${file('prometheus.yml', {
        global: { scrape_interval: '15s', evaluation_interval: '15s' },
        rule_files: ['oom', 'calltree', 'collector'].map((name) => path.join(ROOT, `alerts/${name}.rules.yml`)),
        alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${ports.alertmanager}`] }] }] },
        scrape_configs: [{ job_name: SCENARIO, static_configs: [{ targets: [`127.0.0.1:${ports.program}`] }] }],
      })}`,
      `--storage.tsdb.path=${path.join(folder, 'series')}`,
      `--web.listen-address=127.0.0.1:${ports.prometheus}`,
    ],
  });

  const dataFolder = path.join(folder, 'grafana');
  prepareGrafana(dataFolder);
  const alerting = path.join(dataFolder, 'provisioning/alerting');
  const made = writeGrafanaAlerting({
    outDir: alerting,
    datasourceUid: 'prometheus',
    slackUrl: `${url('grafanaRobots')}/slack`,
    dingtalkUrl: `${url('grafanaRobots')}/dingtalk`,
    language,
  });
  withRelay(made.file, `${url('relay')}/grafana/grafana`);
  processes.start(grafanaProcess(grafana, { port: ports.grafana, prometheusUrl: url('prometheus'), dataFolder }));
  await waitFor('Prometheus', `${url('prometheus')}/-/ready`, 60);
  await waitFor('Alertmanager', `${url('alertmanager')}/-/ready`, 60);
  await waitFor('The relay', `${url('relay')}/-/ready`, 60);
  await waitFor('Grafana', `${url('grafana')}/api/health`, 120);

  const cgroup = new MemoryCgroup('drill', LIMIT_MIB * 2 ** 20);
  const args = ['-scenario', SCENARIO, '-listen', `127.0.0.1:${ports.program}`, '-library', '-max', '100000000'];
  const [command, entered] = cgroup.enter(program, [...args, '-rate', String(GOROUTINES_A_SECOND)]);
  const child = spawn(command, entered, { detached: true, stdio: 'ignore' });
  const exited = once(child, 'exit');
  cleanUps.add(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      await endGroup(child.pid!, exited, 'SIGTERM');
    }
    await cgroup.remove();
  });

  const timeline = new Timeline();
  timeline.note(`leak: ${GOROUTINES_A_SECOND} goroutines a second, limit ${LIMIT_MIB} MiB`);
  console.log('The leak begins. The kernel kills it in some eighteen minutes.');
  const stopped = new AbortController();
  const watching = watch(stopped.signal, async () => {
    await alertsOf(`${url('prometheus')}/api/v1/rules?type=alert`, 'Prometheus', timeline);
    await alertsOf(`${url('grafana')}/api/prometheus/grafana/api/v1/rules`, 'Grafana', timeline);
    await messagesOf(url('grafanaRobots'), 'Grafana', timeline);
    await messagesOf(url('alertmanagerRobots'), 'Alertmanager', timeline);
    for (const [from, { taken }] of Object.entries(robots)) {
      for (const { at, body } of taken) {
        timeline.message(`DingTalk by the relay, from ${from}`, body.markdown.title, new Date(at), body);
      }
    }
  });
  await Promise.race([exited, sleep(LONGEST_LIFE, undefined, { ref: false })]);
  if (cgroup.oomKills() === 0) {
    throw new Error('The kernel did not kill the program within 40 minutes.');
  }
  timeline.killed();
  console.log('Killed by the kernel. Waiting for the resolved messages, eight minutes at most.');
  await timeline.until((text) => text.includes(MESSAGE_WORDS[language].resolved), 5, 8 * 60_000);
  stopped.abort();
  await watching;
  console.log(timeline.table());
  if (values.messages) {
    mkdirSync(values.messages, { recursive: true });
    timeline.write(values.messages);
  }
  await cleanUps.exit(timeline.leastLead() >= 300 ? 0 : 1);
}

async function dingtalk() {
  const robot = await standIn({ secret: SECRETS.SIGNATURE });
  cleanUps.add(() => robot.close());
  return robot;
}

/** What we ship, with the addresses of this machine. */
function alertmanagerConfig(
  file: (name: string, content: unknown) => string,
  language: string,
  grafana: string,
  relay: string,
  robots: string
): string {
  const template = readFileSync(path.join(ROOT, `alerts/messages/alertmanager.${language}.tmpl`), 'utf8');
  const text = readFileSync(path.join(ROOT, 'alerts/alertmanager/alertmanager.yml'), 'utf8');
  return file(
    'alertmanager.yml',
    text
      .replace(
        '/etc/alertmanager/templates/alertmanager.en.tmpl',
        file('alertmanager.tmpl', template.replace('http://localhost:3000', grafana))
      )
      .replaceAll('/etc/alertmanager/slack-url', file('slack-url', `${robots}/slack`))
      .replaceAll('/etc/alertmanager/relay-password', file('relay-password', SECRETS.ALERTMANAGER))
      .replaceAll('http://127.0.0.1:8094', relay)
  );
}

/** As relay/README.md says. */
function withRelay(provisioned: string, url: string) {
  const content = load(readFileSync(provisioned, 'utf8')) as {
    contactPoints: Array<{ receivers: Array<Record<string, unknown>> }>;
  };
  content.contactPoints[0].receivers.push({
    uid: 'gsp-relay',
    type: 'webhook',
    settings: {
      url,
      httpMethod: 'POST',
      authorization_scheme: 'Bearer',
      authorization_credentials: SECRETS.GRAFANA,
    },
  });
  writeFileSync(provisioned, dump(content, { lineWidth: -1, noRefs: true }));
}

async function watch(signal: AbortSignal, look: () => Promise<void>) {
  while (!signal.aborted) {
    await look().catch((error: Error) => console.error(`cannot look: ${error.message}`));
    await sleep(1000);
  }
}

interface Rules {
  data: { groups: Array<{ rules: Array<{ name: string; state: string }> }> };
}

async function alertsOf(url: string, engine: string, timeline: Timeline) {
  const { data } = (await (await fetch(url)).json()) as Rules;
  for (const { name, state } of data.groups.flatMap(({ rules }) => rules)) {
    if (ALERTS.test(name) && state !== 'inactive') {
      timeline.note(`${engine}: ${name} ${state}`);
    }
  }
}

async function messagesOf(url: string, from: string, timeline: Timeline) {
  const messages = (await (await fetch(`${url}/messages`)).json()) as Array<{
    robot: 'slack' | 'dingtalk';
    time: string;
    body: string;
  }>;
  for (const { robot, time, body } of messages.reverse()) {
    const content = JSON.parse(body);
    const { title } = content.actionCard ?? content.attachments[0];
    timeline.message(`${{ slack: 'Slack', dingtalk: 'DingTalk' }[robot]} by ${from}`, title, new Date(time), content);
  }
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  void cleanUps.exit(1);
});
