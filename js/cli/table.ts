/** Rows as columns of text. */

/** The columns of a table: the name of each, and how its cell is read from a row. */
export type Columns<Row> = Record<string, (row: Row) => unknown>;

/** Control characters come from answers: a terminal would execute some of them. */
const plain = (value: unknown): string => String(value ?? "").replace(/[\u0000-\u001f\u007f-\u009f]/g, " ");

export function table<Row>(rows: readonly Row[], columns: Columns<Row>): string {
  const names = Object.keys(columns);
  const lines = [names, ...rows.map((row) => Object.values(columns).map((column) => plain(column(row))))];
  const widths = names.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
