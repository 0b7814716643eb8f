/** Grants: one call that the app's own server allows. */

import type { Price, Principal } from "../limits/types.ts";
import type { InputRulesOf } from "./input-types.ts";

/** What a grant allows. */
export interface GrantOptions<Id extends string = string> {
  /** The endpoint that may be called, by run, submit, stream or (of an id that ends in `/realtime`) with a token: this one alone. */
  endpoint: Id;
  /** Who may call it: what `authenticate` of the proxy says. */
  principal: Principal;
  /**
   * Rules for the input, beside those of the proxy: the size that was paid for, `{ num_images: { max: 1 } }`. No token is
   * issued for a grant with rules: nobody sees what is sent with it.
   */
  inputs?: InputRulesOf<Id>;
  /**
   * What the call counts as in `limits.spending`, instead of its price there. A number is for one unit; when fal bills more
   * units, more counts.
   *
   * @default the price of `limits.spending.prices`
   */
  price?: number | Price;
  /** In how many seconds it ends, from 1 to 86400 (a day). A call only has to begin before that. */
  expires: number;
  /**
   * What is good for one call: grants with the same id, however many are made, are. Up to 128 letters, digits and `.`, `-`, `_`;
   * `onDecision` and `audit` are told.
   *
   * @default a random one
   */
  id?: string;
  /** The `secret` of the proxy (`FAL_PROXY_SECRET`), at least 32 bytes. */
  secret: string;
}
