/** A call that ends here. Whoever throws it says why; the proxy answers. */

export class Refused extends Error {
  /**
   * @param {number} number Of a `Refusal` (src/proxy/refusal.rs).
   * @param {{ retryAfterMs?: number, detail?: any }} [more] When to come again, and what is wrong with an input.
   */
  constructor(number, more = {}) {
    super();
    this.number = number;
    this.more = more;
  }
}
