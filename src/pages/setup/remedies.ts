import type { GapKind } from './gaps';
import { agentDaemonSet, agentPodMonitor, installAgent, scrapeAgent } from './snippets/agent';
import { alloyProbe, alloyProgram } from './snippets/alloy';
import {
  build,
  buildImage,
  compose,
  dockerRun,
  exporterConfig,
  needsConfiguration,
  systemdUnit,
} from './snippets/exporter';
import { firstMetrics, library, liveHeap, pprofHandler, processCollectors, updateClient } from './snippets/goProgram';
import { exporterDeployment, podMonitor, probePodMonitor, pushImage } from './snippets/kubernetes';
import {
  containerLimit,
  gomemlimitForContainers,
  gomemlimitForShells,
  gomemlimitForSystemd,
} from './snippets/memoryLimit';
import { hasPods, type Program } from './snippets/program';
import {
  scrapeCadvisor,
  scrapeKubeStateMetrics,
  scrapeNodeExporter,
  scrapeProbe,
  scrapeProgram,
  shorterInterval,
} from './snippets/prometheusConfig';
import { t } from '../../translate';

export interface Step {
  /** What to do with the snippet. */
  text: string;
  /** The file or language that it is of. */
  of: string;
  snippet: string;
}

/** One of the ways to close a gap. */
export interface Way {
  title: string;
  steps: Step[];
}

const GO = 'Go';
const SHELL = 'Shell';
const KUBERNETES = 'Kubernetes';
const PROMETHEUS = 'prometheus.yml';
const ALLOY = 'config.alloy';

/** Ways to close the gap, with the program's names filled in; first the one that fits best. */
export function waysOf(kind: GapKind, program: Program): Way[] {
  switch (kind) {
    case 'processes':
      return [firstJobWay(program), ...scrapeWays(program)];
    case 'processStarts':
      return [{ title: t('setup.way.collectors', 'In the program'), steps: [collectorsStep()] }];
    case 'callTrees':
      return callTreeWays(program);
    case 'memoryLimit':
      return hasPods(program)
        ? [clusterWay(), libraryWay(), gomemlimitWay()]
        : [libraryWay(), gomemlimitWay(), nodeExporterWay(program), clusterWay()];
    case 'hardLimit':
      return hasPods(program) ? [clusterWay(), libraryWay()] : [libraryWay()];
    case 'scrapeInterval':
      return intervalWays(program);
    case 'liveHeap':
      return [{ title: t('setup.way.live-heap', 'In the program'), steps: [liveHeapStep()] }];
    case 'gcSettings':
      return [{ title: t('setup.way.update', 'In the program’s module'), steps: [updateStep()] }];
  }
}

/** For who has no Go job at all. */
export function firstJobWays(program: Program): Way[] {
  return [firstJobWay(program), ...scrapeWays(program)];
}

function firstJobWay(program: Program): Way {
  return {
    title: t('setup.way.first', 'Export client_golang’s metrics, and scrape them'),
    steps: [
      {
        text: t(
          'setup.step.handler',
          'Serve /metrics. A program that has an HTTP server needs the one line with promhttp.'
        ),
        of: GO,
        snippet: firstMetrics(),
      },
      {
        text: t('setup.step.scrape', 'Let Prometheus scrape it, and reload its configuration.'),
        of: PROMETHEUS,
        snippet: scrapeProgram(program),
      },
    ],
  };
}

/** Other ways to let a program's own metrics be scraped. */
function scrapeWays(program: Program): Way[] {
  return [
    {
      title: t('setup.way.pod-monitor', 'Scrape it with the Prometheus Operator (Kubernetes)'),
      steps: [
        {
          text: t(
            'setup.step.pod-monitor',
            'Needs the Prometheus Operator. The job’s name is then namespace/name, and its pods have the labels by which a container’s limit is found.'
          ),
          of: KUBERNETES,
          snippet: podMonitor(program),
        },
      ],
    },
    {
      title: t('setup.way.alloy', 'Scrape it with Grafana Alloy'),
      steps: [
        {
          text: t(
            'setup.step.alloy',
            'The address in remote_write is a placeholder: write that of your Prometheus, which needs --web.enable-remote-write-receiver, or of your Mimir.'
          ),
          of: ALLOY,
          snippet: alloyProgram(program),
        },
      ],
    },
  ];
}

function callTreeWays(program: Program): Way[] {
  const [first, ...rest] = hasPods(program)
    ? [probeInKubernetes(program), agentInKubernetes(program), probeOnHosts(program), probeInDocker(program)]
    : [probeOnHosts(program), agentOnHosts(program), probeInDocker(program), probeInKubernetes(program)];
  return [libraryWay(), first, ...rest, probeWithAlloy(program)];
}

