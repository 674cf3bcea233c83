import { tooOldPrometheus } from './prometheusVersion';

const PROMETHEUS = { revision: 'abc' };

it.each([
  ['an old Prometheus', { ...PROMETHEUS, version: '2.32.1' }, '2.32.1'],
  ['Prometheus 1', { ...PROMETHEUS, version: '1.8.2' }, '1.8.2'],
  ['the oldest that will do', { ...PROMETHEUS, version: '2.33.0' }, undefined],
  ['a build of a distribution', { ...PROMETHEUS, version: '2.42.0+ds' }, undefined],
  ['Prometheus 3', { ...PROMETHEUS, version: '3.0.0' }, undefined],
  ['Mimir, which counts for itself', { ...PROMETHEUS, application: 'Grafana Mimir', version: '2.14.0' }, undefined],
  ['VictoriaMetrics, which claims to be old', { version: '2.24.0' }, undefined],
  ['Thanos', { ...PROMETHEUS, version: '0.37.2' }, undefined],
  ['nothing', {}, undefined],
])('judges %s', (_, buildInfo, expected) => {
  expect(tooOldPrometheus(buildInfo)).toBe(expected);
});
