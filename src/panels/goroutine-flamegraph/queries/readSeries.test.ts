import { type DataFrame, FieldType, toDataFrame } from '@grafana/data';
import { readNumber, readSeries } from './readSeries';

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

/** Rows are easier to read than columns. */
function rowsOf(frames: DataFrame[], refId = 'A') {
  const read = readSeries(frames, refId);
  if (read.kind !== 'series') {
    return read;
  }
  const { node, parent, function: name, depth, value, time } = read.columns;
  return Array.from(node, (_, row) => ({
    node: node[row],
    parent: parent[row],
    function: name[row],
    depth: depth?.[row],
    value: value[row],
    time: time?.[row],
  }));
}

const EXPECTED = [
  { node: 'n1', parent: '', function: 'main.main', depth: '1', value: 3, time: 1000 },
  { node: 'n2', parent: 'n1', function: 'main.run', depth: '2', value: 2, time: 1000 },
];

it.each(['Value', 'Value #A', 'goroutines'])('reads a table whose value field is called “%s”', (name) => {
  expect(rowsOf([table(name, 'A')])).toEqual(EXPECTED);
});

it('takes a single table’s columns as they are', () => {
  const frame = table('Value', 'A');
  const read = readSeries([frame], 'A');
  expect(read.kind === 'series' && read.columns.node).toBe(frame.fields[3].values);
});

it('reads each query by its refId', () => {
  const frames = [table('Value #B', 'B'), table('Value #A', 'A')];
  expect(rowsOf(frames)).toEqual(EXPECTED);
  expect(rowsOf(frames, 'B')).toEqual(EXPECTED);
  expect(rowsOf(frames, 'C')).toEqual({ kind: 'empty' });
  expect(rowsOf([table('Value #B', 'B'), table('Value #C', 'C')])).toEqual({ kind: 'empty' });
});

it('reads the only query as A whatever its refId, and as nothing else', () => {
  expect(rowsOf([table('Value', 'X')])).toEqual(EXPECTED);
  expect(rowsOf([table('Value')])).toEqual(EXPECTED);
  expect(rowsOf([table('Value')], 'B')).toEqual({ kind: 'empty' });
});

function timeSeries(values: Array<number | null>, row: (typeof EXPECTED)[number]) {
  const { node, parent, function: name, depth } = row;
  return toDataFrame({
    refId: 'A',
    fields: [
      { name: 'Time', type: FieldType.time, values: values.map((_, i) => 1000 * (i + 1)) },
      {
        name: 'Value',
        type: FieldType.number,
        values,
        labels: { node, function: name, depth, ...(parent && { parent }) },
      },
    ],
  });
}

it('reads time series, the last value of each, and knows where it is from', () => {
  const frames = EXPECTED.map((row) => timeSeries([1, 5, null], row));
  expect(rowsOf(frames)).toEqual(
    EXPECTED.map((row) => ({ ...row, parent: row.parent || undefined, value: 5, time: 2000 }))
  );
  const read = readSeries(frames, 'A');
  expect(read.kind === 'series' && read.cellOf(1)).toEqual({ field: frames[1].fields[1], rowIndex: 1 });
});

it('joins several tables of one query, each row with its own cell', () => {
  const frames = [table('Value', 'A'), table('Value', 'A')];
  expect(rowsOf(frames)).toEqual([...EXPECTED, ...EXPECTED]);
  const read = readSeries(frames, 'A');
  expect(read.kind === 'series' && read.cellOf(3)).toEqual({ field: frames[1].fields[5], rowIndex: 1 });
});

it('takes a missing parent column for entry functions alone', () => {
  const withoutParent = LABELS.filter(({ name }) => name !== 'parent');
  expect(rowsOf([table('Value', 'A', withoutParent)])).toEqual(EXPECTED.map((row) => ({ ...row, parent: undefined })));
});

it('keeps depth out of the values when a transformation made it a number', () => {
  const numeric = LABELS.map((field) =>
    field.name === 'depth' ? { ...field, type: FieldType.number, values: [1, 2] } : field
  );
  expect(rowsOf([table('Value', 'A', numeric)])).toEqual(EXPECTED.map((row) => ({ ...row, depth: Number(row.depth) })));
});

it('is empty for no frames and for frames without rows', () => {
  expect(rowsOf([])).toEqual({ kind: 'empty' });
  expect(rowsOf([toDataFrame({ refId: 'A', fields: [] })])).toEqual({ kind: 'empty' });
});

it('names what a table of other fields lacks, what it has, and a query that works', () => {
  const article = LABELS.filter(({ name }) => name === 'depth' || name === 'function');
  const read = readSeries([table('Value', 'A', article)], 'A');
  expect(read).toMatchObject({ kind: 'unreadable' });
  expect(read).toMatchObject({
    reason: expect.stringMatching(/lacks “node”; it has: Time, depth, function, Value\. .*sum by/),
  });
});

it('says that a table without numbers has no width', () => {
  const frame = toDataFrame({ refId: 'A', fields: LABELS });
  expect(readSeries([frame], 'A')).toMatchObject({
    kind: 'unreadable',
    reason: expect.stringContaining('numeric field'),
  });
});

it('reads the one number of a query that counts', () => {
  const count = toDataFrame({ refId: 'E', fields: [TIME, { name: 'Value #E', type: FieldType.number, values: [3] }] });
  expect(readNumber([count], 'E')).toBe(3);
  expect(readNumber([count], 'F')).toBeUndefined();
});
