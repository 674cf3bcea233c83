import type { Sample } from '../../prometheus/askPrometheus';
import type { jobDetails } from '../../promql/discovery';
import { type GoJob, withCallTree } from './jobs';
import type { Program } from './snippets/program';

type Details = Record<keyof ReturnType<typeof jobDetails>, Sample[]>;

/** kube-state-metrics' labels, and the pods' own that they are of; the best one to pick a program's pods first. */
const POD_LABELS: Array<[string, string]> = [
  ['label_app_kubernetes_io_name', 'app.kubernetes.io/name'],
  ['label_app', 'app'],
  ['label_k8s_app', 'k8s-app'],
];

/** What the job's snippets are filled with. */
export function programFrom(job: GoJob, { instances, podLabels }: Details): Program {
  const labels = podLabels[0]?.labels ?? {};
  const [podLabel] = POD_LABELS.flatMap(([label, name]) => (labels[label] ? [{ name, value: labels[label] }] : []));
  return {
    job: job.job,
    instances: instances
      .map(({ labels: { instance = '', namespace = '', pod = '', container = '', endpoint = '' } }) => ({
        instance,
        namespace,
        pod,
        container,
        endpoint,
      }))
      .sort((a, b) => (a.instance < b.instance ? -1 : 1)),
    unlisted: Math.max((job.processes || withCallTree(job)) - instances.length, 0),
    podLabel,
    scrapeSeconds: job.scrapeSeconds,
  };
}
