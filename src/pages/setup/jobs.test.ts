import { type DiscoveryCounts, joinJobs } from './jobs';

function counts(given: Partial<Record<keyof DiscoveryCounts, Record<string, number>>>): DiscoveryCounts {
  const of = (query: keyof DiscoveryCounts) => new Map(Object.entries(given[query] ?? {}));
  return {
    processes: of('processes'),
    callTrees: of('callTrees'),
    cgroupLimits: of('cgroupLimits'),
    containerLimits: of('containerLimits'),
    softLimits: of('softLimits'),
  };
}

it('joins what the queries found by job, in alphabetical order', () => {
  expect(joinJobs(counts({ processes: { web: 2, api: 1 }, softLimits: { web: 1 } }))).toEqual([
    { job: 'api', processes: 1, callTrees: 0, cgroupLimits: 0, containerLimits: 0, softLimits: 0 },
    { job: 'web', processes: 2, callTrees: 0, cgroupLimits: 0, containerLimits: 0, softLimits: 1 },
  ]);
});

it('counts a probe’s trees for the program that it probes', () => {
  expect(joinJobs(counts({ processes: { web: 2 }, callTrees: { 'web-goroutines': 2 } }))).toEqual([
    expect.objectContaining({ job: 'web', processes: 2, callTrees: 2 }),
  ]);
});

it('lists a program that is probed but not scraped itself', () => {
  expect(joinJobs(counts({ callTrees: { 'web-goroutines': 2 } }))).toEqual([
    expect.objectContaining({ job: 'web', processes: 0, callTrees: 2 }),
  ]);
});

it('takes a program that is itself called …-goroutines for what it is', () => {
  const found = joinJobs(counts({ processes: { 'many-goroutines': 1 }, callTrees: { 'many-goroutines': 1 } }));
  expect(found).toEqual([expect.objectContaining({ job: 'many-goroutines', processes: 1, callTrees: 1 })]);
});
