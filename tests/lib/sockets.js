/** WebSockets that are meant for fal, at the emulator. */

/**
 * Redirects every `WebSocket` that is opened from now on for one of fal's hosts to the emulator, which finds the host in
 * the path. A browser cannot be given another address for a host, and its sockets have no `Host` header to set.
 *
 * It needs nothing from outside: `context.addInitScript(redirectSockets, emulator.url)` brings it into every page, and a
 * worker of a page imports it.
 *
 * @param {string} emulator
 */
export function redirectSockets(emulator) {
  const address = emulator.replace(/^http/, "ws");
  globalThis.WebSocket = class extends WebSocket {
    /** @param {string | URL} url @param {string | string[]} [protocols] */
    constructor(url, protocols) {
      super(String(url).replace(/^wss:\/\/((?:ws\.)?fal\.run)(?=\/)/, `${address}/$1`), protocols);
    }
  };
}
