import { originOf, packageOf } from './functionName';

it.each([
  ['main.processNode', 'main', 'main'],
  ['main.(*server).handle.func1', 'main', 'main'],
  ['net/http.(*conn).serve', 'net/http', 'standard library'],
  ['runtime.gopark', 'runtime', 'runtime'],
  ['internal/runtime/maps.(*Iter).Next', 'internal/runtime/maps', 'runtime'],
  ['github.com/prometheus/prometheus/scrape.(*scrapeLoop).run', 'github.com/prometheus/prometheus/scrape', 'module'],
  ['gopkg.in/yaml%2ev3.(*Decoder).Decode', 'gopkg.in/yaml%2ev3', 'module'],
  ['main.Map[...]', 'main', 'main'],
  ['slices.SortFunc[github.com/a/b.T]', 'slices', 'standard library'],
  ['(dropped)', '', 'synthetic'],
])('%s is of package “%s”, %s', (name, pkg, origin) => {
  expect(packageOf(name)).toBe(pkg);
  expect(originOf(name)).toBe(origin);
});
