/** Tables by endpoint pattern, parsed once and asked with every call. */

import { PatternTable } from "#core";
import { invalidOption } from "../client/options.ts";
import { callCore } from "./call-core.ts";
import { heldInCore } from "./held.ts";

/**
 * Parses endpoint patterns; what is returned gives the places of those that match an endpoint.
 *
 * @param option The option that the patterns are part of. It is named in the error when one of them is invalid.
 */
export function patternTable(patterns: string[], option: string): (endpoint: string) => number[] {
  const table = heldInCore(() => {
    try {
      return new PatternTable(patterns);
    } catch (error) {
      if (typeof error === "number") invalidOption(option);
      throw error;
    }
  });
  return (endpoint) => [...callCore(() => table().matching(endpoint))];
}