function agentOnHosts(program: Program): Way {
  return {
    title: t(
      'setup.way.agent-hosts',
      'Read it from outside, with the bytes of each stack: host agent as a systemd unit'
    ),
    steps: [
      {
        text: t(
          'setup.step.agent-install',
          'Needs neither pprof nor a change to the program, of Go 1.22 or newer. Build the exporter and run it as agent on each host of the program.'
        ),
        of: SHELL,
        snippet: installAgent(),
      },
      {
        text: t(
          'setup.step.agent-scrape',
          'Let Prometheus ask the agents for the processes. For another host to reach it, an agent needs a login or a certificate (--web.config.file).'
        ),
        of: PROMETHEUS,
        snippet: scrapeAgent(program),
      },
    ],
  };
}

function agentInKubernetes(program: Program): Way {
  return {
    title: t(
      'setup.way.agent-kubernetes',
      'Read it from outside, with the bytes of each stack: host agent as a DaemonSet'
    ),
    steps: [
      pushImageStep(),
      {
        text: t(
          'setup.step.agent-daemon-set',
          'Run the agent on each node. It needs neither pprof nor a change to the program, of Go 1.22 or newer. web.yml has the login that Prometheus will use.'
        ),
        of: SHELL,
        snippet: agentDaemonSet(),
      },
      {
        text: t(
          'setup.step.agent-pod-monitor',
          'Let the Prometheus Operator ask the agent of each pod’s node. Each pod keeps its namespace, pod, container and instance.'
        ),
        of: KUBERNETES,
        snippet: agentPodMonitor(program),
      },
    ],
  };
}

function libraryWay(): Way {
  return {
    title: t('setup.way.library', 'Link the library: call trees and the cgroup’s limit'),
    steps: [
      {
        text: t(
          'setup.step.library',
          'Three lines in the program. Nothing changes in Prometheus: the program’s own /metrics has it all. With a registry of your own, register it there.'
        ),
        of: GO,
        snippet: library(),
      },
      {
        text: t('setup.step.go-get', 'Add it to the module.'),
        of: SHELL,
        snippet: 'go get github.com/stackpressure/goroutines/collector@latest\n',
      },
    ],
  };
}

function pprofStep(): Step {
  return {
    text: t(
      'setup.step.pprof',
      'The program has to serve /debug/pprof. If it does not, import it; with a router of its own, it needs a handler there too.'
    ),
    of: GO,
    snippet: pprofHandler(),
  };
}

function configurationSteps(program: Program, of: string): Step[] {
  return needsConfiguration(program)
    ? [
        {
          text: t(
            'setup.step.exporter-config',
            'The exporter probes nothing outside of its host unless it is allowed here.'
          ),
          of,
          snippet: exporterConfig(program),
        },
      ]
    : [];
}

function scrapeProbeStep(program: Program): Step {
  return {
    text: t(
      'setup.step.scrape-probe',
      'Let Prometheus scrape the exporter once for each instance. The job’s name and the instances tell which trees belong to which program: leave them as they are.'
    ),
    of: PROMETHEUS,
    snippet: scrapeProbe(program),
  };
}

function probeOnHosts(program: Program): Way {
  return {
    title: t('setup.way.probe-hosts', 'Probe it, without a change to the program: exporter as a systemd unit'),
    steps: [
      pprofStep(),
      {
        text: t('setup.step.build', 'Build the exporter and install it beside Prometheus.'),
        of: SHELL,
        snippet: build(),
      },
      ...configurationSteps(program, '/etc/goroutine_stack_exporter.yml'),
      {
        text: t('setup.step.systemd', 'Run it: systemctl enable --now goroutine_stack_exporter'),
        of: 'systemd',
        snippet: systemdUnit(program),
      },
      scrapeProbeStep(program),
    ],
  };
}

function probeInDocker(program: Program): Way {
  return {
    title: t('setup.way.probe-docker', 'Probe it: exporter in Docker'),
    steps: [
      pprofStep(),
      { text: t('setup.step.build-image', 'Build the image.'), of: SHELL, snippet: buildImage() },
      ...configurationSteps(program, 'goroutine_stack_exporter.yml'),
      { text: t('setup.step.docker-run', 'Run it,'), of: SHELL, snippet: dockerRun(program) },
      { text: t('setup.step.compose', 'or run it with Compose.'), of: 'compose.yaml', snippet: compose(program) },
      scrapeProbeStep(program),
    ],
  };
}

