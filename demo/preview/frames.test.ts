/** @jest-environment jsdom */
// @grafana/data looks for the window when it is imported.

import { dataFrameToJSON, type DataFrameJSON } from '@grafana/data';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { framesOf } from './frames';
import type { Answer, InstantVector } from './prometheusApi';

describe('frames from answers of Prometheus are those of a real Grafana 12.2.0, whose panel got the same answers', () => {
  test.each(['one-query', 'two-queries', 'empty', 'root-without-parent'])('%s', (name) => {
    const { prometheus, frames } = recording(name);
    expect(framesOf(prometheus).map(dataFrameToJSON).map(whatPanelsRead)).toEqual(frames.map(whatPanelsRead));
  });
});

test('a number that JSON does not know stays one', () => {
  const values = ['NaN', '+Inf', '-Inf', '1.5e3'];
  const result = values.map((value, i) => ({ metric: { i: String(i) }, value: [0, value] as [number, string] }));
  const [frame] = framesOf({ A: { status: 'success', data: { resultType: 'vector', result } } });
  expect(frame.fields.at(-1)?.values).toEqual([NaN, Infinity, -Infinity, 1500]);
});

test('the time of a sample is in milliseconds, whole ones', () => {
  const result = [{ metric: {}, value: [1795439929.172, '1'] as [number, string] }];
  const [frame] = framesOf({ A: { status: 'success', data: { resultType: 'vector', result } } });
  expect(frame.fields[0].values).toEqual([1795439929172]);
});

test('a query that Prometheus refuses says why', () => {
  expect(() => framesOf({ A: { status: 'error', errorType: 'bad_data', error: 'unexpected "}"' } })).toThrow(
    'unexpected "}"'
  );
});

interface Recording {
  prometheus: Record<string, Answer<InstantVector>>;
  frames: DataFrameJSON[];
}

function recording(name: string): Recording {
  return JSON.parse(readFileSync(path.join(__dirname, 'testdata', `${name}.json`), 'utf8'));
}

function whatPanelsRead({ schema, data }: DataFrameJSON) {
  return {
    refId: schema?.refId,
    fields: schema?.fields.map(({ name, type }) => ({ name, type })),
    values: data?.values,
  };
}
