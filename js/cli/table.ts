/** Rows as columns of text. */

/** What a terminal would take as a command to it does not come from an answer. @param {unknown} value */
const plain = (value) => String(value ?? "").replace(/[\u0000-\u001f\u007f-\u009f]/g, " ");

/**
 * @param {any[]} rows
 * @param {Record<string, (row: any) => unknown>} columns
 */
export function table(rows, columns) {
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
