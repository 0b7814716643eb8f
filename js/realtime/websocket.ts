/** A socket from the first try to the last word: what can happen to one, told once. */

import { dial } from "#host/websocket.ts";

/** Close code of a connection that was lost without a word. */
const LOST = 1006;
const OPEN = 1;

/**
 * What is told of a socket. After `closed` or `failed`, or after it was shut, nothing more is.
 *
 * @typedef {object} Events
 * @property {(socket: any) => void} opened
 * @property {(data: any) => void} heard
 * @property {(code: number, reason?: string) => void} closed
 * @property {(error: any) => void} failed It could not even be tried.
 */

/**
 * Opens a socket; returns how to shut it, whatever it is doing.
 *
 * @param {Omit<Parameters<typeof dial>[0], "signal">} wanted
 * @param {Events} events
 * @returns {() => void}
 */
export function openWebSocket(wanted, events) {
  const abort = new AbortController();
  const { signal } = abort;
  /** @type {any} */
  let socket;
  const shut = () => {
    abort.abort();
    try {
      // workerd closes its own side only when told to, also when the other side has closed.
      socket?.close(1000);
    } catch {
      // It is closed already.
    }
  };
  const opened = () => signal.aborted || events.opened(socket);
  const take = (/** @type {any} */ dialled) => {
    socket = dialled;
    socket.binaryType = "arraybuffer";
    // What an error event knows, the close event that follows says better.
    socket.addEventListener("error", () => {});
    if (signal.aborted) return shut();
    socket.addEventListener("open", opened);
    socket.addEventListener("message", (/** @type {any} */ { data }) => signal.aborted || events.heard(data));
    socket.addEventListener("close", (/** @type {any} */ { code = LOST, reason }) => {
      if (signal.aborted) return;
      shut();
      events.closed(code, reason);
    });
    if (socket.readyState === OPEN) opened();
  };
  dial({ ...wanted, signal }, take).catch((error) => {
    if (signal.aborted) return;
    shut();
    events.failed(error);
  });
  return shut;
}
