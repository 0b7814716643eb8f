/**
 * Opening sockets, with the key on the handshake. workerd does that with `fetch`; elsewhere the `WebSocket` of the
 * runtime takes headers, or the one the caller brings.
 */

import { FailureKind } from "../../core/wire.ts";
import { appOf, socketRequest } from "#core";
import { findCredential } from "./credentials.ts";
import { callCore } from "../../core/call-core.ts";
import { OperationError } from "../../errors/errors.ts";
import { USER_AGENT, needsToken } from "./host.ts";

/** A handshake that was refused. */
class Refused extends Error {
  /** @param {number} status @param {unknown} body */
  constructor(status, body) {
    super();
    this.status = status;
    this.body = body;
  }
}

/** What a refusal explains itself with. @param {Response} response */
async function explained(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Whether sockets are opened by `fetch`. */
const isWorkerd = () => typeof (/** @type {any} */ globalThis.WebSocketPair) === "function";

/**
 * A socket that is wanted.
 *
 * @typedef {object} Wanted
 * @property {import("./host.ts").Transport} transport
 * @property {string} app As the caller wrote it.
 * @property {string} endpoint
 * @property {boolean} [requests] Whether it is for requests one after the other; else for a realtime session.
 * @property {string} query May hold a token; then no key is attached.
 * @property {AbortSignal} signal
 */

/** Opens a socket and hands it over. @param {Wanted} wanted @param {(socket: any) => void} take */
export async function dial({ transport, app, endpoint, requests = false, query, signal }, take) {
  const passage = callCore(() => socketRequest(endpoint, requests));
  try {
    const headers = new Headers({ "user-agent": USER_AGENT });
    const url = callCore(() => passage.url());
    const needsKey = !query.includes("fal_jwt_token=") && !transport.publicApps.includes(callCore(() => appOf(app)));
    if (needsKey) {
      if (!transport.trusted) throw new OperationError(FailureKind.ProxyUrlMissing);
      const credential = await findCredential(transport.credentials);
      if (!callCore(() => passage.authorize(url, headers, credential))) throw new OperationError(FailureKind.Internal);
    }
    if (!signal.aborted) await connect(transport, url + query, headers, take);
  } finally {
    passage.free();
  }
}

/**
 * @param {import("./host.ts").Transport} transport @param {string} url @param {Headers} headers
 * @param {(socket: any) => void} take
 */
async function connect({ fetch: own, WebSocket: given }, url, headers, take) {
  if (!given && isWorkerd()) {
    headers.set("upgrade", "websocket");
    // Nothing ties the socket to the signal once it is there: the one who takes it closes it.
    const response = await (own ?? fetch)(url, { headers, redirect: "manual" });
    const { webSocket } = /** @type {any} */ response;
    if (!webSocket) throw new Refused(response.status, await explained(response));
    webSocket.accept();
    return take(webSocket);
  }
  const WebSocket = given ?? /** @type {any} */ globalThis.WebSocket;
  if (!WebSocket) throw new OperationError(FailureKind.WebsocketMissing);
  take(new WebSocket(url.replace("https", "wss"), { headers: Object.fromEntries(headers) }));
}
