/** The client of this page. All it needs to call fal is the URL of its own proxy. */

import { createFalClient } from "./fal-wasm/index.js";

/** What this page is connected to, and what its proxy allows. */
export const session = await (await fetch("/api/session")).json();

export const fal = createFalClient({ proxyUrl: "/api/fal/proxy" });

/** A page opens its sockets to fal itself. Those of the emulator have fal's hosts as paths. */
class EmulatorSocket extends WebSocket {
  /** @param {string | URL} url */
  constructor(url) {
    super(String(url).replace("wss:/", session.sockets));
  }
}
if (session.backend === "emulator") globalThis.WebSocket = EmulatorSocket;
