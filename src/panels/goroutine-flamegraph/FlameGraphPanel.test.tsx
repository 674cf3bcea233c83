import {
  dateTime,
  EventBusSrv,
  FieldType,
  LoadingState,
  type PanelData,
  type PanelProps,
  toDataFrame,
} from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import type { CallTreeSeries } from '../../calltree/series';
import { FlameGraphPanel } from './FlameGraphPanel';

const STORM: CallTreeSeries[] = [
  { node: 'p', parent: '', function: 'main.processNode', depth: 1, value: 900 },
  { node: 'g', parent: 'p', function: 'runtime.gopark', depth: 2, value: 900 },
  { node: 'm', parent: '', function: 'main.main', depth: 1, value: 100 },
];

const range = { from: dateTime(0), to: dateTime(1), raw: { from: 'now-1h', to: 'now' } };

function tableOf(series: CallTreeSeries[]) {
  const text = (pick: (row: CallTreeSeries) => string) => ({ type: FieldType.string, values: series.map(pick) });
  return toDataFrame({
    refId: 'A',
    fields: [
      { name: 'depth', ...text(({ depth }) => String(depth)) },
      { name: 'function', ...text((row) => row.function) },
      { name: 'node', ...text(({ node }) => node) },
      { name: 'parent', ...text(({ parent }) => parent) },
      { name: 'Value', type: FieldType.number, values: series.map(({ value }) => value), config: { unit: 'locale' } },
    ],
  });
}

function panel(data: Partial<PanelData>) {
  const props: PanelProps = {
    id: 3,
    data: { series: [], state: LoadingState.Done, timeRange: range, ...data },
    timeRange: range,
    timeZone: 'utc',
    options: {},
    fieldConfig: { defaults: {}, overrides: [] },
    transparent: false,
    width: 1000,
    height: 400,
    renderCounter: 0,
    title: '',
    eventBus: new EventBusSrv(),
    onOptionsChange: () => {},
    onFieldConfigChange: () => {},
    replaceVariables: (text) => text,
    onChangeTimeRange: () => {},
  };
  return <FlameGraphPanel {...props} />;
}

const storm = () => panel({ series: [tableOf(STORM)] });

function frame(name: string): SVGGElement {
  const found = document.querySelector<SVGGElement>(`g.frame[name="${name}"]`);
  if (!found) {
    throw new Error(`no frame ${name} is drawn`);
  }
  return found;
}

/** In px, to a tenth. */
const widthOf = (name: string) => Math.round(10 * Number(frame(name).getAttribute('width'))) / 10;

beforeEach(() => locationService.push('/'));

it('draws each function as wide as its share of the goroutines', () => {
  render(storm());
  expect(widthOf('all goroutines')).toBe(1000);
  expect(widthOf('main.processNode')).toBe(900);
  expect(widthOf('main.main')).toBe(100);
  expect(screen.getByRole('status')).toHaveTextContent('1,000 goroutines');
});

it('zooms on click, keeps the node in the URL without a history entry, and shows all again on reset', async () => {
  render(storm());
  const entries = window.history.length;
  fireEvent.click(frame('main.main'));

  await waitFor(() => expect(widthOf('main.main')).toBe(1000));
  expect(document.querySelector('g.frame[name="main.processNode"]')).toBeNull();
  expect(locationService.getSearchObject()).toEqual({ 'fg-3': 'm' });
  expect(window.history.length).toBe(entries);
  expect(screen.getByRole('status')).toHaveTextContent('main.main: 100 of 1,000 (10 %)');

  await userEvent.click(screen.getByRole('button', { name: /reset/i }));
  await waitFor(() => expect(widthOf('main.main')).toBe(100));
  expect(locationService.getSearchObject()).toEqual({});
});

it('opens zoomed at the node in the URL', () => {
  locationService.push('/?fg-3=p');
  render(storm());
  expect(widthOf('main.processNode')).toBe(1000);
});

it('keeps the zoom when new data arrives', () => {
  const { rerender } = render(storm());
  fireEvent.click(frame('main.main'));
  rerender(panel({ series: [tableOf(STORM.map((row) => (row.node === 'm' ? { ...row, value: 300 } : row)))] }));
  expect(widthOf('main.main')).toBe(1000);
  expect(screen.getByRole('status')).toHaveTextContent('main.main: 300 of 1,200 (25 %)');
});

it('searches by regular expression, counting nested matches once', async () => {
  render(storm());
  const plain = frame('main.processNode').querySelector('rect')!.getAttribute('fill');
  await userEvent.type(screen.getByRole('textbox', { name: /search/i }), 'process|gopark');
  expect(screen.getByRole('status')).toHaveTextContent('2 frames match: 900 of 1,000 (90 %)');
  expect(frame('main.processNode').querySelector('rect')).not.toHaveAttribute('fill', plain);
});

it('says why an expression is invalid and keeps the picture', async () => {
  render(storm());
  await userEvent.type(screen.getByRole('textbox', { name: /search/i }), '(');
  expect(screen.getByRole('status')).toHaveTextContent(/Invalid regular expression/);
  expect(widthOf('main.processNode')).toBe(900);
});

it('shows total, self and share of the frame under the pointer, its name as text', () => {
  const hostile = '<img src=x onerror=alert(1)>';
  render(panel({ series: [tableOf([...STORM, { node: 'h', parent: 'p', function: hostile, depth: 2, value: 0 }])] }));
  fireEvent.mouseOver(frame('main.processNode'));
  const tooltip = screen.getByTestId('flame-graph-tooltip');
  expect(tooltip).toHaveTextContent('main.processNodeTotal900Self0Share of all90 %');
  expect(document.querySelector('img')).toBeNull();
});

it('is walked with the keyboard: arrows move, Enter zooms, Escape backs out', async () => {
  render(storm());
  screen.getByRole('textbox', { name: /search/i }).focus();
  // Reset, then the graph.
  await userEvent.tab();
  await userEvent.tab();
  expect(frame('all goroutines')).toHaveFocus();
  await userEvent.keyboard('{ArrowDown}');
  expect(frame('main.processNode')).toHaveFocus();
  await userEvent.keyboard('{ArrowRight}');
  expect(frame('main.main')).toHaveFocus();
  await userEvent.keyboard('{Enter}');
  expect(widthOf('main.main')).toBe(1000);
  await userEvent.keyboard('{Escape}');
  expect(widthOf('main.main')).toBe(100);
});

it.each([
  ['loading', { state: LoadingState.Loading }, 'Loading…'],
  ['an empty answer', {}, 'the query returned no series'],
  [
    'a failed query',
    { state: LoadingState.Error, errors: [{ message: 'bad_data: parse error' }] },
    'bad_data: parse error',
  ],
])('says what is the matter: %s', (_, data, message) => {
  render(panel(data));
  expect(screen.getByText(new RegExp(message))).toBeInTheDocument();
});

it('names the labels that a foreign frame lacks', () => {
  const frame = toDataFrame({ refId: 'A', fields: [{ name: 'Value', type: FieldType.number, values: [1] }] });
  render(panel({ series: [frame] }));
  expect(screen.getByRole('alert')).toHaveTextContent('lacks “function” and “node”');
});

it('says below the picture what had to be mended', () => {
  render(panel({ series: [tableOf([...STORM, { node: 'o', parent: 'gone', function: 'main.o', value: 1 }])] }));
  expect(screen.getByRole('note')).toHaveTextContent('1 frame hangs from the root');
});
