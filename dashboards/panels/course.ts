import * as common from '@grafana/grafana-foundation-sdk/common';
import { DASHBOARD_PANELS as PANEL } from '../../src/constants';
import { goroutinesByInstance, memoryCourse } from '../../src/promql/dashboard/course';
import { range } from '../queries';
import { recordings } from '../recordings';
import { colored, dashedLine, overTime } from '../visualizations';

const memory = memoryCourse(recordings);

/** "Since when, how fast?" */
export function course() {
  return [memoryAgainstLimit(), goroutines()];
}

function memoryAgainstLimit() {
  return overTime(PANEL.memory, 'Memory against its limit', { h: 9, w: 24, x: 0, y: 11 })
    .description(
      'What the kernel counts for the chosen instances, as goroutine stacks, heap and the rest; several instances are summed. ' +
        'The thick dashed line is the limit: without it none is known (our library exports the cgroup’s). The thin one is ' +
        'memory five minutes later at the growth of the last five: where it crosses the limit, five minutes are left.'
    )
    .unit('bytes')
    .noValue('No memory metrics of Go: register client_golang’s Go and process collectors')
    .withTarget(range('stacks', memory.stacks, 'stacks'))
    .withTarget(range('heap', memory.heap, 'heap'))
    .withTarget(range('rest', memory.rest, 'rest'))
    .withTarget(range('limit', memory.limit, 'limit: {{limit}}'))
    .withTarget(range('later', memory.inFiveMinutes, 'in 5 minutes'))
    .overrideByQuery('stacks', part('purple'))
    .overrideByQuery('heap', part('green'))
    .overrideByQuery('rest', part('blue'))
    .overrideByQuery('limit', dashedLine('red'))
    .overrideByQuery('later', dashedLine('orange', 1));
}

function part(color: string) {
  return [
    colored(color),
    { id: 'custom.fillOpacity', value: 40 },
    { id: 'custom.lineWidth', value: 0 },
    { id: 'custom.stacking', value: { mode: common.StackingMode.Normal, group: 'memory' } },
  ];
}

function goroutines() {
  return overTime(PANEL.goroutines, 'Goroutines', { h: 6, w: 24, x: 0, y: 20 })
    .description('Live goroutines of each chosen instance. A leak is a slope that does not come down again.')
    .unit('short')
    .noValue('No Go process: nothing exports go_goroutines')
    .withTarget(range('A', goroutinesByInstance, '{{instance}}'));
}
