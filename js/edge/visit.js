/** One call, from its arrival to the last byte of its answer. */

import { answerHeaders } from "./answers.js";
import { leave, metered } from "./body.js";
import { secretsAmong } from "./credential.js";

/** @typedef {import("../types/proxy.d.ts").ProxyOptions} ProxyOptions */
/** @typedef {import("../types/proxy.d.ts").Principal} Principal */
/** @typedef {import("../types/proxy.d.ts").RouteKind} RouteKind */

/**
 * How a call ended: bytes of the answer, whether it came to its end, and the bytes themselves if they were to be kept.
 *
 * @typedef {{ bytes: number, complete: boolean, kept?: Uint8Array }} End
 */

/**
 * @typedef {object} Visit
 * @property {ProxyOptions} options
 * @property {Request} request
 * @property {any} env Where bindings are.
 * @property {Record<string, any>} secrets Where secrets are.
 * @property {Headers} headers Those of the answer.
 * @property {number} errand What it is about (src/proxy/errand.rs).
 * @property {Principal} principal Who asks, once that is known.
 * @property {{ principal?: string, route?: RouteKind, endpoint?: string, requestId?: string }} facts What is reported.
 * @property {CryptoKey} [signer] What signs that a new request is somebody's own.
 * @property {number} keep So many bytes of the answer are kept until its end.
 * @property {((end: End) => any)[]} endings What happens when the answer has been taken, or left.
 * @property {(work: () => any) => void} aside Does something that nobody waits for, and whose failure changes nothing.
 */

/** @param {ProxyOptions} options @param {Request} request @param {any} env @param {any} context @returns {Visit} */
export const visitOf = (options, request, env, context) => ({
  options,
  request,
  env: options.env ?? env,
  secrets: options.env ?? secretsAmong(env),
  headers: answerHeaders(undefined),
  errand: 0,
  principal: { id: "" },
  facts: {},
  keep: 0,
  endings: [],
  aside(work) {
    const done = Promise.resolve()
      .then(work)
      .catch(() => {});
    try {
      context?.waitUntil?.(done);
    } catch {
      // A context of another kind.
    }
  },
});

/** An answer that is followed to its end, when somebody wants to know. @param {Visit} visit @param {Response} answer */
export function followed(visit, answer) {
  const { endings, aside, keep } = visit;
  if (endings.length === 0) return answer;
  const tell = (/** @type {End} */ end) => Promise.allSettled(endings.map(async (ending) => ending(end)));
  if (!answer.body) {
    aside(() => tell({ bytes: 0, complete: true }));
    return answer;
  }
  const { stream, ended } = metered(answer.body, keep);
  aside(async () => tell(await ended));
  return new Response(stream, answer);
}

/** Lets an answer go that is not passed on. @param {Response} answer */
export const dropped = ({ body }) => body && leave(body);
