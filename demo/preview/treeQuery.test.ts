import { treeBeforeQuery, treeQuery } from './treeQuery';

test("the query is the dashboard's, for one job and all its instances", () => {
  expect(treeQuery('spawn-storm')).toBe(
    'sum by (depth, function, node, parent) ' +
      '(goroutine_calltree_goroutines{job=~"spawn-storm(-goroutines)?", instance=~".*"})'
  );
});

test('the baseline is the same some time ago', () => {
  expect(treeBeforeQuery('spawn-storm', '1m')).toBe(treeQuery('spawn-storm').replace(/\)$/, ' offset 1m)'));
});

test('a job is matched by its letters, whatever they mean in a regular expression or in PromQL', () => {
  expect(treeQuery('a.b"c')).toContain(String.raw`job=~"a\\.b\"c(-goroutines)?"`);
  expect(treeQuery('$&')).toContain(String.raw`job=~"\\$&(-goroutines)?"`);
});
