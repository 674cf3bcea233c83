import { parser } from '@prometheus-io/lezer-promql';
import { DASHBOARD_PANELS, PANEL_ID } from '../src/constants';
import bundled from './goroutine-stack-pressure.json';
import { goroutineStackPressure } from './goroutineStackPressure';

interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  interval?: string;
  targets: Array<{ refId: string; expr: string }>;
  options: { restartQuery: string };
}

const dashboard = JSON.parse(JSON.stringify(goroutineStackPressure()));
const panels: Panel[] = dashboard.panels;

it('is the JSON that is committed; `npm run dashboards` writes it', () => {
  expect(dashboard).toEqual(bundled);
});

it('says of each panel what it shows, and asks at most every 15 s', () => {
  for (const panel of panels) {
    expect(panel.description).toBeTruthy();
    expect(panel.interval).toBe('15s');
  }
});

it('keeps the panel ids that links and URLs carry', () => {
  expect(panels.map(({ id }) => id).sort()).toEqual(Object.values(DASHBOARD_PANELS).sort());
  expect(panels.find(({ id }) => id === DASHBOARD_PANELS.flameGraph)!.type).toBe(PANEL_ID);
});

const queries = panels.flatMap(({ title, targets }) => targets.map(({ refId, expr }) => [title, refId, expr]));

const { restartQuery } = panels.find(({ id }) => id === DASHBOARD_PANELS.flameGraph)!.options;

describe.each(['', 'offset 5m', '@ 1764000000'])('with “%s” as the baseline', (baseline) => {
  it.each([...queries, ['the last restart', 'option', restartQuery]])('asks valid PromQL: %s, %s', (_, __, expr) => {
    const filledIn = expr.replaceAll('$job', 'a|b').replaceAll('$instance', '.*').replaceAll('$baseline', baseline);
    expect(filledIn).not.toContain('$');
    const errors: number[] = [];
    parser.parse(filledIn).iterate({ enter: (node) => void (node.type.isError && errors.push(node.from)) });
    expect(errors).toEqual([]);
  });
});

it('needs none of our recording rules', () => {
  expect(queries.map(([, , expr]) => expr).join()).not.toMatch(/go_process:|job:|stack_depth_goroutines_total/);
});
