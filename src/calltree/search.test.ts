import { parseSearch, searchFrames } from './search';
import { buildCallTree } from './tree';

const tree = buildCallTree([
  { node: '1', parent: '', function: 'main.main', value: 1 },
  { node: '2', parent: '', function: 'main.processNode', value: 9 },
  { node: '3', parent: '2', function: 'main.processNode.func1', value: 6 },
  { node: '4', parent: '3', function: 'runtime.gopark', value: 6 },
]);

function search(text: string) {
  const parsed = parseSearch(text);
  if ('error' in parsed) {
    throw new Error(parsed.error);
  }
  return searchFrames(tree.root, parsed.pattern);
}

it('finds frames by regular expression, whatever the case', () => {
  expect([...search('^MAIN\\.').nodes].sort()).toEqual(['1', '2', '3']);
});

it('counts a match inside another match once', () => {
  expect(search('processNode').total).toBe(9);
  expect(search('gopark|main\\.main$').total).toBe(7);
});

it('never matches the synthetic root', () => {
  expect(search('all goroutines').nodes.size).toBe(0);
});

it('says why an expression is none', () => {
  expect(parseSearch('(')).toEqual({ error: expect.stringContaining('Invalid regular expression') });
});
