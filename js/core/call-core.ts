/** The way into the core, and what happens when it is lost. */

import { refused } from "#host/refused.ts";
import * as core from "#core";
import { failure } from "#host/host.ts";
import { OperationError } from "../errors/errors.ts";
import { leaveState } from "./memory.ts";
import { FailureKind } from "./wire.ts";

/** How often the core was instantiated anew: what was made in an older instance is lost. */
export let instance = 0;

/**
 * Calls into the core, and checks of the JavaScript layer. Whatever either throws becomes the error a caller sees.
 *
 * A trap in the core (a bug) starts a fresh instance. The call that met it is rejected; every other goes on, because its
 * state is kept outside of the core.
 */
export function callCore<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    const error = refused(thrown);
    if (error instanceof OperationError) throw failure(error.kind, error);
    if (!core.isTrap(error)) throw error;
    leaveState();
    core.__wbg_reset_state();
    instance += 1;
    throw failure(FailureKind.Internal, { cause: error });
  }
}
