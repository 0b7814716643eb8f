/** Ways into a server for a `Request`, over real sockets and as it is: also what a browser's `fetch` would not send. */

import { createServer, request as ask } from "node:http";
import { connect } from "node:http2";
import { Readable } from "node:stream";

/**
 * @param {number} status @param {[string, string][]} headers @param {import("node:stream").Readable} body
 */
const responseOf = (status, headers, body) => {
  if (![204, 304].includes(status)) return new Response(/** @type {any} */ (Readable.toWeb(body)), { status, headers });
  body.resume();
  return new Response(null, { status, headers });
};

/** @param {import("node:http").IncomingHttpHeaders} headers @returns {[string, string][]} */
const pairs = (headers) =>
  Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(":") ? [] : [value ?? []].flat().map((one) => /** @type {[string, string]} */ ([name, one])),
  );

/**
 * Over HTTP/1.1.
 *
 * @param {number} port @param {string} [path] Where the handler is, if not where the request says.
 * @returns {(request: Request) => Promise<Response>}
 */
export const door = (port, path) => async (request) => {
  const { host, pathname, search } = new URL(request.url);
  const body = Buffer.from(await request.arrayBuffer());
  const headers = {
    host,
    ...Object.fromEntries(request.headers),
    ...(request.body && { "content-length": body.length }),
  };
  const options = { host: "127.0.0.1", port, path: path ?? pathname + search, method: request.method, headers };
  return new Promise((done, failed) => {
    const call = ask(options, (answer) => done(responseOf(answer.statusCode ?? 0, pairs(answer.headers), answer)));
    call.on("error", failed);
    call.end(body);
  });
};

/** Over HTTP/2, without TLS. @param {number} port @returns {(request: Request) => Promise<Response>} */
export const door2 = (port) => async (request) => {
  const { host, pathname, search } = new URL(request.url);
  const body = Buffer.from(await request.arrayBuffer());
  const session = connect(`http://127.0.0.1:${port}`);
  const method = { ":method": request.method, ":path": pathname + search, ":authority": host, ":scheme": "http" };
  const options = { endStream: body.length === 0 };
  const call = session.request({ ...Object.fromEntries(request.headers), ...method }, options);
  if (body.length > 0) call.end(body);
  return new Promise((done, failed) => {
    call.on("error", failed);
    call.on("close", () => session.close());
    call.on("response", (headers) => done(responseOf(Number(headers[":status"]), pairs(headers), call)));
  });
};

/** Starts a server on a free port. @param {any} server @returns {Promise<number>} */
export const listening = (server) =>
  new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));

/** A port that nobody listens on. @returns {Promise<number>} */
export async function freePort() {
  const server = createServer();
  const port = await listening(server);
  server.close();
  return port;
}
