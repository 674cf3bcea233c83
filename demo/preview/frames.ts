import { createDataFrame, type DataFrame, FieldType } from '@grafana/data';
import { type Answer, dataOf, type InstantVector, type Matrix, type Sample } from './prometheusApi';

/**
 * Prometheus' answers to instant queries, by refId, as Grafana 12.2's Prometheus data source gives them to a panel in
 * table format:
 *
 *     Time | <each label that any of the series has, sorted> | Value
 *
 * `Value` is `Value #A` where there are several queries. A series without one of the labels has `''` there, and a query
 * without a series has no field at all.
 * @throws Error when Prometheus refused one of the queries.
 */
export function framesOf(answers: Record<string, Answer<InstantVector>>): DataFrame[] {
  const several = Object.keys(answers).length > 1;
  return Object.entries(answers).map(([refId, answer]) => ({
    ...tableOf(dataOf(answer).result, several ? `Value #${refId}` : 'Value'),
    refId,
  }));
}

/** The answer to a range query, a frame a series. */
export function seriesOf(answer: Answer<Matrix>): DataFrame[] {
  return dataOf(answer).result.map(({ metric, values }) =>
    createDataFrame({
      fields: [
        { name: 'Time', type: FieldType.time, values: values.map(([seconds]) => Math.round(seconds * 1000)) },
        { name: 'Value', type: FieldType.number, labels: metric, values: values.map(([, text]) => parseValue(text)) },
      ],
    })
  );
}

function tableOf(samples: Sample[], valueName: string): DataFrame {
  if (samples.length === 0) {
    return createDataFrame({ fields: [] });
  }
  const labels = [...new Set(samples.flatMap(({ metric }) => Object.keys(metric)))].sort();
  return createDataFrame({
    fields: [
      { name: 'Time', type: FieldType.time, values: samples.map(({ value: [seconds] }) => Math.round(seconds * 1000)) },
      ...labels.map((label) => ({
        name: label,
        type: FieldType.string,
        values: samples.map(({ metric }) => metric[label] ?? ''),
      })),
      { name: valueName, type: FieldType.number, values: samples.map(({ value: [, text] }) => parseValue(text)) },
    ],
  });
}

/** `+Inf` is Go's spelling, which `Number` does not know. */
function parseValue(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}
