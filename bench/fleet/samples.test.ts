import { leakedShare, processSamples, treeSamples, treeState } from './samples';
import { fleet } from './shape';

const SINCE = 1_800_000_000;
const jobs = fleet(1000, 60);

function find(leaking: boolean) {
  const job = jobs.find((one) => one.hasCgroupLimit && one.processes.some(({ leak }) => Boolean(leak) === leaking))!;
  return { job, process: job.processes.find(({ leak }) => Boolean(leak) === leaking)! };
}

function valuesOf({ job, process }: ReturnType<typeof find>, time: number): Record<string, number> {
  const samples = processSamples(job, process, treeState(job, process, time, SINCE), time, SINCE);
  return Object.fromEntries(samples.map(({ metric, value }) => [metric, value]));
}

test('a leak is nearly over when its time is, and begins again then', () => {
  const leak = { periodSeconds: 600, leftSeconds: 60 };
  expect(leakedShare(leak, 0)).toBeCloseTo(0.9);
  expect(leakedShare(leak, 59)).toBeGreaterThan(0.99);
  expect(leakedShare(leak, 61)).toBeLessThan(0.01);
});

test('a process that leaks has grown to its limit when it is killed, and is a new process afterwards', () => {
  const leaking = find(true);
  const { leftSeconds } = leaking.process.leak!;
  const [before, killed, after] = [-300, -1, 1].map((seconds) => valuesOf(leaking, SINCE + leftSeconds + seconds));
  const limit = killed.cgroup_memory_limit_bytes;
  expect(killed.process_resident_memory_bytes / limit).toBeCloseTo(1, 1);
  expect(killed.process_resident_memory_bytes).toBeGreaterThan(before.process_resident_memory_bytes);
  expect(after.process_resident_memory_bytes).toBeLessThan(limit / 2);
  expect(after.process_start_time_seconds).toBeGreaterThan(killed.process_start_time_seconds);
});

test('one that does not leak stays far from its limit, and its counters never fall', () => {
  const calm = find(false);
  const course = Array.from({ length: 100 }, (_, i) => valuesOf(calm, SINCE + 15 * i));
  for (const [i, values] of course.entries()) {
    expect(values.process_resident_memory_bytes).toBeLessThan(0.7 * values.cgroup_memory_limit_bytes);
    for (const counter of ['go_gc_duration_seconds_count', 'go_memstats_alloc_bytes_total']) {
      expect(values[counter]).toBeGreaterThanOrEqual(course[Math.max(0, i - 1)][counter]);
    }
  }
});

test('the call tree’s entry functions have the goroutines that the process says', () => {
  const { job, process } = find(false);
  const samples = treeSamples(job.calmTree, treeState(job, process, SINCE, SINCE));
  const entries = samples.filter(({ labels }) => labels.startsWith('depth="1"') && !labels.includes('parent='));
  const sum = entries.reduce((all, { value }) => all + value, 0);
  expect(sum).toBe(valuesOf({ job, process }, SINCE).go_goroutines);
});
