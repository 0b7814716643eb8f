/** What the core refuses. */

import { FailureKind } from "../../core/wire.ts";
import { OperationError } from "../../errors/errors.ts";

/** What the core throws, as an error: a number is what went wrong and why, a text the name of an option. */
export function refused(error: unknown): unknown {
  if (typeof error === "number") return new OperationError(error & 255, { reason: error >> 8 });
  if (typeof error === "string") return new OperationError(FailureKind.OptionInvalid, { option: error });
  return error;
}
