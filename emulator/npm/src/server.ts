/** The emulator on a port of this machine: HTTP, event streams, WebSockets and webhooks. */

import { type IncomingMessage, type Server, type ServerResponse, createServer, request as post } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

import { WebSocket, WebSocketServer } from "ws";

import { CONTROL, ConnectionLost, type Head, type WireAnswer, exchange, headOf, mostBytesOf } from "./exchange.ts";
import { Host } from "./host.ts";
import { Bridge, type Line, open } from "./socket.ts";
import { findSessions } from "./sessions.ts";
import type { EmulatorServer, ServerOptions } from "./server-types.ts";
import { type Delivery, deliver } from "./webhooks.ts";

/** How long open requests have when the server stops, in milliseconds. */
const GRACE_MS = 2000;

/** How long the last bytes before a break have to reach the client, in milliseconds. */
const FLUSH_MS = 20;

/** The largest command of `/__control`; one byte more is told apart. */
const MOST_COMMAND_BYTES = 1024 * 1024;

const GOING_AWAY = 1001;

/** A request that is being answered. */
interface Call {
  request: IncomingMessage;
  head: Head;
  log: (status: number | "dropped") => void;
}

/** Starts a server around a model. */
export async function serve(wasm: WebAssembly.Module, options: ServerOptions): Promise<EmulatorServer> {
  const { port = 0, routes = {}, log = () => {}, ...rest } = options;
  const sessions = await findSessions();
  // Who keeps a connection may use it at any time: one that ends by itself would look like a fault that nobody ordered.
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", listening);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let host: Host;
  try {
    host = new Host(wasm, rest, url, sessions.peers);
  } catch (error) {
    server.close();
    throw error;
  }
  const closing = new AbortController();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const callOf = (request: IncomingMessage): Call => {
    const began = performance.now();
    const head = headOfMessage(request);
    // Neither the query nor any header: they hold secrets.
    const line = `${head.method} ${head.host} ${head.path}`;
    return { request, head, log: (status) => log(`${line} ${status} ${Math.round(performance.now() - began)}ms`) };
  };
  server.on("request", (request, response) => {
    const route = routes[(request.url ?? "").split("?")[0] ?? ""];
    if (route) return void route(request, response);
    void answer(host, callOf(request), response).catch(() => request.socket.destroy());
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, start: Buffer) => {
    void upgrade(host, sockets, callOf(request), socket, start, closing.signal).catch(() => socket.destroy());
  });
  // A client may send a large body only when it is asked to.
  server.on("checkContinue", (request, response) => {
    response.writeContinue();
    server.emit("request", request, response);
  });
  void deliver(host, postHere, closing.signal);
  void sessions.run(host, closing.signal);
  return {
    url,
    key: host.key,
    seed: host.seed,
    now: () => host.now(),
    control: (command) => host.command(command),
    report: () => host.report(),
    close: () => stop(server, sockets, host, closing),
  };
}

/** Stops a server; what is still open after a moment is cut off. */
async function stop(server: Server, sockets: WebSocketServer, host: Host, closing: AbortController): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()));
  closing.abort();
  host.notify();
  for (const socket of sockets.clients) socket.close(GOING_AWAY);
  server.closeIdleConnections();
  const cut = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
  }, GRACE_MS);
  await closed;
  clearTimeout(cut);
}

/** The head of a request as it came; a target may be a whole URL. */
function headOfMessage({ method = "GET", url = "/", headers, rawHeaders }: IncomingMessage): Head {
  const target = url.startsWith("/") ? `http://none${url}` : url;
  const pairs = rawHeaders.flatMap((name, at): [string, string][] =>
    at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ""]] : [],
  );
  const parsed = new URL(target);
  // The path as it was written, and not as a URL has it: dots and all.
  const [path = "/", query = ""] = target.slice(target.indexOf("/", "http://".length + 1)).split(/\?(.*)/s);
  return { ...headOf(method, parsed, pairs), host: headers.host ?? parsed.host, path, query };
}

/** Reads a body; undefined when it is too large. */
async function bodyOf(request: IncomingMessage, most: number): Promise<Uint8Array | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request) {
    length += piece.length;
    if (length <= most) pieces.push(piece);
    else pieces.length = 0;
  }
  return length > most ? undefined : Buffer.concat(pieces);
}

