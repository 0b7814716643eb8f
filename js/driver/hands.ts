/** What the core is given to act with: numbers and texts go in, and what shall be done comes out (src/bindings/hands.rs). */

import { OperationError } from "../errors/errors.ts";

/** Decodes as fetch does, but for the mark at the start of a stream: what is no UTF-8 becomes a replacement character. */
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

// What is done by nobody in particular.
const REFUSE = 12;
const ANSWER = 13;

/** @typedef {(token: number, a: number, b: number, value: number, text: string) => void} Act */

/** @typedef {ReturnType<typeof handsOf>} Hands */

/** Texts on lines of their own. One that has more lines is none that the core takes, and stays none. @param {unknown[]} texts */
export const lines = (...texts) => texts.map((text) => String(text).replaceAll("\n", " ")).join("\n");

/**
 * Hands that do this.
 *
 * @param {Act[]} acts At the places of their numbers.
 * @param {{ spent: number }} [retryBudget]
 */
export function handsOf(acts, retryBudget = { spent: 0 }) {
  /** @type {OperationError | undefined} */
  let refusal;
  let answer = "";
  const hands = {
    /** What goes along with what is told next. @type {ArrayLike<number>} */
    numbers: [],
    number: (/** @type {number} */ place) => hands.numbers[place],
    get spent() {
      return retryBudget.spent;
    },
    set spent(spent) {
      retryBudget.spent = spent;
    },
    /**
     * @param {number} act @param {number} token @param {number} a @param {number} b @param {number} value
     * @param {Uint8Array} bytes
     */
    act(act, token, a, b, value, bytes) {
      const text = UTF8.decode(bytes);
      if (act === REFUSE) refusal = new OperationError(a, undefined, text, b);
      else if (act === ANSWER) answer = text;
      else acts[act](token, a, b, value, text);
    },
    /** The answer to a question, unless what was asked for is refused. @template T @param {T} [value] */
    answered(value) {
      if (refusal) throw refusal;
      return /** @type {T & {}} */ value ?? answer;
    },
  };
  return hands;
}
