/**
 * A relay with a distance and a pace: `node relay-server.mjs PORT ROUND_TRIP_MS BYTES_PER_SECOND`. It listens on 127.0.0.1, prints its port,
 * passes on what comes to PORT, and ends when its stdin does.
 *
 * Bytes wait for half of the round trip each way. What a client says first waits for one more round trip, which is how long the handshake
 * takes that here is over at once. The pace (0: none) holds for each connection and each way alone.
 */

import { connect, createServer } from "node:net";

const [port = 0, roundTripMs = 0, bytesPerSecond = 0] = process.argv.slice(2).map(Number);

/** What may be under way: what the distance needs, what a system buffers, and a tenth of a second, so that a late timer costs no pace. */
const LIMIT = 256 * 1024 + bytesPerSecond * (roundTripMs / 1000 + 0.1);

/**
 * Passes on what comes from one socket to another, later.
 *
 * @param {import("node:net").Socket} from @param {import("node:net").Socket} to @param {number} handshakeMs
 */
function pass(from, to, handshakeMs) {
  /** @type {{ due: number, bytes?: Buffer }[]} */
  const waiting = [];
  let size = 0;
  let free = performance.now() + handshakeMs;
  let isBusy = false;

  const flush = () => {
    isBusy = false;
    for (let next = waiting[0]; next; next = waiting[0]) {
      const rest = next.due - performance.now();
      if (rest > 0.05) {
        isBusy = true;
        // Timers know whole milliseconds only: shorter than one, it is looked again at once.
        return void (rest >= 1 ? setTimeout(flush, rest - 0.5) : setImmediate(flush));
      }
      waiting.shift();
      if (!next.bytes) return void to.end();
      size -= next.bytes.length;
      if (!to.write(next.bytes)) {
        from.pause();
        isBusy = true;
        return void to.once("drain", flush);
      }
    }
    if (size < LIMIT) from.resume();
  };
  const take = (/** @type {Buffer | undefined} */ bytes) => {
    const length = bytes?.length ?? 0;
    free = Math.max(free, performance.now()) + (bytesPerSecond ? (length / bytesPerSecond) * 1000 : 0);
    waiting.push({ due: free + roundTripMs / 2, bytes });
    size += length;
    if (size >= LIMIT) from.pause();
    if (!isBusy) flush();
  };
  from.on("data", take);
  from.on("end", () => take(undefined));
  from.on("error", () => to.destroy());
  from.on("close", () => to.destroyed || take(undefined));
}

const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const server = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
  pass(client, server, roundTripMs);
  pass(server, client, 0);
});
server.listen(0, "127.0.0.1", () => console.log(/** @type {import("node:net").AddressInfo} */ (server.address()).port));
process.stdin.on("end", () => process.exit()).resume();
