import type { DataFrame } from '@grafana/data';

/** What a call tree's data frame says of the node in each row. */
export interface Columns {
  function: string[];
  node: string[];
  /** '' for entry functions. */
  parent: string[];
  value: number[];
}

export function columnsOf({ fields }: DataFrame): Columns {
  const column = (name: string) => fields.find((field) => field.name === name)!.values;
  return { function: column('function'), node: column('node'), parent: column('parent'), value: column('Value') };
}
