import type { CallTreeColumns } from './series';
import { ROOT_FUNCTION, ROOT_NODE, UNKNOWN_FUNCTION } from './synthetic';
import type { Mended } from './tree';

/** One query's values by {@link NodeTable} id. */
export interface Reading {
  /** 0 where the query has no usable row of the node. */
  values: Float64Array;
  /** The row of the columns; -1 where there is none. */
  rows: Int32Array;
}

/** The nodes of several queries under one number each, in the order in which they came; 0 is the frame over all. */
export class NodeTable {
  readonly nodes: string[] = [ROOT_NODE];
  /** Distinct names. */
  readonly functions: string[] = [ROOT_FUNCTION];
  /** Index into `functions` by id. */
  readonly functionOf: Uint32Array;
  private readonly ids = new Map([[ROOT_NODE, 0]]);
  private readonly functionIds = new Map<string, number>();
  /** Where each node was met first. */
  private readonly firstRow: Uint32Array;
  private readonly firstQuery: Uint8Array;
  private readonly queries: CallTreeColumns[] = [];

  /** @param capacity no fewer than there will be nodes, the frame over all included */
  constructor(private readonly capacity: number) {
    this.functionOf = new Uint32Array(capacity);
    this.firstRow = new Uint32Array(capacity);
    this.firstQuery = new Uint8Array(capacity);
  }

  get size(): number {
    return this.nodes.length;
  }

  idOf(node: string): number | undefined {
    return this.ids.get(node);
  }

  /** The caller's id; `undefined` where the caller is in no query. */
  callerOf(id: number): number | undefined {
    const caller = this.queries[this.firstQuery[id]].parent[this.firstRow[id]];
    return caller ? this.ids.get(caller) : 0;
  }

  /** `Infinity` where no query told. */
  depthOf(id: number): number {
    const depth = this.queries[this.firstQuery[id]].depth?.[this.firstRow[id]];
    return Number.parseInt(String(depth ?? ''), 10) || Infinity;
  }

  /** Takes in the rows of a query; of several rows of a node, the last by time counts. */
  read(columns: CallTreeColumns, mended: Mended): Reading {
    const { node, value, time } = columns;
    this.queries.push(columns);
    const values = new Float64Array(this.capacity);
    const rows = new Int32Array(this.capacity).fill(-1);
    const repeated = new Set<number>();
    const timeOf = (row: number) => time?.[row] ?? -Infinity;
    for (let row = 0; row < node.length; row++) {
      const name = node[row];
      if (!name) {
        continue;
      }
      const amount = value[row];
      if (typeof amount !== 'number' || !(amount >= 0 && amount < Infinity)) {
        mended.invalid++;
        continue;
      }
      const id = this.ids.get(name) ?? this.add(name, columns, row);
      if (rows[id] >= 0) {
        repeated.add(id);
        if (timeOf(rows[id]) > timeOf(row)) {
          continue;
        }
      }
      values[id] = amount;
      rows[id] = row;
    }
    mended.duplicates += repeated.size;
    return { values, rows };
  }

  private add(node: string, { function: names }: CallTreeColumns, row: number): number {
    const id = this.nodes.length;
    const name = names[row] || UNKNOWN_FUNCTION;
    let functionId = this.functionIds.get(name);
    if (functionId === undefined) {
      functionId = this.functions.push(name) - 1;
      this.functionIds.set(name, functionId);
    }
    this.ids.set(node, id);
    this.nodes.push(node);
    this.functionOf[id] = functionId;
    this.firstRow[id] = row;
    this.firstQuery[id] = this.queries.length - 1;
    return id;
  }
}
