/** A socket that a worker keeps in its module serves every request, although workerd lets only one of them use it. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { NEWEST_DATE, startWorker } from "../../scripts/lib/worker.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());

for (const date of ["2021-11-03", NEWEST_DATE]) {
  test(`a kept socket, compatibility date ${date}`, { timeout: 60_000 }, async (t) => {
    const entry = path("tests/workerd/kept-sockets-worker.js");
    const worker = await startWorker(entry, { emulator: emulator.url, bindings: { FAL_KEY: KEY }, date });
    t.after(() => worker.stop());
    for (const place of ["/ws", "/realtime"])
      for (let request = 1; request <= 4; request += 1) {
        const answer = await (await worker.fetch(place)).json();
        assert.equal((answer.data?.input ?? answer.data)?.hello, 1, `${place} ${request}: ${JSON.stringify(answer)}`);
      }
  });
}
