/** Answers of commands, for people and for programs. */

import type { Arguments } from "./arguments.ts";
import { type Columns, table } from "./table.ts";

export const print = (text: string): void => void process.stdout.write(`${text}\n`);

export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** Prints rows as a table, or as JSON. */
export const printRows = <Row>(given: Arguments, rows: Row[], columns: Columns<Row>): void =>
  given.has("json") ? printJson(rows) : print(table(rows, columns));

export async function take<Row>(list: AsyncIterable<Row>, most = Infinity): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of list) if (rows.push(row) >= most) break;
  return rows;
}
