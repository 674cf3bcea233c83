import { addressOf, hasPods, portOf, type Program } from './program';
import { indented, yamlText } from './quoted';

/** The pods' networks that are private, of which the exporter lets names resolve to these alone. */
const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '[fc00::/7]'];

const LOOPBACK = /^(127\.|localhost$|\[::1\]$)/;

/** Without a configuration the exporter reads programs of its own host alone. */
export function needsConfiguration({ instances }: Program): boolean {
  return !instances.every(({ instance }) => LOOPBACK.test(addressOf(instance)?.host ?? ''));
}

/** goroutine_stack_exporter.yml, which says what may be probed. */
export function exporterConfig(program: Program): string {
  const more =
    hasPods(program) || program.unlisted === 0 ? '' : `# and ${program.unlisted} more; * in a name is any text\n`;
  return `modules:
  default:
    targets: # what may be probed, by the port of /debug/pprof
${indented(
  allowed(program)
    .map((target) => `- ${yamlText(target)}\n`)
    .join('') + more,
  6
)}`;
}

function allowed(program: Program): string[] {
  const port = portOf(program);
  if (hasPods(program)) {
    return PRIVATE_NETWORKS.map((network) => `${network}:${port}`);
  }
  const listed = program.instances.map(({ instance }) => addressOf(instance) ?? { host: 'HOST', port });
  return [...new Set(listed.map((address) => `${address.host}:${address.port}`))];
}

const VERSION = '0.1.0';
/** The registry is the reader's own: no image is published. */
export const IMAGE = `registry.example.com/goroutine_stack_exporter:${VERSION}`;

export function build(): string {
  return `git clone https://github.com/stackpressure/goroutines && cd goroutines
go build -C collector -o goroutine_stack_exporter ./cmd/goroutine_stack_exporter
sudo install collector/goroutine_stack_exporter /usr/local/bin/
`;
}

export function systemdUnit(program: Program): string {
  const flags = needsConfiguration(program) ? ' --config.file=/etc/goroutine_stack_exporter.yml' : '';
  return `# /etc/systemd/system/goroutine_stack_exporter.service
[Unit]
Description=Call trees of goroutines for Prometheus
Wants=network-online.target
After=network-online.target

[Service]
DynamicUser=yes
ExecStart=/usr/local/bin/goroutine_stack_exporter${flags}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure

[Install]
WantedBy=multi-user.target
`;
}

export function buildImage(): string {
  return `git clone https://github.com/stackpressure/goroutines && cd goroutines
docker build -t goroutine_stack_exporter:${VERSION} collector
`;
}

/** Programs on the host's loopback are out of reach of a container that has a network of its own. */
export function dockerRun(program: Program): string {
  const image = `goroutine_stack_exporter:${VERSION}`;
  return needsConfiguration(program)
    ? `docker run -d --name goroutine_stack_exporter --restart unless-stopped \\
  -p 127.0.0.1:9979:9979 \\
  -v "$PWD/goroutine_stack_exporter.yml:/goroutine_stack_exporter.yml:ro" \\
  ${image} --config.file=/goroutine_stack_exporter.yml
`
    : `docker run -d --name goroutine_stack_exporter --restart unless-stopped --network host \\
  ${image} --web.listen-address=127.0.0.1:9979
`;
}

export function compose(program: Program): string {
  const service = `services:
  goroutine_stack_exporter:
    image: goroutine_stack_exporter:${VERSION}
    restart: unless-stopped
`;
  return needsConfiguration(program)
    ? `${service}    command: [--config.file=/goroutine_stack_exporter.yml]
    ports: ['127.0.0.1:9979:9979']
    volumes: ['./goroutine_stack_exporter.yml:/goroutine_stack_exporter.yml:ro']
`
    : `${service}    network_mode: host
    command: [--web.listen-address=127.0.0.1:9979]
`;
}
