/** Asking before something is written. */

import { createInterface } from "node:readline/promises";

/** Whether a person says yes. Where nobody can be asked nothing is written. */
export async function agrees(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    process.stderr.write("Nothing was written: nobody can be asked here. Say --yes, or --dry-run to only look.\n");
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} (y/N) `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
