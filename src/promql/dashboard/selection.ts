import { inlineRecordings, type Recordings } from '../inlineRecordings';
import { GOROUTINES, treeJobMatcher } from '../metrics';
import { urgency } from '../urgency';
import { isOfCgroup, isOfContainers, isOfProcesses, type Matcher, withMatchers } from '../withMatchers';

/**
 * The dashboard's variables, which Grafana puts into its queries. Hidden are those of what is dear to ask for, time to OOM above
 * all: `$watched`, the most urgent instances of the job, `$shown`, those of the chosen ones, and `$pods`, which all of these are in.
 */
const ofJob: Matcher = { label: 'job', operator: '=~', value: '$job' };
const ofInstance: Matcher = { label: 'instance', operator: '=~', value: '$instance' };
const ofShown: Matcher = { label: 'instance', operator: '=~', value: '$shown' };
const ofWatched: Matcher = { label: 'instance', operator: '=~', value: '$watched' };
const ofPods: Matcher = { label: 'pod', operator: '=~', value: '$pods' };

/** Matchers of what the chosen processes say of themselves, and of their trees. */
export const PROCESS = 'job=~"$job", instance=~"$instance"';
export const TREE = `${treeJobMatcher('$job')}, instance=~"$instance"`;
/** Of many chosen processes, of the most urgent. */
export const TREE_OF_SHOWN = `${treeJobMatcher('$job')}, instance=~"$shown"`;

/** The expression for the chosen processes. Recordings are put in their place, as nobody has to record them. */
export function chosen(expr: string, recordings: Recordings = new Map()): string {
  return only(expr, recordings, [ofJob, ofInstance]);
}

/** The expression for the watched processes. */
export function watched(expr: string, recordings: Recordings): string {
  return onlyInPods(only(expr, recordings, [ofJob, ofWatched]));
}

/** The expression for the chosen processes, of many the most urgent. By one matcher, as each is looked up a thousand times. */
export function shown(expr: string, recordings: Recordings): string {
  return onlyInPods(only(expr, recordings, [ofJob, ofShown]));
}

function only(expr: string, recordings: Recordings, matchers: Matcher[]): string {
  return withMatchers(
    inlineRecordings(expr, recordings),
    matchers,
    (metric) => isOfProcesses(metric) || isOfCgroup(metric)
  );
}

/**
 * Else each of a thousand selectors would read the containers of the whole cluster. `pod!=""` says nothing more then, but
 * would look up all pods as often.
 */
function onlyInPods(expr: string): string {
  return withMatchers(expr, [ofPods], isOfContainers).replaceAll('pod!="", ', '');
}

/** What the worst instance is called in the list of instances: it is the one that is shown where the URL names none. */
export const WORST = 'the worst';

const byInstance = `max by (instance) (${withMatchers(urgency, [ofJob])})`;

const byInstanceOfChosen = `max by (instance) (${chosen(urgency)})`;

/** What the variables' values are, each the worst first. */
export const choices = {
  job: `sort_desc(max by (job) (${urgency}))`,
  /** With the label `text`, which is the instance's name for all but the worst. */
  instance:
    `sort_desc(label_replace(topk(1, ${byInstance}), "text", "${WORST}", "", "")` +
    ` or ignoring (text) label_replace(${byInstance}, "text", "$1", "instance", "(.*)"))`,
  /** Of the chosen ones. */
  shown: `topk(5, ${byInstanceOfChosen})`,
  /** Of the job, and the chosen one. Never none: Prometheus would look `()` up in all. */
  watched: `topk(5, ${byInstance}) or topk(1, ${byInstanceOfChosen})`,
  /** `none` where there is no pod: without any value Grafana writes `()`, which Prometheus looks up in all of them. */
  pods: `label_replace(count by (pod) (${GOROUTINES}{job=~"$job", instance=~"$watched"}), "pod", "none", "pod", "")`,
};
