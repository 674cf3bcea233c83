import fc from 'fast-check';
import { anyTree, HOSTILE_NAMES } from './fixtures/arbitrary';
import { recordedRows } from './fixtures/recorded';
import { columnsOf, frames, type Row, star, sum } from './fixtures/rows';
import { parseSearch, type SearchMode, searchTree } from './search';
import { buildCallTree, type CallTree, functionName, pathTo } from './tree';

const tree = build([
  { node: '1', parent: '', function: 'main.main', value: 1 },
  { node: '2', parent: '', function: 'main.processNode', value: 9 },
  { node: '3', parent: '2', function: 'main.processNode.func1', value: 6 },
  { node: '4', parent: '3', function: 'runtime.gopark', value: 6 },
]);

function build(rows: Row[]): CallTree {
  return buildCallTree({ now: columnsOf(rows) });
}

function search(text: string, mode: SearchMode, within = tree) {
  const parsed = parseSearch(text, mode);
  if ('error' in parsed) {
    throw new Error(parsed.error);
  }
  const found = searchTree(within, parsed.matches);
  return { ...found, nodes: [...found.frames].map((frame) => within.nodes[frame]) };
}

it('finds frames by regular expression, whatever the case, callers first', () => {
  expect(search('^MAIN\\.', 'regex').nodes).toEqual(['2', '3', '1']);
});

it('finds frames by words, all of them, in any order and whatever the case', () => {
  expect(search('FUNC1 process', 'words').nodes).toEqual(['3']);
  expect(search('func1 gopark', 'words').nodes).toEqual([]);
});

it('takes words for what they are, not for expressions', () => {
  expect(search('(', 'words').nodes).toEqual([]);
  expect(search('main.', 'words').nodes).toEqual(['2', '3', '1']);
  expect(search('main.*Node', 'words').nodes).toEqual([]);
});

it('says why an expression is none', () => {
  expect(parseSearch('(', 'regex')).toEqual({ error: expect.stringContaining('Invalid regular expression') });
});

it('counts a match inside another match once', () => {
  expect(search('processNode', 'words').total).toBe(9);
  expect(search('gopark|main\\.main$', 'regex').total).toBe(7);
});

it('never matches the frame over all, but may match a function of its name', () => {
  expect(search('all goroutines', 'words').nodes).toEqual([]);
  const namesake = build([{ node: '1', parent: '', function: 'all goroutines', value: 1 }]);
  expect(search('all goroutines', 'words', namesake).nodes).toEqual(['1']);
});

it('counts the frames that match and have no caller that does, for any tree', () => {
  fc.assert(
    fc.property(anyTree, fc.constantFrom('main', 'func1', 'runtime io', '(dropped)', ''), (within, text) => {
      const { isMatch, frames: found, total } = search(text, 'words', within);
      expect(frames(within).filter((frame) => isMatch[frame] === 1)).toEqual([...found]);
      const outermost = [...found].filter((frame) => sum(pathTo(within, frame).map((each) => isMatch[each])) === 1);
      expect(total).toBe(sum(outermost.map((frame) => within.now.total[frame])));
    }),
    { numRuns: 60 }
  );
});

it('finds what goroutines of a real server wait in, no more of them than there are', () => {
  const server = build(recordedRows('nethttp'));
  const parked = search('^runtime\\.gopark$', 'regex', server);
  expect(parked.total).toBe(sum([...parked.frames].map((frame) => server.now.total[frame])));
  const serving = search('net/http', 'words', server);
  expect(serving.frames.length).toBeGreaterThan(server.children[0]);
  expect(serving.total).toBeLessThanOrEqual(server.now.total[0]);
});

describe('hostile names', () => {
  const hostile = build(HOSTILE_NAMES.map((name, i) => ({ node: `n${i}`, parent: '', function: name, value: 1 })));
  const namesFound = (text: string, mode: SearchMode) =>
    [...search(text, mode, hostile).frames].map((frame) => functionName(hostile, frame));
  const escaped = (name: string) => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

  it.each(HOSTILE_NAMES.map((name) => [name.slice(0, 30), name]))('%j is found by itself', (_, name) => {
    expect(namesFound(name, 'words')).toContain(name);
    expect(namesFound(`^${escaped(name)}$`, 'regex')).toEqual([name]);
  });

  it('are searched for any text at all, or it is said why not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom<SearchMode>('words', 'regex'), (text, mode) => {
        const parsed = parseSearch(text, mode);
        if ('error' in parsed) {
          expect(parsed.error).not.toBe('');
        } else {
          expect(searchTree(hostile, parsed.matches).total).toBeLessThanOrEqual(hostile.now.total[0]);
        }
      }),
      { numRuns: 100 }
    );
  });
});

it('finds 200,000 frames', () => {
  const found = search('main.f', 'words', build(star(200_000)));
  expect(found.frames).toHaveLength(200_000);
  expect(found.total).toBe(200_000);
});
