/** The way into the core, and what happens when it is lost. */

import { INTERNAL, OPTION_INVALID } from "./codes.ts";
import * as core from "#core";
import { OperationError } from "../errors/errors.ts";
import { failure } from "#host/host.ts";

/** How to end what is pending when the core is lost. @type {Set<(error: unknown) => void>} */
export const pending = new Set();

/**
 * Calls into the core, and checks of the skin's own. What the core refuses it throws as a number, or as the name of an
 * option; whatever is thrown becomes the error a caller sees.
 *
 * A trap in the core (a bug) rejects whatever was pending and starts a fresh instance, so that no promise of a caller's
 * is ever left hanging.
 *
 * @template T
 * @param {() => T} work
 * @returns {T}
 */
export function callCore(work) {
  try {
    return work();
  } catch (error) {
    if (typeof error === "number") throw failure(error & 255, { reason: error >> 8 });
    if (typeof error === "string") throw failure(OPTION_INVALID, { option: error });
    if (error instanceof OperationError) throw failure(error.kind, error);
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    const lost = failure(INTERNAL, { cause: error });
    for (const lose of pending) lose(lost);
    core.__wbg_reset_state();
    throw lost;
  }
}
