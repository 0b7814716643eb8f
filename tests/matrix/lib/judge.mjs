/** What the scenario has to report. */

import assert from "node:assert/strict";

const EXPECTED = { echoed: { a: 1 }, pictures: 1, last: "COMPLETED", streamed: true, uploaded: "a file" };

/** Who refuses a key that should not be there. */
const REFUSED = { browser: "credentials_in_browser", server: "unauthorized" };

/** Fails where a report is not what it should be. @param {any} report @param {keyof typeof REFUSED} place */
export function judge(report, place) {
  if (report.error) throw new Error(report.error);
  assert.deepEqual(report, { ...EXPECTED, refused: REFUSED[place] });
}
