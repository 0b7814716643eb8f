/** Tables by endpoint pattern, parsed once and asked with every call. */

import { PatternTable, patternProblem } from "#core";
import { type Shape, wrongAt } from "../client/shape.ts";
import { invalidOption } from "../client/checks.ts";
import { callCore } from "./call-core.ts";
import { heldInCore } from "./held.ts";

/** What a table by pattern says about endpoints. */
export interface Patterns {
  /** The places of the patterns that are about a call to an endpoint, whose answer is `streamed` or not. */
  about(endpoint: string, streamed: boolean): number[];
}

/** Which endpoints a table by pattern is for. */
export interface PatternScope {
  /** Where its patterns stand: the option and the names that lead to them, for errors. */
  place: readonly [option: string, ...rest: string[]];
  /** Whether a pattern is also about what is below the endpoints that it matches. */
  covered: boolean;
  /** The patterns of what can be called at all. One that is about nothing of it is a mistake. */
  open: readonly string[];
}

/** Parses endpoint patterns; throws which of them is none, or about nothing. */
export function patternTable(patterns: string[], { place, covered, open }: PatternScope): Patterns {
  const table = heldInCore(() => {
    try {
      return new PatternTable(patterns, covered);
    } catch (error) {
      if (typeof error === "number") invalidOption(place[0]);
      throw error;
    }
  });
  const idle = table().idle([...open]);
  if (idle !== undefined) {
    wrongAt(
      [...place, patterns[idle] as string],
      "fits none of the endpoints in `allowedEndpoints`, so it would do nothing.",
    );
  }
  return { about: (endpoint, streamed) => [...callCore(() => table().about(endpoint, streamed))] };
}

/** A pattern of endpoint ids. One that `opens` endpoints has to name their owner. */
export const endpointPattern = (opens: boolean): Shape => ({
  takes: 'an endpoint pattern such as "fal-ai/flux/**"',
  fits: (value) => typeof value === "string",
  inside(pattern: string, place) {
    const problem = patternProblem(pattern, opens);
    if (problem !== undefined) wrongAt(place, `is none: ${problem}.`);
  },
});
