import { renumberedClosures } from './closures';
import { columnsOf, star, written } from './fixtures/rows';
import { buildCallTree } from './tree';

const renumbered = (before: string[], now: string[]) =>
  renumberedClosures(buildCallTree({ now: written(...now), before: written(...before) }));

it('counts a closure that vanished while one of another number appeared under the same caller', () => {
  expect(renumbered(['main.f 9', 'main.f>main.f.func1 9'], ['main.f 9', 'main.f>main.f.func2 9'])).toBe(1);
});

it.each([
  ['a nested closure', 'main.serve.func2.1', 'main.serve.func3.1'],
  ['a closure in a closure', 'main.serve.func2.func1', 'main.serve.func2.func4'],
  ['a wrapper of a go statement', 'main.serve.gowrap1', 'main.serve.gowrap2'],
  ['a closure of a method', 'main.(*server).run.func1', 'main.(*server).run.func10'],
])('takes %s for the same code', (_, before, now) => {
  expect(renumbered([`${before} 3`], [`${now} 3`])).toBe(1);
});

it.each([
  ['another function’s closure', ['main.f.func1 3'], ['main.g.func1 3']],
  ['a function that is no closure', ['main.f1 3'], ['main.f2 3']],
  ['a closure that is still there', ['main.f.func1 3'], ['main.f.func1 3', 'main.f.func2 3']],
  ['a closure that only vanished', ['main.f.func1 3', 'main.g 1'], ['main.g 1']],
  ['a closure under another caller', ['a 3', 'a>main.f.func1 3', 'b 3'], ['a 3', 'b 3', 'b>main.f.func2 3']],
])('does not count %s', (_, before, now) => {
  expect(renumbered(before, now)).toBe(0);
});

it.each([
  ['three that vanished and two that appeared', [1, 2, 3], [4, 5], 2],
  ['one that vanished and two that appeared', [1], [2, 3], 1],
])('counts pairs: of %s', (_, before, now, pairs) => {
  const closures = (numbers: number[]) => numbers.map((number) => `main.f.func${number} 1`);
  expect(renumbered(closures(before), closures(now))).toBe(pairs);
});

it('counts none without a baseline', () => {
  expect(renumberedClosures(buildCallTree({ now: written('main.f.func1 3', 'main.f.func2 3') }))).toBe(0);
});

it('takes 200,000 siblings', () => {
  const rows = star(200_000);
  const closures = (first: number) =>
    columnsOf(
      rows.map((row, i) => (i === 0 ? row : { ...row, node: `${first + i}`, function: `main.f.func${first + i}` }))
    );
  expect(renumberedClosures(buildCallTree({ now: closures(0), before: closures(100_000) }))).toBe(100_000);
});
