/** What an app signs and seals with. */

/** A shorter secret could be guessed. */
export const MIN_SECRET_BYTES = 32;

/** Whether a value is a secret that is long enough. */
export const isLongSecret = (value: unknown): value is string =>
  typeof value === "string" && new TextEncoder().encode(value.trim()).byteLength >= MIN_SECRET_BYTES;
