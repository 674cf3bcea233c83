import { inlineRecordings, type Recordings } from '../inlineRecordings';
import { GOROUTINES, treeJobMatcher } from '../metrics';
import { urgency } from '../urgency';
import { isOfContainers, type Matcher, withMatchers } from '../withMatchers';

/**
 * The dashboard's variables, which Grafana puts into its queries. `$watched` and `$pods` are hidden: the instances whose time
 * to OOM is asked for, which is dear, and the pods that they are in.
 */
const ofJob: Matcher = { label: 'job', operator: '=~', value: '$job' };
const ofInstance: Matcher = { label: 'instance', operator: '=~', value: '$instance' };
const ofWatched: Matcher = { label: 'instance', operator: '=~', value: '$watched' };
/** Without any pod, Grafana writes `()`, which would match what has none. */
const ofPods: Matcher[] = [
  { label: 'pod', operator: '=~', value: '$pods' },
  { label: 'pod', operator: '!=', value: '' },
];

/** Matchers of what the chosen processes say of themselves, and of their trees. */
export const PROCESS = 'job=~"$job", instance=~"$instance"';
export const TREE = `${treeJobMatcher('$job')}, instance=~"$instance"`;

/** The expression for the chosen processes. Recordings are put in their place, as nobody has to record them. */
export function chosen(expr: string, recordings: Recordings = new Map()): string {
  return withMatchers(inlineRecordings(expr, recordings), [ofJob, ofInstance]);
}

/** The expression for the watched processes. */
export function watched(expr: string, recordings: Recordings): string {
  return onlyInPods(withMatchers(inlineRecordings(expr, recordings), [ofJob, ofWatched]));
}

/** The expression for those of the chosen processes that are watched: all, but where more are chosen than can be. */
export function chosenAndWatched(expr: string, recordings: Recordings): string {
  return onlyInPods(withMatchers(inlineRecordings(expr, recordings), [ofJob, ofInstance, ofWatched]));
}

/** Else each of a thousand selectors would read the containers of the whole cluster. */
function onlyInPods(expr: string): string {
  return withMatchers(expr, ofPods, isOfContainers);
}

/** What the worst instance is called in the list of instances: it is the one that is shown where the URL names none. */
export const WORST = 'the worst';

const byInstance = `max by (instance) (${withMatchers(urgency, [ofJob])})`;

/** What the variables' values are, each the worst first. */
export const choices = {
  job: `sort_desc(max by (job) (${urgency}))`,
  /** With the label `text`, which is the instance's name for all but the worst. */
  instance:
    `sort_desc(label_replace(topk(1, ${byInstance}), "text", "${WORST}", "", "")` +
    ` or ignoring (text) label_replace(${byInstance}, "text", "$1", "instance", "(.*)"))`,
  /** The five most urgent of the job, and the chosen one. Never none: `()` costs Prometheus more than five. */
  watched: `topk(5, ${byInstance}) or topk(1, max by (instance) (${chosen(urgency)}))`,
  /** A selector; the values are its label `pod`. */
  pods: `${GOROUTINES}{job=~"$job", instance=~"$watched"}`,
};
