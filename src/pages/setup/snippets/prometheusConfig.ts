import { addressOf, portOf, probeJob, type Program } from './program';
import { commentText, indented, yamlText } from './quoted';

/** What the alerts want at most, and with room for a missed one. */
export const ADVISED_INTERVAL = '30s';

/** Of a job that is not scraped yet. */
export function scrapeProgram(program: Program): string {
  return `scrape_configs:
  - job_name: ${yamlText(program.job)}
    scrape_interval: ${ADVISED_INTERVAL}
    static_configs:
${indented(targets(program), 6)}`;
}

/** By the exporter, in the multi-target pattern: a target keeps its address as instance. */
export function scrapeProbe(program: Program): string {
  const tooLong = (program.scrapeSeconds ?? 0) > 60;
  return `scrape_configs:
  # The program's own job, and -goroutines.
  - job_name: ${yamlText(probeJob(program))}
    metrics_path: /probe
${tooLong ? `    scrape_interval: ${ADVISED_INTERVAL}\n` : ''}    static_configs:
${indented(targets(program), 6)}    relabel_configs:
${indented(namesInstances(program) ? '' : INSTANCE_IS_ADDRESS, 6)}      - source_labels: [__address__]
        target_label: __param_target
        # If /debug/pprof has a port of its own, such as 6060:
        # regex: (.+):\\d+
        # replacement: $1:6060
      - target_label: __address__
        replacement: 127.0.0.1:9979 # goroutine_stack_exporter
`;
}

const INSTANCE_IS_ADDRESS = `- source_labels: [__address__]
  target_label: instance # as in the program's own job
`;

function namesInstances({ instances }: Program): boolean {
  return instances.some(({ instance }) => addressOf(instance) === undefined);
}

function targets(program: Program): string {
  const { job, instances, unlisted } = program;
  const more =
    unlisted > 0 ? `# and ${unlisted} more: take the service discovery of the job ${commentText(job)} instead\n` : '';
  if (!namesInstances(program)) {
    return `- targets:\n${indented(instances.map(({ instance }) => `- ${yamlText(instance)}\n`).join(''), 4)}${more}`;
  }
  return (
    instances
      .map(({ instance }) => {
        const target = addressOf(instance) ? yamlText(instance) : `HOST:${portOf(program)}`;
        return `- targets: [${target}]\n  labels:\n    instance: ${yamlText(instance)}\n`;
      })
      .join('') + more
  );
}

/** What to change of a job that is scraped too rarely. */
export function shorterInterval({ job }: Program): string {
  return `scrape_configs:
  - job_name: ${yamlText(job)} # as it is, and:
    scrape_interval: ${ADVISED_INTERVAL}
`;
}

/** By Prometheus inside the cluster, which may read the nodes' metrics (RBAC: nodes/metrics). */
export function scrapeCadvisor(): string {
  return `scrape_configs:
  - job_name: cadvisor
    scheme: https
    metrics_path: /metrics/cadvisor
    scrape_interval: ${ADVISED_INTERVAL}
    kubernetes_sd_configs:
      - role: node
    authorization:
      credentials_file: /var/run/secrets/kubernetes.io/serviceaccount/token
    tls_config:
      ca_file: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
    metric_relabel_configs:
      - source_labels: [__name__]
        regex: container_spec_memory_limit_bytes|container_memory_rss
        action: keep
`;
}

/** kube-state-metrics' own labels namespace, pod and container have to stay as they are. */
export function scrapeKubeStateMetrics(): string {
  return `scrape_configs:
  - job_name: kube-state-metrics
    honor_labels: true
    static_configs:
      - targets: [kube-state-metrics.kube-system.svc:8080] # service.namespace of yours
    metric_relabel_configs:
      - source_labels: [__name__]
        regex: kube_pod_container_resource_limits|kube_pod_labels
        action: keep
`;
}

/** The host's name or address has to be the one in the program's label instance. */
export function scrapeNodeExporter({ instances }: Program): string {
  const hosts = instances.map(({ instance }) => addressOf(instance)?.host ?? 'HOST');
  return `scrape_configs:
  - job_name: node
    static_configs:
      - targets:
${indented([...new Set(hosts)].map((host) => `- ${yamlText(`${host}:9100`)}\n`).join(''), 10)}`;
}
