import type { Sample } from '../../prometheus/askPrometheus';
import { type Details, processRows, toAskExactly } from './processRows';

const GIB = 2 ** 30;

function sample(instance: string, value: number, labels: Record<string, string> = {}): Sample {
  return { labels: { job: 'web', instance, ...labels }, value };
}

/** One process with half of a GiB used. */
function detailsOf(instance: string, given: Details = {}): Details {
  return {
    limit: [sample(instance, GIB, { limit: 'cgroup' })],
    used: [sample(instance, GIB / 2)],
    age: [sample(instance, 9000)],
    ...given,
  };
}

function timeOf(details: Details, exact?: Sample[]) {
  const [row] = processRows({ ranked: [sample('a', 1)], details, exact, recorded: false });
  return row.timeToOom;
}

describe('without recordings, the time of a process', () => {
  it('is what was asked for it', () => {
    expect(timeOf(detailsOf('a', { growth0: [sample('a', 1e6)] }), [sample('a', 500)])).toEqual({
      kind: 'in',
      seconds: 500,
    });
  });

  it('is being asked while it may be near', () => {
    expect(timeOf(detailsOf('a', { growth0: [sample('a', 1e6)] }))).toEqual({ kind: 'asking' });
  });

  it('is none where the alerts see no growth, although memory moves', () => {
    expect(timeOf(detailsOf('a', { growth0: [sample('a', 1e6)] }), [])).toEqual({ kind: 'not growing' });
  });

  // Half a GiB at twice 30 kB/s ends in 2.5 hours at the soonest.
  it('is not asked where it is far at the greatest growth of any window', () => {
    const details = detailsOf('a', { growth0: [sample('a', 3e4)], growth2: [sample('a', 1e3)] });
    expect(timeOf(details)).toEqual({ kind: 'over', seconds: 7200 });
    expect(toAskExactly([sample('a', 1)], details)).toEqual([]);
  });

  it('is asked where an hour’s growth alone may bring it near', () => {
    const details = detailsOf('a', { growth0: [sample('a', -5)], growth2: [sample('a', 5e4)] });
    expect(toAskExactly([sample('a', 1)], details)).toEqual([sample('a', 1)]);
  });

  it('is not known without a limit, nor in the first seven minutes', () => {
    expect(timeOf(detailsOf('a', { limit: [] }))).toEqual({ kind: 'no limit' });
    expect(timeOf(detailsOf('a', { age: [sample('a', 419)] }))).toEqual({ kind: 'too young' });
  });
});

it('tells processes apart by all of their labels', () => {
  const ranked = ['eu', 'us'].map((cluster) => sample('a', 1, { cluster }));
  const details = { used: [sample('a', 7, { cluster: 'us' }), sample('a', 5, { cluster: 'eu' })] };
  const rows = processRows({ ranked, details, recorded: true });
  expect(rows.map(({ otherLabels, usedBytes }) => [otherLabels.cluster, usedBytes])).toEqual([
    ['eu', 5],
    ['us', 7],
  ]);
});

it('keeps the order of the ranking among those without a time', () => {
  const ranked = ['c', 'a', 'b'].map((instance) => sample(instance, 1));
  const rows = processRows({ ranked, details: { timeToOom: [sample('b', 60)] }, recorded: true });
  expect(rows.map(({ instance }) => instance)).toEqual(['b', 'c', 'a']);
});

it('has each alert once, firing if any engine says so', () => {
  const alert = (alertname: string, alertstate: string) => sample('a', 1, { alertname, alertstate });
  const [row] = processRows({
    ranked: [sample('a', 1)],
    details: { alerts: [alert('GoStackGrowth', 'pending'), alert('GoOOMAhead', 'pending')] },
    grafanaAlerts: [{ labels: { job: 'web', instance: 'a', alertname: 'GoOOMAhead' }, state: 'firing' }],
    recorded: true,
  });
  expect(row.alerts).toEqual([
    { name: 'GoOOMAhead', state: 'firing' },
    { name: 'GoStackGrowth', state: 'pending' },
  ]);
});
