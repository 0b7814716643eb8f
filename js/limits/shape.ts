/** What limits may be. A limit that limits nothing is an error: it would be an open wallet. */

import {
  amount,
  either,
  func,
  having,
  needed,
  object,
  positive,
  table,
  text,
  whole,
  wrongAt,
} from "../client/shape.ts";
import { endpointPattern } from "../core/pattern-table.ts";
import type { Limits, Price, Spending, TotalLimits } from "./types.ts";

/** What a unit costs, or that and how many there are at most. */
const price = object<Price>({ price: needed(amount), units: amount, unit: text });

export const priceShape = either(amount, price);

const spending = object<Spending>({
  max: needed(positive),
  windowSeconds: positive,
  prices: needed(either(func, table(endpointPattern(false), priceShape))),
  tokenPrice: amount,
});

const requests = object<NonNullable<Limits["requests"]>>({ max: needed(whole(1)), windowSeconds: needed(positive) });

const total = object<TotalLimits>(
  {
    requests,
    spending: object<NonNullable<TotalLimits["spending"]>>({ max: needed(positive), windowSeconds: positive }),
    stopAt: object<NonNullable<TotalLimits["stopAt"]>>({ max: needed(positive), windowSeconds: needed(positive) }),
  },
  { oneOf: ["requests", "spending", "stopAt"] },
);

export const limitsShape = object<Limits>(
  {
    store: needed(either(func, having("reserve", "settle"))),
    requests,
    concurrent: whole(1),
    spending,
    total,
    onAnomaly: func,
    reads: requests,
    leaseSeconds: positive,
    rateLimiter: either(func, having("limit")),
  },
  { oneOf: ["requests", "concurrent", "spending", "total", "rateLimiter"] },
);

/** Throws what is wrong with limits whose parts need each other. */
export function checkTotal(limits: Limits | undefined): void {
  const { store, total, spending, onAnomaly } = limits ?? {};
  if (typeof store === "object" && (total || store.correct !== undefined) && typeof store.correct !== "function") {
    wrongAt(["limits", "store"], "takes an object that has the method correct, too: `limits.total` needs it.");
  }
  for (const name of ["spending", "stopAt"] as const) {
    if (total?.[name] && !spending) wrongAt(["limits", "total", name], "needs the prices of `limits.spending`.");
  }
  if (onAnomaly && !total?.stopAt) wrongAt(["limits", "onAnomaly"], "is never called without `limits.total.stopAt`.");
}