async function answer(host: Host, { request, head, log }: Call, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  const isControl = head.path === CONTROL;
  const counted = JSON.stringify(head);
  if (!isControl) host.model.count(counted, false);
  let isCounted = !isControl;
  const over = () => {
    if (isCounted) host.model.count(counted, true);
    isCounted = false;
  };
  response.on("close", () => {
    gone.abort();
    over();
  });
  const body = await bodyOf(request, isControl ? MOST_COMMAND_BYTES + 1 : mostBytesOf(head));
  const answered = await exchange(
    host,
    head,
    body ?? (isControl ? new Uint8Array(MOST_COMMAND_BYTES + 1) : undefined),
    gone.signal,
  );
  if (gone.signal.aborted) return;
  over();
  if (!isControl) log(answered?.status ?? "dropped");
  if (!answered) return void request.socket.destroy();
  await write(response, answered, request.socket);
}

/** Writes an answer, at the pace at which it is read. */
async function write(response: ServerResponse, { status, headers, body }: WireAnswer, socket: Duplex): Promise<void> {
  const flat = headers.flat();
  if (body instanceof Uint8Array) {
    const length = headers.some(([name]) => name === "content-length") ? [] : ["content-length", String(body.length)];
    response.writeHead(status, [...flat, ...(status === 204 || status === 304 ? [] : length)]);
    return void response.end(body);
  }
  response.writeHead(status, flat);
  response.flushHeaders();
  try {
    for await (const piece of body) {
      if (response.destroyed) return;
      if (!response.write(piece))
        await new Promise((resume) => {
          response.once("drain", resume);
          response.once("close", resume);
        });
    }
    response.end();
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
    setTimeout(() => socket.destroy(), FLUSH_MS);
  }
}

async function upgrade(
  host: Host,
  sockets: WebSocketServer,
  { request, head, log }: Call,
  socket: Duplex,
  start: Buffer,
  closing: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  socket.on("close", () => gone.abort());
  socket.on("error", () => {});
  if (!/^websocket$/i.test(request.headers.upgrade ?? "")) return void socket.destroy();
  const opened = await open(host, head, gone.signal);
  log(opened instanceof Bridge ? 101 : (opened?.status ?? "dropped"));
  if (!opened) return void socket.destroy();
  if (!(opened instanceof Bridge)) return refuse(socket, opened);
  if (gone.signal.aborted || closing.aborted) return opened.closed();
  sockets.handleUpgrade(request, socket, start, (connection) => {
    connection.binaryType = "nodebuffer";
    connection.on("message", (data, isBinary) => opened.received(isBinary ? (data as Buffer) : String(data)));
    // 1005 stands for a close without a code.
    connection.on("close", (code) => opened.closed(code));
    connection.on("error", () => {});
    void opened.run(lineOf(connection, socket));
  });
}

/** What the model says, on a connection. */
const lineOf = (connection: WebSocket, socket: Duplex): Line => ({
  text: (text) => connection.send(text),
  bytes: (bytes) => connection.send(bytes),
  close: (code, reason) => connection.close(code, reason),
  // Earlier frames are still on their way.
  drop: () => void setTimeout(() => socket.destroy(), FLUSH_MS),
});

/** Answers a handshake with something else. */
function refuse(socket: Duplex, { status, headers, body }: WireAnswer): void {
  const bytes = body instanceof Uint8Array ? body : new Uint8Array();
  const all = [...headers, ["content-length", String(bytes.length)], ["connection", "close"]];
  socket.write(`HTTP/1.1 ${status} Refused\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`);
  socket.end(bytes);
}

/** Posts a webhook to this machine, and to no other. fal does the opposite: it calls no private addresses. */
async function postHere({ url, headers, body }: Delivery, signal: AbortSignal): Promise<number | undefined> {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  const isHere =
    target?.protocol === "http:" && ["127.0.0.1", "localhost"].includes(target.hostname) && target.username === "";
  if (!target || !isHere) return undefined;
  return new Promise((answered, failed) => {
    const options = {
      host: "127.0.0.1",
      port: target.port || 80,
      path: target.pathname + target.search,
      method: "POST",
      headers: { host: target.host, "content-length": String(Buffer.byteLength(body)), ...Object.fromEntries(headers) },
      agent: false as const,
      signal,
    };
    const sending = post(options, (response) => {
      response.resume();
      answered(response.statusCode);
    });
    sending.on("error", failed);
    sending.end(body);
  });
}
