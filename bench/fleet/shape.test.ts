import { COURSES, fleet } from './shape';

const jobs = fleet(1000, 60);
const processes = jobs.flatMap((job) => job.processes);

test('has ten jobs of uneven sizes that are the whole fleet, whatever its size', () => {
  expect(jobs.map((job) => job.processes.length)).toEqual([400, 200, 100, 80, 60, 50, 40, 30, 20, 20]);
  expect(fleet(123, 60).flatMap((job) => job.processes)).toHaveLength(123);
});

test('each process has a number and an instance of its own', () => {
  expect(processes.map(({ number }) => number)).toEqual(processes.map((_, i) => i));
  expect(new Set(processes.map(({ instance }) => instance)).size).toBe(1000);
});

test('twenty of a thousand leak, in several jobs, and one is killed in minutes again and again', () => {
  const leaks = processes.flatMap(({ leak }) => leak ?? []);
  expect(leaks).toHaveLength(20);
  expect(Math.min(...leaks.map(({ periodSeconds }) => periodSeconds))).toBeLessThan(900);
  expect(leaks.every(({ periodSeconds, leftSeconds }) => leftSeconds < periodSeconds)).toBe(true);
  expect(jobs.filter((job) => job.processes.some(({ leak }) => leak)).length).toBeGreaterThan(4);
});

test('jobs have different call trees, whose callers are in them, and none of whose nodes come and go', () => {
  expect(new Set(jobs.flatMap(({ calmTree }) => calmTree[0].node)).size).toBe(jobs.length);
  for (const { calmTree } of jobs) {
    expect(
      calmTree.every(({ caller, parent }) => (caller < 0 ? parent === '' : calmTree[caller].node === parent))
    ).toBe(true);
    expect(calmTree.every(({ shift }) => shift === undefined)).toBe(true);
  }
});

test('the call trees of a large job follow few courses', () => {
  expect(new Set(jobs[0].processes.map(({ course }) => course)).size).toBe(COURSES);
});
