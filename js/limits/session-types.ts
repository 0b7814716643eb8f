/** What an app says about sessions with world models. */

/**
 * What visitors may do with sessions. A session is paid for by the second, and nobody but the browser and fal's runner sees what
 * flows in it.
 */
export interface SessionRules {
  /** How many sessions a visitor may have at once. Counted in the store of `limits`. @default as many as they like */
  max?: number;
  /**
   * How long a session may last, in seconds. After that the proxy passes no heartbeat on, and fal ends the session by itself.
   *
   * @default 600
   */
  maxSeconds?: number;
  /**
   * What a second costs, in the currency of `limits.spending`, which it is reserved from: the price of `maxSeconds` when the session
   * is opened. What was not used is given back when its page says that it is over; of a page that is gone without a word it is not.
   * Needed with `limits.spending`.
   */
  price?: number;
  /** Also for endpoints with rules in `inputs`, which messages of a session go round. @default false */
  unruled?: boolean;
}
