import { gapsOf, neededGaps } from './gaps';
import type { GoJob } from './jobs';

const COMPLETE: GoJob = {
  job: 'web',
  processes: 3,
  processStarts: 3,
  gcSettings: 3,
  liveHeaps: 3,
  callTrees: { library: 0, probe: 3 },
  stackBytes: 0,
  limits: { cgroup: 3 },
  scrapeSeconds: 15,
};

const kinds = (job: Partial<GoJob>) => gapsOf({ ...COMPLETE, ...job }).map(({ kind }) => kind);

it('finds nothing missing where all is there', () => {
  expect(kinds({})).toEqual([]);
});

it.each<[string, Partial<GoJob>, string[]]>([
  ['a job that only a probe knows', { processes: 0, callTrees: { library: 0, probe: 2 } }, ['processes']],
  ['no call trees', { callTrees: { library: 0, probe: 0 } }, ['callTrees']],
  ['a limit of some', { limits: { cgroup: 2 } }, ['memoryLimit']],
  ['soft limits alone', { limits: { gomemlimit: 3 } }, ['hardLimit']],
  ['rare scrapes', { scrapeSeconds: 120 }, ['scrapeInterval']],
  ['a minute between scrapes, with jitter', { scrapeSeconds: 60.02 }, []],
  ['an unknown interval', { scrapeSeconds: undefined }, []],
  ['a registry without the process collector', { processStarts: 0 }, ['processStarts']],
  ['an old client_golang', { gcSettings: 0, liveHeaps: 0 }, ['gcSettings', 'liveHeap']],
])('tells %s', (_, job, expected) => {
  expect(kinds(job)).toEqual(expected);
});

it('says of how many processes', () => {
  expect(gapsOf({ ...COMPLETE, callTrees: { library: 1, probe: 0 } })).toEqual([
    { kind: 'callTrees', isImprovement: false, processes: 2 },
  ]);
});

it('needs no improvement', () => {
  expect(neededGaps({ ...COMPLETE, liveHeaps: 0, limits: { host: 3 } })).toEqual([]);
});
