import { settingsOf } from './commandLine';

test('by default a thousand processes of 400 nodes are measured without and then with the rules', () => {
  expect(settingsOf([])).toMatchObject({ instances: 1000, nodes: 400, runs: 5, rules: [false, true], keep: false });
});

test.each([
  [['--instances', '3'], '--instances takes whole numbers from 50 on, not “3”'],
  [['--runs', 'many'], '--runs takes whole numbers from 0 on, not “many”'],
  [['--rules', '--no-rules'], 'exclude each other'],
  [['--instance', '100'], '--instance'],
])('says what is wrong with %j', (args, message) => {
  expect(() => settingsOf(args)).toThrow(message);
});
