import fc from 'fast-check';
import { isOfRuntime, originOf, packageOf, shortNames } from './functionName';
import { HOSTILE_NAMES } from './fixtures/arbitrary';
import { recordedRows } from './fixtures/recorded';

it.each([
  ['main.processNode', 'main', 'own'],
  ['main.(*server).handle.func1', 'main', 'own'],
  ['net/http.(*conn).serve', 'net/http', 'standard library'],
  ['sync.(*WaitGroup).Wait', 'sync', 'standard library'],
  ['runtime.gopark', 'runtime', 'runtime'],
  ['runtime/debug.Stack', 'runtime/debug', 'runtime'],
  ['internal/runtime/maps.(*Iter).Next', 'internal/runtime/maps', 'runtime'],
  ['internal/poll.(*FD).Read', 'internal/poll', 'standard library'],
  [
    'github.com/prometheus/prometheus/scrape.(*scrapeLoop).run',
    'github.com/prometheus/prometheus/scrape',
    'third party',
  ],
  ['gopkg.in/yaml%2ev3.(*Decoder).Decode', 'gopkg.in/yaml%2ev3', 'third party'],
  ['main.Map[...]', 'main', 'own'],
  ['slices.SortFunc[github.com/a/b.T]', 'slices', 'standard library'],
  ['(dropped)', '', 'synthetic'],
])('%s is of package “%s”, %s', (name, pkg, origin) => {
  expect(packageOf(name)).toBe(pkg);
  expect(originOf(name)).toBe(origin);
});

describe('modules of one’s own', () => {
  const own = ['github.com/acme/shop', 'shop.internal'];

  it.each([
    ['github.com/acme/shop.Run', 'own'],
    ['github.com/acme/shop/cart.(*Cart).Add', 'own'],
    ['github.com/acme/shopping.Run', 'third party'],
    ['github.com/acme.Run', 'third party'],
    ['shop.internal/api.Serve', 'own'],
    ['runtime.gopark', 'runtime'],
    ['(running)', 'synthetic'],
  ])('%s is %s', (name, origin) => {
    expect(originOf(name, own)).toBe(origin);
  });
});

it.each([
  ['runtime.gopark', true],
  ['internal/runtime/atomic.Load', true],
  ['sync.runtime_SemacquireMutex', true],
  ['internal/poll.runtime_pollWait', true],
  ['sync.(*Mutex).Lock', false],
  ['main.runtimeError', false],
  ['github.com/acme/runtime.Start', false],
  ['(truncated)', false],
])('%s is of the runtime: %s', (name, expected) => {
  expect(isOfRuntime(name)).toBe(expected);
});

describe('short names', () => {
  it.each([
    ['net/http.(*conn).serve', ['net/http.(*conn).serve', 'http.(*conn).serve', '(*conn).serve', 'serve']],
    ['github.com/acme/shop/cart.Add', ['github.com/acme/shop/cart.Add', 'cart.Add', 'Add']],
    ['main.processNode', ['main.processNode', 'processNode']],
    ['main.serve.func1', ['main.serve.func1', 'serve.func1']],
    ['main.(*server).run.func1', ['main.(*server).run.func1', '(*server).run.func1', 'run.func1']],
    ['slices.SortFunc[...]', ['slices.SortFunc[...]', 'SortFunc[...]']],
    ['(dropped)', ['(dropped)']],
    ['start_thread', ['start_thread']],
  ])('of %s are %j', (name, names) => {
    expect(shortNames(name)).toEqual(names);
  });

  it('are ends of the name, each shorter than the one before, of every function that was recorded', () => {
    const recorded = (['prometheus', 'nethttp', 'spawnstorm'] as const).flatMap(recordedRows);
    for (const name of new Set(recorded.map((row) => row.function!))) {
      expectEnds(name);
    }
  });

  it('are ends of any name at all', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE_NAMES)), expectEnds));
  });

  function expectEnds(name: string) {
    const names = shortNames(name);
    expect(names[0]).toBe(name);
    names.forEach((short, i) => {
      expect(name.endsWith(short)).toBe(true);
      expect(i === 0 || short.length < names[i - 1].length).toBe(true);
    });
  }
});
