/** A real Redis on a free port, and in front of it the REST protocol that Upstash speaks, as far as it is used here. */

import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";

import { redis as find } from "../../scripts/lib/setup.mjs";
import { freePort } from "./doors.mjs";
import { until } from "./expect.mjs";

/** Reads one answer of RESP; undefined while it is not all there. @param {Buffer} data @param {number} at @returns {[value: any, end: number] | undefined} */
function parse(data, at) {
  const end = data.indexOf("\r\n", at);
  if (end < 0) return undefined;
  const [kind, text, next] = [String.fromCharCode(data[at]), data.toString("utf8", at + 1, end), end + 2];
  if (kind === "$") {
    const length = Number(text);
    if (length < 0) return [null, next];
    return data.length < next + length + 2
      ? undefined
      : [data.toString("utf8", next, next + length), next + length + 2];
  }
  return [kind === ":" ? Number(text) : kind === "-" ? new Error(text) : text, next];
}

/** A connection that takes one command after the other. @param {number} port */
function client(port) {
  const socket = connect(port, "127.0.0.1");
  /** @type {((value: any) => void)[]} */
  const waiting = [];
  let data = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    data = Buffer.concat([data, chunk]);
    for (let read = parse(data, 0); read; read = parse(data, 0)) {
      data = data.subarray(read[1]);
      waiting.shift()?.(read[0]);
    }
  });
  socket.on("error", (error) => waiting.splice(0).forEach((tell) => tell(error)));
  return {
    /** @param {string[]} command @returns {Promise<any>} */
    run(command) {
      const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
      socket.write(`*${command.length}\r\n${parts.join("")}`);
      return new Promise((resolve) => waiting.push(resolve));
    },
    end: () => socket.destroy(),
  };
}

export const TOKEN = "the-token-of-the-store";

/** Starts both. */
export async function startRedis() {
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const child = spawn(await find(), args, { stdio: "ignore" });
  process.once("exit", () => child.kill());
  await until(async () => {
    const probe = client(port);
    const answer = await probe.run(["PING"]);
    probe.end();
    return answer === "PONG";
  });
  const redis = client(port);
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const isKnown = request.headers.authorization === `Bearer ${TOKEN}`;
    const result = isKnown ? await redis.run(JSON.parse(text)) : new Error("WRONGPASS");
    const failed = result instanceof Error;
    response.writeHead(isKnown ? (failed ? 400 : 200) : 401, { "content-type": "application/json" });
    response.end(JSON.stringify(failed ? { error: result.message } : { result }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: rest } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${rest}`,
    clear: () => redis.run(["FLUSHALL"]),
    keys: () => redis.run(["DBSIZE"]),
    stop() {
      redis.end();
      server.closeAllConnections();
      server.close();
      child.kill();
    },
  };
}
