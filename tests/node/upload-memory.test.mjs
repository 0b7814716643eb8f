/** A file that is larger than memory should be: a stream is read as it is sent, and no faster. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { createFalClient } from "fal-wasm";

import { redirected, startEmulator } from "../../scripts/lib/emulator.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const MIB = 1024 * 1024;
const CHUNK = 64 * 1024;
// Hundreds of megabytes are hashed there, for which WebAssembly takes too long.
const emulator = await startEmulator({ keys: ACCOUNTS, kind: "native" });
after(() => emulator.stop());

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

/** What is held in bytes, in MiB, garbage not counted: a Blob is let go in two steps. */
async function held() {
  collect();
  await new Promise(setImmediate);
  collect();
  return process.memoryUsage().arrayBuffers / MIB;
}

/** A `fetch` that holds nothing. @param {string} url @param {any} init @returns {Promise<any>} */
async function lean(url, { method, headers, body }) {
  const length = body?.size ?? Buffer.byteLength(body);
  const request = http.request(redirected(url, emulator.url), {
    method,
    headers: { ...headers, "content-length": length },
  });
  const answered = once(request, "response");
  Readable.from(body.stream?.() ?? [body]).pipe(request);
  const [answer] = await answered;
  return new Response(Readable.toWeb(answer), { status: answer.statusCode, headers: answer.headers });
}

/** A stream of so many MiB that do not repeat, and the hash of what was read of it. @param {number} mib */
function flow(mib) {
  const hash = createHash("sha256");
  let left = (mib * MIB) / CHUNK;
  const stream = new ReadableStream(
    {
      pull(controller) {
        if (left === 0) return controller.close();
        const chunk = new Uint8Array(CHUNK).fill(left % 251);
        left -= 1;
        hash.update(chunk);
        controller.enqueue(chunk);
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, hash, size: mib * MIB };
}

// Node's own `fetch` keeps a second copy of every body that it sends, in case of a redirect.
for (const [name, fetch, limit] of /** @type {[string, any, number][]} */ ([
  ["of the parts that are under way", lean, 80],
  ["that its fetch needs for them", emulator.fetch, 130],
])) {
  test(`300 MiB from a stream take the memory ${name}`, async () => {
    const fal = createFalClient({ env: { FAL_KEY: KEY }, fetch });
    const before = await held();
    const { stream, hash, size } = flow(300);
    let [most, going] = [0, true];
    const upload = fal.storage.upload(stream, { size }).finally(() => (going = false));
    while (going) most = Math.max(most, await held());
    const url = await upload;
    const stored = (await emulator.seen()).files.find((/** @type {any} */ file) => file.url === url);
    assert.deepEqual([stored.size, stored.sha256], [size, hash.digest("hex")]);
    assert.ok(most - before < limit, `${most - before} MiB`);
  });
}
