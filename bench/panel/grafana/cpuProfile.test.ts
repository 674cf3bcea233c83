import { timeWithin } from './cpuProfile';

test('counts what a function and those that it called took, each sample once', () => {
  const frame = (functionName: string, url = '') => ({ functionName, url });
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: [2, 5] },
      { id: 2, callFrame: frame('render', 'grafana.js'), children: [3] },
      { id: 3, callFrame: frame('FlameGraph', 'panel.js'), children: [4] },
      { id: 4, callFrame: frame('layout', 'panel.js'), children: [6] },
      { id: 5, callFrame: frame('(idle)') },
      { id: 6, callFrame: frame('sort') },
    ],
    samples: [2, 3, 4, 6, 5],
    timeDeltas: [10_000, 1000, 2000, 4000, 20_000],
  };
  expect(timeWithin(profile, ({ url }) => url === 'panel.js')).toBe(7);
});
