/** What a call will cost, before it is made. */

import { patternsFor } from "#core";
import { callCore } from "../core/call-core.ts";
import { invalidOption } from "../client/options.ts";

/** @typedef {import("../types/limits.d.ts").Price} Price */
/** @typedef {import("../types/limits.d.ts").Spending} Spending */

/** In millionths: what is reserved, and what one unit costs. @typedef {{ cost: number, unit: number }} Estimate */

const MILLION = 1_000_000;

/** @param {any} price */
const isPrice = ({ price, units = 1 }) => [price, units].every((number) => Number.isFinite(number) && number >= 0);

/** A price as an object. @param {number | Price} price @returns {Price} */
const full = (price) => (typeof price === "number" ? { price } : price);

/** Checks a price table. @param {Spending} spending */
export function checkPrices({ prices, tokenPrice = 0 }) {
  if (!isPrice({ price: tokenPrice })) invalidOption("limits");
  if (typeof prices === "function") return;
  if (typeof prices !== "object" || prices === null || !Object.values(prices).map(full).every(isPrice))
    invalidOption("limits");
  patternsFor(Object.keys(prices), "");
}

/**
 * What to reserve for a call; null when nobody knows. Of several patterns that fit, the most expensive counts.
 *
 * @param {import("../proxy/call.ts").Visit} visit @param {Spending} spending
 * @returns {Promise<Estimate | null>}
 */
export async function estimateFor({ facts: { endpoint }, principal }, { prices, tokenPrice }) {
  if (endpoint === undefined) return tokenPrice === undefined ? null : estimate(tokenPrice);
  if (typeof prices === "function") {
    const price = await prices(endpoint, principal);
    return price !== undefined && price !== null && isPrice(full(price)) ? estimate(price) : null;
  }
  const table = Object.values(prices);
  const fitting = [...callCore(() => patternsFor(Object.keys(prices), endpoint))].map((place) => estimate(table[place]));
  return fitting.reduce((most, next) => (most && most.cost >= next.cost ? most : next), /** @type {any} */ (null));
}

/** @param {number | Price} given @returns {Estimate} */
function estimate(given) {
  const { price, units = 1 } = full(given);
  return { cost: Math.ceil(price * units * MILLION), unit: price * MILLION };
}
