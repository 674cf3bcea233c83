import { fittingName } from './fittingName';

const HANDLER = 'github.com/acme/shop/internal/http.(*server).handle';

it.each([
  [60, 'github.com/acme/shop/internal/http.', '(*server).handle'],
  [30, 'http.', '(*server).handle'],
  [16, '', '(*server).handle'],
  [10, '', 'handle'],
  [5, '', '…ndle'],
])('in %i characters the handler is “%s” “%s”', (characters, pkg, name) => {
  expect(fittingName(HANDLER, characters)).toEqual({ package: pkg, name });
});

it.each([
  ['main.processNode.func1', { package: 'main.', name: 'processNode.func1' }],
  ['gopkg.in/yaml%2ev3.Marshal', { package: 'gopkg.in/yaml%2ev3.', name: 'Marshal' }],
  ['(dropped)', { package: '', name: '(dropped)' }],
  ['malloc', { package: '', name: 'malloc' }],
])('%s is split where its package ends', (name, parts) => {
  expect(fittingName(name, 80)).toEqual(parts);
});

it('makes controls and overrides visible before it counts', () => {
  expect(fittingName('main.\u202ex', 80)).toEqual({ package: 'main.', name: '\\u202ex' });
});

it('cuts 10 kB to what fits, and no letter in two', () => {
  expect(fittingName('😀'.repeat(5000), 4)).toEqual({ package: '', name: '…😀😀😀' });
});
