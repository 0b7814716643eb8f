/** One call, from its arrival to the last byte of its answer. */

import { answerHeaders } from "./refusals.ts";
import { metered } from "./body.ts";
import { secretsAmong } from "../host/server/credentials.ts";
import { leave } from "../io/pieces.ts";

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
 * @property {number} errand What it is about (src/proxy/route_kind.rs).
 * @property {Principal} principal Who asks, once that is known.
 * @property {{ principal?: string, route?: RouteKind, endpoint?: string, requestId?: string }} facts What is reported.
 * @property {CryptoKey} [signer] What signs that a new request is somebody's own.
 * @property {number} keep So many bytes of the answer are kept until its end.
 * @property {((end: End) => any)[]} endings What happens when the answer has been taken, or left.
 * @property {() => void} end Called when all of them have.
 * @property {(work: () => any) => void} aside Does something that nobody waits for, and whose failure changes nothing.
 */

/** @param {ProxyOptions} options @param {Request} request @param {any} env @param {any} context @returns {Visit} */
export function visitOf(options, request, env, context) {
  const hold = (/** @type {Promise<any>} */ work) => {
    try {
      context?.waitUntil?.(work);
    } catch {
      // A context of another kind.
    }
  };
  /** @type {() => void} */
  let end = () => {};
  /** @type {Promise<void>} */
  const over = new Promise((resolve) => (end = resolve));
  // When the visitor leaves, a worker ends at once, unless it is held in that very moment.
  request.signal?.addEventListener("abort", () => hold(over));
  return {
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
    end,
    aside: (work) =>
      hold(
        Promise.resolve()
          .then(work)
          .catch(() => {}),
      ),
  };
}

/**
 * An answer that is followed to its end, when somebody wants to know. A refusal is over with its first byte: nobody may be
 * there any more to take it.
 *
 * @param {Visit} visit @param {Response} answer @param {boolean} isRefusal
 */
export function followed({ request, endings, aside, keep, end }, answer, isRefusal) {
  const tell = (/** @type {End} */ how) =>
    Promise.allSettled(endings.map(async (ending) => ending(how))).finally(() => end());
  if (isRefusal || endings.length === 0 || !answer.body) {
    aside(() => tell({ bytes: 0, complete: request.signal?.aborted !== true }));
    return answer;
  }
  const { stream, ended } = metered(answer.body, keep);
  aside(async () => tell(await ended));
  return new Response(stream, answer);
}

/** Lets an answer go that is not passed on. @param {Response} answer */
export const dropped = ({ body }) => body && leave(body);
