/** A server that takes and sends bodies of any size, and knows which clients left. It knows nothing about fal. */

import { createServer } from "node:http";
import { once } from "node:events";

/** @param {(request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse) => any} answer */
export async function startUpstream(answer) {
  /** What became of each call. @type {{ path: string, received: number, left: boolean }[]} */
  const calls = [];
  const server = createServer((request, response) => {
    const call = { path: request.url ?? "", received: 0, left: false };
    calls.push(call);
    request.on("data", (chunk) => void (call.received += chunk.length));
    response.on("close", () => void (call.left = !response.writableFinished));
    answer(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Writes this many bytes, as fast as they are read. @param {import("node:stream").Writable} response @param {number} size */
export async function writeBytes(response, size) {
  const chunk = Buffer.alloc(256 * 1024, 32);
  /** Called when the buffer has room again, or when the client is gone. @type {() => void} */
  let wake = () => {};
  for (const event of ["drain", "close"]) response.on(event, () => wake());
  for (let left = size; left > 0 && !response.destroyed; left -= chunk.length) {
    if (response.write(left < chunk.length ? chunk.subarray(0, left) : chunk)) continue;
    await new Promise((resolve) => (wake = () => resolve(undefined)));
  }
  response.end();
}
