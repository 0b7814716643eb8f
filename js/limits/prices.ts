/** What a call will cost, before it is made. */

import { patternTable } from "../core/pattern-table.ts";
import type { Price, Principal, Spending } from "./types.ts";

/** In millionths: what is reserved, and what one unit costs. */
export interface Estimate {
  cost: number;
  unit: number;
}

/** What to reserve for a call to an endpoint, or for a token when there is no endpoint; undefined when it has no price. */
export type PriceList = (
  endpoint: string | undefined,
  principal: Principal,
  isStreamed: boolean,
) => Promise<Estimate | undefined>;

const MILLION = 1_000_000;

const isAmount = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value) && value >= 0;

/** A price as an object. */
const full = (price: number | Price): Price => (typeof price === "number" ? { price } : price);

const isPrice = ({ price, units = 1 }: Price): boolean => isAmount(price) && isAmount(units);

/** What to reserve for a price that was checked. */
export function estimateOf(given: number | Price): Estimate {
  const { price, units = 1 } = full(given);
  return { cost: Math.ceil(price * units * MILLION), unit: price * MILLION };
}

/** Parses the patterns of prices that were checked; throws when one of them is for nothing that is `open`. */
export function priceList({ prices, tokenPrice }: Spending, open: readonly string[]): PriceList {
  const priceOf = typeof prices === "function" ? fromFunction(prices) : fromTable(prices, open);
  return async (endpoint, principal, isStreamed) => {
    if (endpoint === undefined) return tokenPrice === undefined ? undefined : estimateOf(tokenPrice);
    return priceOf(endpoint, principal, isStreamed);
  };
}

const fromFunction =
  (prices: Extract<Spending["prices"], Function>) =>
  async (endpoint: string, principal: Principal): Promise<Estimate | undefined> => {
    const price = await prices(endpoint, principal);
    if (price === undefined || price === null) return undefined;
    if (isPrice(full(price))) return estimateOf(price);
    throw new TypeError(
      "`limits.spending.prices` must return a number, { price, units }, or undefined for what has none.",
    );
  };

/** Of several patterns that match an endpoint, by whatever way it is called, the most expensive counts. */
function fromTable(
  prices: Record<string, number | Price>,
  open: readonly string[],
): (endpoint: string, principal: Principal, isStreamed: boolean) => Estimate | undefined {
  const estimates = Object.values(prices).map(estimateOf);
  const place = ["limits", "spending", "prices"] as const;
  const table = patternTable(Object.keys(prices), { place: [...place], covered: false, open });
  return (endpoint, _principal, isStreamed) => {
    const matching = table
      .about(endpoint, isStreamed)
      .map((place) => estimates[place])
      .filter((price) => price !== undefined);
    return matching.reduce<Estimate | undefined>(
      (most, next) => (most && most.cost >= next.cost ? most : next),
      undefined,
    );
  };
}