function probeInKubernetes(program: Program): Way {
  return {
    title: t('setup.way.probe-kubernetes', 'Probe it: exporter in Kubernetes'),
    steps: [
      pprofStep(),
      pushImageStep(),
      {
        text: t('setup.step.deployment', 'Run the exporter: what it may probe, a Deployment and a Service.'),
        of: KUBERNETES,
        snippet: exporterDeployment(program),
      },
      {
        text: t(
          'setup.step.probe-pod-monitor',
          'Let the Prometheus Operator scrape it once for each pod. Each keeps its namespace, pod, container and instance.'
        ),
        of: KUBERNETES,
        snippet: probePodMonitor(program),
      },
    ],
  };
}

function probeWithAlloy(program: Program): Way {
  return {
    title: t('setup.way.probe-alloy', 'Probe it, scraped with Grafana Alloy'),
    steps: [
      pprofStep(),
      {
        text: t(
          'setup.step.alloy-probe',
          'Run the exporter as in one of the other ways, and let Alloy scrape it. The address in remote_write is a placeholder.'
        ),
        of: ALLOY,
        snippet: alloyProbe(program),
      },
    ],
  };
}

function pushImageStep(): Step {
  return {
    text: t('setup.step.push-image', 'Build the image and push it; registry.example.com stands for your registry.'),
    of: SHELL,
    snippet: pushImage(),
  };
}

function clusterWay(): Way {
  return {
    title: t('setup.way.cluster', 'Scrape the container’s limit in Kubernetes'),
    steps: [
      {
        text: t('setup.step.container-limit', 'The container has to have a limit.'),
        of: KUBERNETES,
        snippet: containerLimit(),
      },
      {
        text: t(
          'setup.step.cadvisor',
          'Scrape cAdvisor in the kubelets (kube-prometheus-stack does). The limit is found by the labels namespace, pod and container, which the program’s job needs too.'
        ),
        of: PROMETHEUS,
        snippet: scrapeCadvisor(),
      },
      {
        text: t(
          'setup.step.kube-state-metrics',
          'Or scrape kube-state-metrics, which knows the limit but not what is used of it.'
        ),
        of: PROMETHEUS,
        snippet: scrapeKubeStateMetrics(),
      },
    ],
  };
}

function gomemlimitWay(): Way {
  return {
    title: t('setup.way.gomemlimit', 'Set GOMEMLIMIT: the simplest, a soft limit'),
    steps: [
      {
        text: t(
          'setup.step.gomemlimit',
          'Some 90 % of what the program may use; 450MiB is an example. Go then collects garbage harder instead of growing past it. Under systemd:'
        ),
        of: 'systemd',
        snippet: gomemlimitForSystemd(),
      },
      {
        text: t('setup.step.gomemlimit-container', 'In Kubernetes:'),
        of: KUBERNETES,
        snippet: gomemlimitForContainers(),
      },
      { text: t('setup.step.gomemlimit-shell', 'In a shell:'), of: SHELL, snippet: gomemlimitForShells() },
    ],
  };
}

function nodeExporterWay(program: Program): Way {
  return {
    title: t('setup.way.node-exporter', 'Scrape node_exporter: what the host has left'),
    steps: [
      {
        text: t(
          'setup.step.node-exporter',
          'For programs without any limit. Their hosts have to have the same name or address as in the program’s instances.'
        ),
        of: PROMETHEUS,
        snippet: scrapeNodeExporter(program),
      },
    ],
  };
}

function intervalWays(program: Program): Way[] {
  return [
    {
      title: t('setup.way.interval', 'Scrape it every 30 seconds'),
      steps: [
        {
          text: t(
            'setup.step.interval',
            'In Prometheus’ configuration; with Alloy it is scrape_interval of prometheus.scrape.'
          ),
          of: PROMETHEUS,
          snippet: shorterInterval(program),
        },
        {
          text: t(
            'setup.step.interval-operator',
            'With the Prometheus Operator, in the endpoint of the PodMonitor or ServiceMonitor.'
          ),
          of: KUBERNETES,
          snippet: 'interval: 30s\n',
        },
      ],
    },
  ];
}

function collectorsStep(): Step {
  return {
    text: t(
      'setup.step.collectors',
      'A registry of your own has nothing in it: register the collectors that the default one has.'
    ),
    of: GO,
    snippet: processCollectors(),
  };
}

function liveHeapStep(): Step {
  return {
    text: t(
      'setup.step.live-heap',
      'Replace the Go collector by one that exports the collector’s metrics too, some 25 series more.'
    ),
    of: GO,
    snippet: liveHeap(),
  };
}

function updateStep(): Step {
  return {
    text: t('setup.step.update', 'client_golang 1.20 and newer export GOMEMLIMIT and GOGC.'),
    of: SHELL,
    snippet: updateClient(),
  };
}
