/** The way into the core, and what happens when it is lost. */

import * as core from "#core";
import { failure } from "#host/host.ts";
import { OperationError } from "../errors/errors.ts";
import { CoreState } from "./memory.ts";
import { FailureKind } from "./wire.ts";

/** How often the core was instantiated anew: what was made in an older instance is lost. */
export let instance = 0;

/**
 * Calls into the core, and checks of the JavaScript layer. What the core refuses it throws as a number, or as the name of
 * an option; whatever is thrown becomes the error a caller sees.
 *
 * A trap in the core (a bug) starts a fresh instance. The call that met it is rejected; every other goes on, because its
 * state is kept outside of the core.
 */
export function callCore<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (typeof error === "number") throw failure(error & 255, { reason: error >> 8 });
    if (typeof error === "string") throw failure(FailureKind.OptionInvalid, { option: error });
    if (error instanceof OperationError) throw failure(error.kind, error);
    if (!core.isTrap(error)) throw error;
    // The memory of a lost instance can still be read.
    CoreState.save();
    CoreState.reset();
    core.__wbg_reset_state();
    instance += 1;
    throw failure(FailureKind.Internal, { cause: error });
  }
}
