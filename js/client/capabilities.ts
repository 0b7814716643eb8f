/**
 * What shows a proxy that a request is one's own. It comes with the answer to a submit, and goes along with every question
 * about that request; calls that go straight to fal have none.
 */

const CAPABILITY = "x-fal-capability";

/** Requests that are remembered; then the oldest is forgotten. */
const MAX_REQUESTS = 10_000;

/** The request that a URL is about. */
const REQUEST = /\/requests\/([\w-]+)/;

/** Capabilities by request id. @typedef {Map<string, string>} Capabilities */

/** @param {Capabilities} capabilities @param {string} requestId @param {string} capability */
export function rememberCapability(capabilities, requestId, capability) {
  if (capabilities.size >= MAX_REQUESTS) capabilities.delete(capabilities.keys().next().value ?? "");
  capabilities.set(requestId, capability);
}

/** Keeps what an answer brings: it begins with the id it is for. @template T @param {Capabilities} capabilities @param {T} answer @returns {T} */
export function collectCapability(capabilities, answer) {
  const capability = /** @type {any} */ answer?.headers?.get?.(CAPABILITY);
  if (capability) rememberCapability(capabilities, capability.split(".")[0], capability);
  return answer;
}

/** Shows what there is for the request a URL is about. @param {Capabilities} capabilities @param {string} url @param {Headers} headers */
export function attachCapability(capabilities, url, headers) {
  const capability = capabilities.get(REQUEST.exec(url)?.[1] ?? "");
  if (capability && !headers.has(CAPABILITY)) headers.set(CAPABILITY, capability);
}
