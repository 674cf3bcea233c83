import { inlineRecordings, type Recordings } from '../inlineRecordings';
import { GOROUTINES, PROBE_JOB_SUFFIX, STACK_FRAMES_MAX, treeJobMatcher } from '../metrics';
import { recordedUrgency, urgency } from '../urgency';
import { isOfCgroup, isOfContainers, isOfProcesses, type Matcher, withMatchers, writtenMatcher } from '../withMatchers';

/**
 * The dashboard's variables, which Grafana puts into its queries. Hidden are those of what is dear to ask for, time to OOM above
 * all: `$watched`, the most urgent instances of the job, `$shown`, those of the chosen ones, and `$pods`, which all of these are in.
 * Others say whether there are recordings to look up: see `unlessRecorded` and `urgencyForChoice`.
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

/**
 * The expression for the chosen processes. Recordings are put in their place where Prometheus does not have them, as nobody
 * has to record them.
 */
export function chosen(expr: string, recordings: Recordings = new Map()): string {
  return recordedOrInlined(expr, recordings, ofInstance);
}

/** The expression for the watched processes. */
export function watched(expr: string, recordings: Recordings): string {
  return recordedOrInlined(expr, recordings, ofWatched, onlyInPods);
}

/** The expression for the chosen processes, of many the most urgent. */
export function shown(expr: string, recordings: Recordings): string {
  return recordedOrInlined(expr, recordings, ofShown, onlyInPods);
}

function recordedOrInlined(
  expr: string,
  recordings: Recordings,
  instance: Matcher,
  inContainers = (inlined: string) => inlined
): string {
  const recorded = only(expr, [ofJob, instance]);
  const inlined = only(inlineRecordings(expr, recordings), [ofJob, instance]);
  return inlined === recorded ? recorded : unlessRecorded(inContainers(inlined), recorded);
}

/**
 * What is recorded, and before it, where the variable is `+`, what needs no recordings. Where it is `#`, that is a comment:
 * Prometheus would evaluate both sides of an `or`, of which the one takes a second, and looking its thousand selectors up for
 * nothing still some tenths of one.
 */
function unlessRecorded(inlined: string, recorded: string, variable = '$unlessRecorded'): string {
  return `(${variable} (${inlined}) or\n${recorded})`;
}

/** The same for all jobs. */
export function unlessAllRecorded(inlined: string, recorded: string): string {
  return unlessRecorded(inlined, recorded, '$unlessAllRecorded');
}

function only(expr: string, matchers: Matcher[]): string {
  return withMatchers(expr, matchers, (metric) => isOfProcesses(metric) || isOfCgroup(metric));
}

/**
 * Else each of a thousand selectors would read the containers of the whole cluster. `pod!=""` says nothing more then, but
 * would look up all pods as often.
 */
function onlyInPods(expr: string): string {
  return withMatchers(expr, [ofPods], isOfContainers).replaceAll('pod!="", ', '');
}

/** By it one sees that a process is recorded. */
const USED = 'go_process:memory_used_bytes';

/** What the worst instance is called in the list of instances: it is the one that is shown where the URL names none. */
export const WORST = 'the worst';

export const urgencyOfShown = urgencyOf(ofShown);
export const urgencyOfWatched = urgencyOf(ofWatched);

/** How urgent each of these processes is. */
function urgencyOf(instance: Matcher): string {
  const of = (expr: string) => only(expr, [ofJob, instance]);
  return unlessRecorded(onlyInPods(of(urgency)), of(recordedUrgency));
}

/**
 * The same for variables' own queries, which Grafana takes on one line alone: `$unrecorded` is `.+`, or `none` where all is
 * recorded.
 */
function urgencyForChoice(matchers: Matcher[]): string {
  const ofUnrecorded = (label: string): Matcher => ({ label, operator: '=~', value: '$unrecorded' });
  const inlined = withMatchers(
    only(urgency, [...matchers, ofUnrecorded('job')]),
    [ofUnrecorded('namespace')],
    isOfContainers
  );
  return `${inlined} or ${only(recordedUrgency, matchers)}`;
}

const byInstance = orWithTrees(`max by (instance) (${urgencyForChoice([ofJob])})`, treeJobMatcher('$job'));

const byInstanceOfChosen = orWithTrees(`max by (instance) (${urgencyForChoice([ofJob, ofInstance])})`, TREE);

/** And the instances that nothing is known of but their call trees, as the host agent's may be: these are not urgent. */
function orWithTrees(byInstance: string, tree: string): string {
  return `(${byInstance} or 0 * max by (instance) (${STACK_FRAMES_MAX}{${tree}}))`;
}

/** The same for jobs. A program's job and that of its trees are one. */
const JOBS_WITH_TREES = `0 * max by (job) (label_replace(${STACK_FRAMES_MAX}, "job", "$1", "job", "(.+?)(${PROBE_JOB_SUFFIX})?"))`;

/** What the variables' values are, each the worst first. */
export const choices = {
  job: `sort_desc(max by (job) (${urgencyForChoice([])}) or ${JOBS_WITH_TREES})`,
  unrecorded: unlessThere('.+', 'none'),
  unlessAllRecorded: unlessThere('+', '#'),
  unlessRecorded: unlessThere('+', '#', `{${writtenMatcher(ofJob)}}`),
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

/**
 * One series, whose label `text` is `there` where Prometheus records the processes of every job that the matchers pick since
 * before the dashboard's range, and as long as growth looks back.
 */
function unlessThere(missing: string, there: string, matchers = ''): string {
  const recorded = ['', ' offset 15m', ' offset $__range']
    .map((offset) => `group by (job) (${USED}${matchers}${offset})`)
    .join(' and ');
  const unrecorded = `group(group by (job) (${GOROUTINES}${matchers}) unless (${recorded}))`;
  const named = (vector: string, text: string) => `label_replace(${vector}, "text", "${text}", "", "")`;
  return `${named(unrecorded, missing)} or on () ${named('vector(1)', there)}`;
}
