/**
 * Capabilities: what shows a proxy that a request belongs to this client. One comes with the answer to a submit and goes
 * along with every later call about that request. Calls that go straight to fal have none.
 */

const CAPABILITY = "x-fal-capability";

/** How many requests are remembered; beyond that the oldest is forgotten. */
const MAX_REQUESTS = 10_000;

/** The request that a URL is about. */
const REQUEST = /\/requests\/([\w-]+)/;

/** A request id, when it ends, and a signature (src/proxy/capability.rs). Nothing else is passed on as one. */
const SHAPE = /^[\w-]+\.\d+\.[\w-]{43}$/;

/** Capabilities by request id. */
export type Capabilities = Map<string, string>;

/** Returns whether it is one. */
export function rememberCapability(capabilities: Capabilities, requestId: string, capability: unknown): boolean {
  if (typeof capability !== "string" || !SHAPE.test(capability)) return false;
  if (capabilities.size >= MAX_REQUESTS) capabilities.delete(capabilities.keys().next().value ?? "");
  capabilities.set(requestId, capability);
  return true;
}

/** Remembers the capability that a response brings. It begins with the id of its request. */
export function collectCapability(capabilities: Capabilities, response: Response): Response {
  // A caller's own `fetch` may have resolved with anything.
  const capability = (response as Partial<Response> | undefined)?.headers?.get?.(CAPABILITY);
  if (capability) rememberCapability(capabilities, capability.split(".", 1)[0] ?? "", capability);
  return response;
}

/** Attaches the capability of the request that a URL is about, if there is one. */
export function attachCapability(capabilities: Capabilities, url: string, headers: Record<string, string>): void {
  const capability = capabilities.get(REQUEST.exec(url)?.[1] ?? "");
  if (capability) headers[CAPABILITY] ??= capability;
}
