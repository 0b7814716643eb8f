/** One call of the Platform APIs. Which operation it is, the core knows; what goes along with it stays here. */

import { ABORTED, ANSWER_INVALID, SCOPE_REQUIRED } from "../core/codes.ts";
import { Need, PlatformOperation } from "#core";
import { OperationError } from "../errors/errors.ts";
import { failure } from "../host/server/host.ts";
import { invalidOption, text } from "../client/options.ts";
import { explaining } from "./errors.ts";
import { sending } from "./send.ts";
import { openStream } from "../stream/streaming.ts";

/** @typedef {ReturnType<typeof createCall>} Call */

/**
 * What is known of an operation, and how it is opened.
 *
 * @typedef {object} Known
 * @property {string} name Method and path, as people write them.
 * @property {Need} need
 * @property {string} takes
 * @property {string} gives
 * @property {boolean} keyed
 */

/** Finds an operation that a key of this scope may call. @param {string} method @param {string} path @param {string} scope */
export function find(method, path, scope) {
  const operation = new PlatformOperation(method, String(path));
  const name = `${method} ${path}`;
  if (operation.isBeyond(scope)) {
    operation.free();
    throw new OperationError(SCOPE_REQUIRED, undefined, name);
  }
  const known = {
    need: operation.need(),
    takes: operation.takes(),
    gives: operation.gives(),
    keyed: operation.keyed(),
  };
  return { operation, known: { name, ...known } };
}

/** What a caller gave for the names in a path. @param {any} values */
const parametersOf = (values) => ({
  value: (/** @type {string} */ name) => {
    const value = values?.[name];
    return typeof value === "string" || Number.isFinite(value) ? String(value) : undefined;
  },
});

/** An object that is given, or none. @param {any} options @param {string} name */
const objectIn = (options, name) => {
  const value = options?.[name] ?? {};
  return typeof value === "object" ? value : invalidOption(name);
};

/**
 * A key under which a call that is sent again is known to be the same.
 *
 * @param {Known} known @param {any} init @param {any} headers
 */
const idempotencyKey = ({ keyed }, init, headers) =>
  text(init, "idempotencyKey") ||
  text(headers, "Idempotency-Key") ||
  (keyed ? globalThis.crypto.randomUUID() : undefined);

/**
 * Calls an operation. Resolves to `{ data, response }`, as openapi-fetch has it; what goes wrong is thrown.
 *
 * @param {import("../client/context.ts").ClientContext} context
 * @param {string} scope What the key is declared to have.
 */
export const createCall =
  (context, scope) =>
  /** @param {string} method @param {string} path @param {any} [init] @returns {Promise<{ data: any, response: Response }>} */
  async (method, path, init = {}) => {
    const { params = {}, body, signal, abortSignal = signal } = init;
    /** @type {any} */
    let known;
    /** @type {any} */
    let response;
    const start = context.open({ ...init, abortSignal }, () => {
      const found = find(method, path, scope);
      known = found.known;
      const { operation } = found;
      const headers = objectIn(params, "header");
      const key = idempotencyKey(known, init, headers);
      const given = { query: objectIn(params, "query"), body, key };
      const parameters = parametersOf(objectIn(params, "path"));
      const isKeyed = known.keyed || init.idempotent === true;
      const by = (/** @type {import("../driver/hands.ts").Hands} */ hands) => {
        try {
          return operation.open(hands, parameters, isKeyed);
        } finally {
          operation.free();
        }
      };
      const job = { endpoint: known.name, send: sending(known, given), failure: explaining(known) };
      return [job, { operation: -1, by, idle: init.timeout }];
    });
    const onHead = (/** @type {any} */ _head, /** @type {Response} */ answer) => void (response = answer);
    if (known.gives === "text/event-stream") return events(known.name, start, onHead, abortSignal);
    const outcome = await start({ onHead }, abortSignal);
    const isJson = /json/i.test(response.headers.get("content-type"));
    // A page of HTML in its place comes from somebody in between.
    if (known.gives === "application/json" && !isJson) throw explaining(known)(ANSWER_INVALID, { attempts: 1 });
    return { data: outcome?.data, response };
  };

/**
 * A stream, once it has begun.
 *
 * @param {string} name @param {ReturnType<import("../client/context.ts").ClientContext["open"]>} start
 * @param {(head: any, response: Response) => void} onHead @param {AbortSignal} [signal]
 * @returns {Promise<{ data: any, response: Response }>}
 */
const events = (name, start, onHead, signal) =>
  new Promise((resolve, reject) => {
    const stream = openStream(
      name,
      signal,
      ({ items, onHead: told }, stop) => {
        const heard = (/** @type {any} */ head, /** @type {Response} */ response) => {
          told?.(head, response);
          onHead(head, response);
          if (response.ok) resolve({ data: stream, response });
        };
        return start({ items, onHead: heard }, stop);
      },
      undefined,
    );
    stream.on("error", reject);
    // One that is aborted ends without a word. When that is before it began, nobody has it yet who could tell.
    stream.on("done", () => reject(failure(ABORTED, { cause: signal?.reason, endpoint: name })));
  });
