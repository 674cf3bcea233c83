import oomRules from '../../alerts/oom.rules.yml';
import { recordingsOf } from '../../src/promql/inlineRecordings';
import { passesOf } from './recordings';

const passes = passesOf(oomRules);
const rules = passes.map(({ groups }) =>
  groups.flatMap((group) => group.rules as Array<{ record: string; expr: string }>)
);
const all = [...recordingsOf(oomRules.groups).keys()];

test('the passes record all that the rules record, once', () => {
  expect(rules.flatMap((pass) => pass.map(({ record }) => record)).sort()).toEqual([...all].sort());
});

test('no pass reads a recording that is not of an earlier one, as Prometheus does not have it then', () => {
  const recorded: string[] = [];
  for (const pass of rules) {
    for (const { expr } of pass) {
      const read = all.filter((name) => new RegExp(`${name}\\b`).test(expr));
      expect(recorded).toEqual(expect.arrayContaining(read));
    }
    recorded.push(...pass.map(({ record }) => record));
  }
});
