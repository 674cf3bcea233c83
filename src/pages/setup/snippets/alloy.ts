import { exporterAddress } from './kubernetes';
import { addressOf, hasPods, namespaceOf, podSelector, portOf, probeJob, type Program } from './program';
import { ADVISED_INTERVAL } from './prometheusConfig';
import { alloyLabel, alloyText, commentText, relabelReplacement } from './quoted';

/** Grafana Alloy: scrapes the program's own /metrics. */
export function alloyProgram(program: Program): string {
  const label = alloyLabel(program.job);
  const targets = hasPods(program)
    ? `${discovery(program, label)}
discovery.relabel "${label}" {
  targets = discovery.kubernetes.${label}.targets

${podRules(program)}}

`
    : '';
  return `${targets}prometheus.scrape "${label}" {
  targets         = ${hasPods(program) ? `discovery.relabel.${label}.output` : staticTargets(program)}
  forward_to      = [prometheus.remote_write.default.receiver]
  job_name        = ${alloyText(program.job)}
  scrape_interval = "${ADVISED_INTERVAL}"
}

${REMOTE_WRITE}`;
}

/** Grafana Alloy: scrapes call trees through the exporter, under the instances of the program's own job. */
export function alloyProbe(program: Program): string {
  const label = alloyLabel(probeJob(program));
  const pods = hasPods(program);
  return `${pods ? `${discovery(program, label)}\n` : ''}discovery.relabel "${label}" {
  targets = ${pods ? `discovery.kubernetes.${label}.targets` : staticTargets(program)}

${pods ? podRules(program) : ''}${namesInstances(program) ? '' : INSTANCE_IS_ADDRESS}  rule {
    source_labels = ["__address__"]
    target_label  = "__param_target"
    // If /debug/pprof has a port of its own, such as 6060:
    // regex       = "(.+):\\\\d+"
    // replacement = "$1:6060"
  }
  rule {
    target_label = "__address__"
    replacement  = ${alloyText(relabelReplacement(pods ? exporterAddress(program) : '127.0.0.1:9979'))} // goroutine_stack_exporter
  }
}

prometheus.scrape "${label}" {
  targets         = discovery.relabel.${label}.output
  forward_to      = [prometheus.remote_write.default.receiver]
  job_name        = ${alloyText(probeJob(program))}
  metrics_path    = "/probe"
  scrape_interval = "${ADVISED_INTERVAL}"
}

${REMOTE_WRITE}`;
}

const REMOTE_WRITE = `// Leave this out if you have it already.
prometheus.remote_write "default" {
  endpoint {
    url = "http://prometheus.example.com:9090/api/v1/write"
  }
}
`;

const INSTANCE_IS_ADDRESS = `  rule {
    source_labels = ["__address__"]
    target_label  = "instance"
  }
`;

function namesInstances({ instances }: Program): boolean {
  return instances.some(({ instance }) => addressOf(instance) === undefined);
}

function staticTargets(program: Program): string {
  const { job, instances, unlisted } = program;
  const lines = instances.map(({ instance }) =>
    addressOf(instance)
      ? `    { "__address__" = ${alloyText(instance)}${namesInstances(program) ? `, "instance" = ${alloyText(instance)}` : ''} },\n`
      : `    { "__address__" = "HOST:${portOf(program)}", "instance" = ${alloyText(instance)} },\n`
  );
  const more =
    unlisted > 0 ? `    // and ${unlisted} more: take the discovery of the job ${commentText(job)} instead\n` : '';
  return `[\n${lines.join('')}${more}  ]`;
}

function discovery(program: Program, label: string): string {
  const selector = podSelector(program);
  return `discovery.kubernetes "${label}" {
  role = "pod"

  namespaces {
    names = [${alloyText(namespaceOf(program))}]
  }

  selectors {
    role  = "pod"
    label = ${alloyText(`${selector.name}=${selector.value}`)}${selector.guessed ? " // a guess: a label of the program's pods" : ''}
  }
}
`;
}

/** The labels by which a container's limit is joined. */
function podRules(program: Program): string {
  const labels = ['namespace', 'pod_name', 'pod_container_name'].map(
    (name, index) => `  rule {
    source_labels = ["__meta_kubernetes_${name}"]
    target_label  = "${['namespace', 'pod', 'container'][index]}"
  }
`
  );
  return `  rule {
    source_labels = ["__meta_kubernetes_pod_container_port_number"]
    regex         = "${portOf(program)}"
    action        = "keep"
  }
${labels.join('')}`;
}
