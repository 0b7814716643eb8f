/**
 * Opens websockets, with the key on the handshake. workerd does that with `fetch`; elsewhere the `WebSocket` of the
 * runtime takes headers, or the one the caller brings.
 */

import type { ServerTransport } from "../transport.ts";
import { FailureKind } from "../../core/wire.ts";
import { appOf, socketRequest } from "#core";
import { findCredential } from "./credentials.ts";
import { localised } from "./local-hosts.ts";
import { callCore } from "../../core/call-core.ts";
import { OperationError } from "../../errors/errors.ts";
import { USER_AGENT } from "./host.ts";

/** A handshake that was refused. */
class Refused extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super();
    this.status = status;
    this.body = body;
  }
}

/** What a refusal explains itself with. */
async function explained(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Whether websockets are opened by `fetch`. */
const isWorkerd = (): boolean => typeof (globalThis as { WebSocketPair?: unknown }).WebSocketPair === "function";

/** The websocket of workerd, which has to be accepted. */
type AcceptableWebSocket = WebSocket & { accept(): void };

/** Which websocket to open. */
interface DialOptions {
  transport: ServerTransport;
  /** As the caller wrote it. */
  app: string;
  endpoint: string;
  /** Whether it is for requests one after the other; else for a realtime session. */
  requests?: boolean;
  /** May hold a token; then no key is attached. */
  query: string;
  signal: AbortSignal;
}

/** Opens a websocket and hands it over. */
export async function dial(
  { transport, app, endpoint, requests = false, query, signal }: DialOptions,
  take: (socket: WebSocket) => void,
): Promise<void> {
  const upstream = callCore(() => socketRequest(endpoint, requests));
  try {
    const headers = new Headers({ "user-agent": USER_AGENT });
    const url = callCore(() => upstream.url());
    const needsKey = !query.includes("fal_jwt_token=") && !transport.publicApps.includes(callCore(() => appOf(app)));
    if (needsKey) {
      if (!transport.trusted) throw new OperationError(FailureKind.ProxyUrlMissing);
      const credential = await findCredential(transport.credentials);
      if (!callCore(() => upstream.authorize(url, headers, credential))) throw new OperationError(FailureKind.Internal);
    }
    const address = localised(url, transport.credentials.env) + query;
    if (!signal.aborted) await connect(transport, address, headers, take);
  } finally {
    upstream.free();
  }
}

async function connect(
  { fetch: own, WebSocket: given }: ServerTransport,
  url: string,
  headers: Headers,
  take: (socket: WebSocket) => void,
): Promise<void> {
  if (!given && isWorkerd()) {
    headers.set("upgrade", "websocket");
    // Nothing ties the socket to the signal once it is there: the one who takes it closes it.
    const response = await (own ?? fetch)(url, { headers, redirect: "manual" });
    const { webSocket } = response as { webSocket?: AcceptableWebSocket | null };
    if (!webSocket) throw new Refused(response.status, await explained(response));
    webSocket.accept();
    return take(webSocket);
  }
  // Some runtimes have none; those of servers take headers where the standard has protocols.
  const WebSocket = given ?? (globalThis as unknown as Pick<ServerTransport, "WebSocket">).WebSocket;
  if (!WebSocket) throw new OperationError(FailureKind.WebsocketMissing);
  take(new WebSocket(url.replace("http", "ws"), { headers: Object.fromEntries(headers) }));
}
