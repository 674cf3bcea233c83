import { HOSTILE_NAMES } from './fixtures/arbitrary';
import { recordedRows } from './fixtures/recorded';
import { columnsOf, sumByNode, written } from './fixtures/rows';
import { summarize, type SummaryWords } from './summary';
import { buildCallTree } from './tree';

const words: SummaryWords = {
  measured: 'goroutines',
  format: (value) => String(value),
  formatChange: (change) => `${change > 0 ? '+' : ''}${change}`,
  formatShare: (part, whole) => `${Math.round((100 * part) / whole)} %`,
};
const compared: SummaryWords = { ...words, since: '5 min ago', minutes: 5 };

it('names the paths in which most stacks end, the largest first', () => {
  const tree = buildCallTree({ now: written('main 1', 'serve 9', 'serve>handle 6', 'serve>read 2', 'worker 4') });
  expect(summarize(tree, 0, words)).toBe(
    ['14 goroutines', '• 43 % serve → handle: 6', '• 29 % worker: 4', '• 14 % serve → read: 2'].join('\n')
  );
});

it('names with a baseline the paths that grow, since when, and how fast', () => {
  const before = written('idle 1000', 'serve 5', 'serve>handle 5', 'shrunk 50');
  const now = written('idle 1000', 'serve 105', 'serve>handle 95', 'shrunk 10');
  expect(summarize(buildCallTree({ now, before }), 0, compared)).toBe(
    [
      '1115 goroutines, +60 since 5 min ago (+12 a minute)',
      '• 9 % serve → handle: 95, +90',
      '• 9 % serve: 105, +100',
    ].join('\n')
  );
});

it('leaves the rate out where the minutes are not known', () => {
  const tree = buildCallTree({ now: written('main 3'), before: written('main 1') });
  expect(summarize(tree, 0, { ...words, since: 'the deploy' })).toBe(
    '3 goroutines, +2 since the deploy\n• 100 % main: 3, +2'
  );
});

it('of one frame names it, and what is below it with its share of it', () => {
  const tree = buildCallTree({ now: written('serve 9', 'serve>handle 6', 'handle>gopark 6', 'worker 400') });
  expect(summarize(tree, tree.frameOf('serve')!, words)).toBe(
    ['serve: 9 goroutines', '• 67 % serve → handle → gopark: 6', '• 100 % serve: 9'].join('\n')
  );
});

it('ends with where the picture is', () => {
  const url = 'https://grafana.example/d/x';
  expect(
    summarize(buildCallTree({ now: written('main 1') }), 0, { ...words, url })
      .split('\n')
      .pop()
  ).toBe(url);
});

it('of means names the largest, and no part of growth, as means do not add up', () => {
  const tree = buildCallTree({
    now: written('a 80', 'b 30'),
    before: written('a 80', 'b 10'),
    per: { now: written('a 2', 'b 3'), before: written('a 2', 'b 1') },
  });
  expect(
    summarize(tree, 0, { ...compared, measured: 'of stack each' })
      .split('\n')
      .slice(1)
  ).toEqual(['• 73 % a: 40, 0', '• 27 % b: 10, 0']);
});

it('of nothing is one line', () => {
  expect(summarize(buildCallTree({ now: columnsOf([]) }), 0, words)).toBe('0 goroutines');
});

it('says of the recorded storm over a server where it is', () => {
  const server = recordedRows('nethttp');
  const tree = buildCallTree({
    now: columnsOf(sumByNode(server, recordedRows('spawnstorm'))),
    before: columnsOf(server),
  });
  const [head, ...paths] = summarize(tree, 0, compared).split('\n');
  expect(head).toMatch(/ goroutines, \+16386 since 5 min ago /);
  expect(paths.slice(0, 2)).toEqual([
    '• 49 % main.processNode → runtime.block → runtime.gopark: 8192, +8192',
    '• 49 % main.processNode → main.visit → time.Sleep → runtime.gopark: 8191, +8191',
  ]);
});

it.each(HOSTILE_NAMES.map((name) => [name.slice(0, 30), name]))(
  'keeps the lines apart with a function %j',
  (_, name) => {
    const tree = buildCallTree({ now: columnsOf([{ node: 'a', parent: '', function: name, value: 1 }]) });
    const text = summarize(tree, tree.frameOf('a')!, words);
    expect(text.split('\n')).toHaveLength(2);
    expect(text).not.toMatch(/[\p{Bidi_Control}\r\u2028]/u);
  }
);
