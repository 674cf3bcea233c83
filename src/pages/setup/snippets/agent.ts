import { IMAGE } from './exporter';
import { podMonitorHead, portName } from './kubernetes';
import { addressOf, type Instance, portOf, probeJob, type Program } from './program';
import { ADVISED_INTERVAL } from './prometheusConfig';
import { objectName, relabelRegex, relabelReplacement, yamlText } from './quoted';

/** On each host that runs the program; the unit is in the repository. */
export function installAgent(): string {
  return `git clone https://github.com/stackpressure/goroutines && cd goroutines
go build -C collector -o goroutine_stack_exporter ./cmd/goroutine_stack_exporter
sudo install collector/goroutine_stack_exporter /usr/local/bin/
sudo install -m 644 collector/deploy/goroutine_stack_exporter-agent.service /etc/systemd/system/
sudo systemctl daemon-reload
sudo systemctl enable --now goroutine_stack_exporter-agent
`;
}

/** Of the processes that the agents list, those of the program, under the instances of its own job. */
export function scrapeAgent(program: Program): string {
  const [only, ...others] = program.instances;
  const hosts = [...new Set(program.instances.map(({ instance }) => addressOf(instance)?.host ?? 'HOST'))];
  return `scrape_configs:
  # The program's own job, and -goroutines.
  - job_name: ${yamlText(probeJob(program))}
    scrape_interval: ${ADVISED_INTERVAL}
    http_sd_configs: # the agents, of which each listens on the loopback of its host unless it is told otherwise
${hosts.map((host) => `      - url: ${yamlText(`http://${host}:9979/sd`)}\n`).join('')}    relabel_configs:
      - source_labels: [__meta_process_command]
        regex: ${yamlText(relabelRegex(programName(program)))} # a guess: the name of the program's executable
        action: keep
${others.length === 0 && program.unlisted === 0 ? onlyInstance(only) : instanceOfHost(program)}`;
}

/** Of a job that is called namespace/name, the name. */
function programName({ job }: Program): string {
  return job.split('/').pop() ?? job;
}

function onlyInstance(only: Instance | undefined): string {
  return `      - target_label: instance # as in the program's own job
        replacement: ${yamlText(relabelReplacement(only?.instance ?? 'HOST:8080'))}
`;
}

function instanceOfHost(program: Program): string {
  return `      - source_labels: [instance] # host:command:pid
        regex: (.+):[^:]+:\\d+
        target_label: instance
        replacement: $1:${portOf(program)} # as in the program's own job, if a host goes by its own name there
`;
}

/** The manifest is in the repository; its image is the reader's own. */
export function agentDaemonSet(): string {
  return `kubectl create namespace goroutines
kubectl label namespace goroutines pod-security.kubernetes.io/enforce=privileged
kubectl -n goroutines create secret generic goroutine-stack-exporter-agent --from-file=web.yml
sed 's|image: .*|image: ${IMAGE}|' collector/deploy/daemonset.yaml | kubectl apply -f -
`;
}

/** For the Prometheus Operator: asks the agent of each pod's node for the container's process. */
export function agentPodMonitor(program: Program): string {
  return `${podMonitorHead(program, objectName(program.job, '-goroutines'))}
  podMetricsEndpoints:
    - port: ${portName(program)}
      path: /probe
      interval: ${ADVISED_INTERVAL}
      # basicAuth, or tlsConfig: what web.yml asks for
      relabelings:
        - targetLabel: job
          replacement: ${yamlText(relabelReplacement(probeJob(program)))}
        - sourceLabels: [__address__]
          regex: (.+):\\d+
          targetLabel: instance
          replacement: $1:${portOf(program)} # the instance of the program's own job
        - sourceLabels: [__meta_kubernetes_pod_container_id]
          targetLabel: __param_container_id
        - sourceLabels: [__meta_kubernetes_pod_host_ip]
          targetLabel: __address__
          replacement: $1:9979
`;
}
