/** A result that was made and paid for, and whose file could not be had. */

/** Nothing is lost: `body` is the result of the model, `requestId` its request at fal. */
export class FalMediaError extends Error {
  override readonly name = "FalMediaError";
  /** The result of the model, as fal gave it. */
  readonly body: unknown;
  /** The id of the request at fal. */
  readonly requestId: string;

  constructor(message: string, { data, requestId }: { data: unknown; requestId: string }, cause?: unknown) {
    super(`${message} The result is in \`body\`, and running the model again would be paid for again.`, { cause });
    this.body = data;
    this.requestId = requestId;
  }
}
