/** What limits may be. A limit that limits nothing is an error: it would be an open wallet. */

import { amount, either, func, having, needed, object, positive, table, text, whole } from "../client/shape.ts";
import { endpointPattern } from "../core/pattern-table.ts";
import type { Limits, Price, Spending } from "./types.ts";

const price = object<Price>({ price: needed(amount), units: amount, unit: text });

const spending = object<Spending>({
  max: needed(positive),
  windowSeconds: positive,
  prices: needed(either(func, table(endpointPattern(false), either(amount, price)))),
  tokenPrice: amount,
});

const requests = object<NonNullable<Limits["requests"]>>({ max: needed(whole(1)), windowSeconds: needed(positive) });

export const limitsShape = object<Limits>(
  {
    store: needed(either(func, having("reserve", "settle"))),
    requests,
    concurrent: whole(1),
    spending,
    leaseSeconds: positive,
    rateLimiter: either(func, having("limit")),
  },
  { oneOf: ["requests", "concurrent", "spending", "rateLimiter"] },
);
