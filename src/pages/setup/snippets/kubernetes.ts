import { exporterConfig, IMAGE } from './exporter';
import { namespaceOf, podSelector, portOf, probeJob, type Program } from './program';
import { ADVISED_INTERVAL } from './prometheusConfig';
import { indented, objectName, relabelReplacement, yamlText } from './quoted';

const EXPORTER = 'goroutine-stack-exporter';

export function exporterAddress(program: Program): string {
  return `${EXPORTER}.${namespaceOf(program)}.svc:9979`;
}

/** For the Prometheus Operator (monitoring.coreos.com/v1): scrapes the program's own /metrics. */
export function podMonitor(program: Program): string {
  return `${podMonitorHead(program, objectName(program.job))}
  podMetricsEndpoints:
    - port: ${portName(program)}
      path: /metrics
      interval: ${ADVISED_INTERVAL}
`;
}

/** For the Prometheus Operator: scrapes each pod's call tree through the exporter, under the instance of its own job. */
export function probePodMonitor(program: Program): string {
  return `${podMonitorHead(program, objectName(program.job, '-goroutines'))}
  podMetricsEndpoints:
    - port: ${portName(program)}; it has to serve /debug/pprof
      path: /probe
      interval: ${ADVISED_INTERVAL}
      relabelings:
        - sourceLabels: [__address__]
          targetLabel: __param_target
        - sourceLabels: [__address__]
          regex: (.+):\\d+
          targetLabel: instance
          replacement: $1:${portOf(program)} # the instance of the program's own job
        - targetLabel: job
          replacement: ${yamlText(relabelReplacement(probeJob(program)))}
        - targetLabel: __address__
          replacement: ${yamlText(relabelReplacement(exporterAddress(program)))}
`;
}

/** A PodMonitor up to its endpoints. */
export function podMonitorHead(program: Program, name: string): string {
  const selector = podSelector(program);
  return `apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  name: ${yamlText(name)}
  namespace: ${yamlText(namespaceOf(program))}
  # labels: those that the podMonitorSelector of your Prometheus asks for
spec:
  selector:
    matchLabels:
      ${yamlText(selector.name)}: ${yamlText(selector.value)}${selector.guessed ? " # a guess: a label of the program's pods" : ''}`;
}

/** A port's name is in the label endpoint where the Operator scrapes already. */
export function portName(program: Program): string {
  const name = program.instances.find(({ endpoint }) => endpoint !== '')?.endpoint;
  return name === undefined
    ? `http # the name of the container's port ${portOf(program)}`
    : `${yamlText(name)} # the container's port ${portOf(program)}`;
}

/** The exporter in the cluster: configuration, Deployment and Service. */
export function exporterDeployment(program: Program): string {
  const metadata = `metadata:
  name: ${EXPORTER}
  namespace: ${yamlText(namespaceOf(program))}`;
  return `apiVersion: v1
kind: ConfigMap
${metadata}
data:
  goroutine_stack_exporter.yml: |
${indented(exporterConfig(program), 4)}---
apiVersion: apps/v1
kind: Deployment
${metadata}
spec:
  selector:
    matchLabels:
      app.kubernetes.io/name: ${EXPORTER}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: ${EXPORTER}
    spec:
      containers:
        - name: ${EXPORTER}
          image: ${IMAGE} # of your registry
          args: [--config.file=/etc/goroutine_stack_exporter/goroutine_stack_exporter.yml]
          ports:
            - name: http
              containerPort: 9979
          readinessProbe:
            httpGet:
              path: /-/healthy
              port: http
          volumeMounts:
            - name: config
              mountPath: /etc/goroutine_stack_exporter
      volumes:
        - name: config
          configMap:
            name: ${EXPORTER}
---
apiVersion: v1
kind: Service
${metadata}
spec:
  selector:
    app.kubernetes.io/name: ${EXPORTER}
  ports:
    - name: http
      port: 9979
      targetPort: http
`;
}

export function pushImage(): string {
  return `git clone https://github.com/stackpressure/goroutines && cd goroutines
docker build -t ${IMAGE} collector
docker push ${IMAGE}
`;
}
