import type { Sample } from '../../prometheus/askPrometheus';
import { discovery, type DiscoveryQuery } from '../../promql/discovery';
import { joinJobs } from './jobs';

/** Answers by query: values by job, or by `job/limit`. */
function answers(given: Partial<Record<DiscoveryQuery, Record<string, number>>>): Record<DiscoveryQuery, Sample[]> {
  const samples = (byJob: Record<string, number> = {}): Sample[] =>
    Object.entries(byJob).map(([key, value]) => {
      const [job, limit] = key.split('/');
      return { labels: limit ? { job, limit } : ({ job } as Sample['labels']), value };
    });
  const queries = Object.keys(discovery) as DiscoveryQuery[];
  return Object.fromEntries(queries.map((query) => [query, samples(given[query])])) as Record<DiscoveryQuery, Sample[]>;
}

it('joins what the queries found by job, in alphabetical order', () => {
  const found = joinJobs(
    answers({
      processes: { web: 2, api: 1 },
      limits: { 'web/cgroup': 1, 'web/gomemlimit': 1 },
      scrapeSeconds: { web: 15 },
    })
  );
  expect(found).toEqual([
    expect.objectContaining({ job: 'api', processes: 1, limits: {} }),
    expect.objectContaining({ job: 'web', processes: 2, limits: { cgroup: 1, gomemlimit: 1 }, scrapeSeconds: 15 }),
  ]);
});

it('tells a probe’s trees, counted for the program that it probes, from those of the program itself', () => {
  const found = joinJobs(answers({ processes: { web: 2, api: 1 }, callTrees: { 'web-goroutines': 2, api: 1 } }));
  expect(found).toEqual([
    expect.objectContaining({ job: 'api', callTrees: { library: 1, probe: 0 } }),
    expect.objectContaining({ job: 'web', callTrees: { library: 0, probe: 2 } }),
  ]);
});

it('lists a program that is probed but not scraped itself', () => {
  expect(joinJobs(answers({ callTrees: { 'web-goroutines': 2 } }))).toEqual([
    expect.objectContaining({ job: 'web', processes: 0, callTrees: { library: 0, probe: 2 } }),
  ]);
});

it('takes a program that is itself called …-goroutines for what it is', () => {
  const found = joinJobs(answers({ processes: { 'many-goroutines': 1 }, callTrees: { 'many-goroutines': 1 } }));
  expect(found).toEqual([expect.objectContaining({ job: 'many-goroutines', processes: 1 })]);
});

it('leaves out programs in other languages, which have a process start too', () => {
  expect(joinJobs(answers({ processes: { web: 1 }, processStarts: { web: 1, python: 3 } }))).toHaveLength(1);
});
