import { FieldType, toDataFrame } from '@grafana/data';
import { readSeries } from './readSeries';

const LABELS = [
  { name: 'depth', type: FieldType.string, values: ['1', '2'] },
  { name: 'function', type: FieldType.string, values: ['main.main', 'main.run'] },
  { name: 'node', type: FieldType.string, values: ['n1', 'n2'] },
  { name: 'parent', type: FieldType.string, values: ['', 'n1'] },
];
const TIME = { name: 'Time', type: FieldType.time, values: [1000, 1000] };

function table(valueName: string, refId?: string, fields: object[] = LABELS) {
  return toDataFrame({
    refId,
    fields: [TIME, ...fields, { name: valueName, type: FieldType.number, values: [3, 2] }],
  });
}

const EXPECTED = [
  { node: 'n1', parent: '', function: 'main.main', depth: 1, value: 3, time: 1000 },
  { node: 'n2', parent: 'n1', function: 'main.run', depth: 2, value: 2, time: 1000 },
];

it.each(['Value', 'Value #A', 'goroutines'])('reads a table whose value field is called “%s”', (name) => {
  expect(readSeries([table(name, 'A')])).toMatchObject({ kind: 'series', series: EXPECTED });
});

it('reads query A alone, as others are other widths or times', () => {
  expect(readSeries([table('Value #B', 'B'), table('Value #A', 'A')])).toMatchObject({ series: EXPECTED });
  expect(readSeries([table('Value #B', 'B'), table('Value #C', 'C')])).toEqual({ kind: 'empty' });
});

it('reads the only query whatever its refId', () => {
  expect(readSeries([table('Value', 'X')])).toMatchObject({ series: EXPECTED });
  expect(readSeries([table('Value')])).toMatchObject({ series: EXPECTED });
});

it('reads time series, the last value of each', () => {
  const frames = EXPECTED.map(({ node, parent, function: name, depth }) =>
    toDataFrame({
      refId: 'A',
      fields: [
        { name: 'Time', type: FieldType.time, values: [1000, 2000, 3000] },
        {
          name: 'Value',
          type: FieldType.number,
          values: [1, 5, null],
          labels: { node, function: name, depth: String(depth), ...(parent && { parent }) },
        },
      ],
    })
  );
  expect(readSeries(frames)).toMatchObject({ series: EXPECTED.map((row) => ({ ...row, value: 5, time: 2000 })) });
});

it('takes a missing parent column for entry functions alone', () => {
  const withoutParent = LABELS.filter(({ name }) => name !== 'parent');
  expect(readSeries([table('Value', 'A', withoutParent)])).toMatchObject({
    series: EXPECTED.map((row) => ({ ...row, parent: '' })),
  });
});

it('keeps depth out of the values when a transformation made it a number', () => {
  const numeric = LABELS.map((field) =>
    field.name === 'depth' ? { ...field, type: FieldType.number, values: [1, 2] } : field
  );
  expect(readSeries([table('Value', 'A', numeric)])).toMatchObject({ series: EXPECTED });
});

it('is empty for no frames and for frames without rows', () => {
  expect(readSeries([])).toEqual({ kind: 'empty' });
  expect(readSeries([toDataFrame({ refId: 'A', fields: [] })])).toEqual({ kind: 'empty' });
});

it('names what a table of other fields lacks, what it has, and a query that works', () => {
  const article = LABELS.filter(({ name }) => name === 'depth' || name === 'function');
  const read = readSeries([table('Value', 'A', article)]);
  expect(read).toMatchObject({ kind: 'unreadable' });
  expect(read).toMatchObject({
    reason: expect.stringMatching(/lacks “node”; it has: Time, depth, function, Value\. .*sum by/),
  });
});

it('says that a table without numbers has no width', () => {
  const frame = toDataFrame({ refId: 'A', fields: LABELS });
  expect(readSeries([frame])).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining('numeric field') });
});
