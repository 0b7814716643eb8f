/** Opening sockets, with a token in the address: a browser has no other way to say who asks. */

/**
 * Opens a realtime socket and hands it over.
 *
 * @param {{ transport: import("./host.ts").Transport, app: string, endpoint: string, query: string, signal: AbortSignal }} wanted
 *   The token is in the query.
 * @param {(socket: any) => void} take
 */
export async function dial({ endpoint, query }, take) {
  take(new WebSocket(`wss://fal.run/${endpoint}${query}`));
}
