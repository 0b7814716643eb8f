/** What a call will cost, before it is made. */

import { invalidOption } from "../client/options.ts";
import { patternTable } from "../core/pattern-table.ts";
import type { Price, Principal, Spending } from "./types.ts";

/** In millionths: what is reserved, and what one unit costs. */
export interface Estimate {
  cost: number;
  unit: number;
}

/** What to reserve for a call to an endpoint, or for a token when there is no endpoint; undefined when it has no price. */
export type PriceList = (endpoint: string | undefined, principal: Principal) => Promise<Estimate | undefined>;

const MILLION = 1_000_000;

const isAmount = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value) && value >= 0;

/** A price as an object. */
const full = (price: number | Price): Price => (typeof price === "number" ? { price } : price);

const isPrice = ({ price, units = 1 }: Price): boolean => isAmount(price) && isAmount(units);

function estimate(given: number | Price): Estimate {
  const { price, units = 1 } = full(given);
  return { cost: Math.ceil(price * units * MILLION), unit: price * MILLION };
}

/** Checks prices, and parses their patterns. */
export function priceList({ prices, tokenPrice }: Spending): PriceList {
  if (!isPrice({ price: tokenPrice ?? 0 })) invalidOption("limits");
  const priceOf = typeof prices === "function" ? fromFunction(prices) : fromTable(prices);
  return async (endpoint, principal) => {
    if (endpoint === undefined) return tokenPrice === undefined ? undefined : estimate(tokenPrice);
    return priceOf(endpoint, principal);
  };
}

const fromFunction =
  (prices: Extract<Spending["prices"], Function>) =>
  async (endpoint: string, principal: Principal): Promise<Estimate | undefined> => {
    const price = await prices(endpoint, principal);
    return price !== undefined && price !== null && isPrice(full(price)) ? estimate(price) : undefined;
  };

/** Of several patterns that match, the most expensive counts. */
function fromTable(prices: Record<string, number | Price>): (endpoint: string) => Estimate | undefined {
  if (typeof prices !== "object" || prices === null || !Object.values(prices).map(full).every(isPrice)) {
    invalidOption("limits");
  }
  const estimates = Object.values(prices).map(estimate);
  const table = patternTable(Object.keys(prices), "limits");
  return (endpoint) => {
    const matching = table(endpoint)
      .map((place) => estimates[place])
      .filter((price) => price !== undefined);
    return matching.reduce<Estimate | undefined>(
      (most, next) => (most && most.cost >= next.cost ? most : next),
      undefined,
    );
  };
}
