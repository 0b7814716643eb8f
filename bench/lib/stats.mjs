/** Taking turns, and what can be said of the times that came of it. */

/** @typedef {Record<string, number[]>} Samples One list a side, in the order of the rounds. */

/**
 * Lets each side take its turn, round after round: forwards in one, backwards in the next, so that whatever drifts (the heat of the
 * machine, other programs) drifts for all of them. The young garbage of one is collected before the other's turn. A whole collection would
 * also throw away what the machine has learned of the code, and make whoever has more code learn more of it again.
 *
 * @template {string} Side
 * @param {Record<Side, () => number | Promise<number>>} sides Each takes one measurement and returns it.
 * @param {{ rounds: number, warm?: number }} options `warm` rounds come first and are forgotten.
 * @returns {Promise<Record<Side, number[]>>}
 */
export async function alternate(sides, { rounds, warm = 1 }) {
  const names = /** @type {Side[]} */ (Object.keys(sides));
  /** @type {any} */
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -warm; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      collect("minor");
      const value = await sides[name]();
      if (!Number.isFinite(value)) throw new Error(`${name} measured ${value}.`);
      if (round >= 0) samples[name].push(value);
    }
  }
  return samples;
}

/** Collects garbage; needs `--expose-gc`. @param {"minor" | "major"} type */
export function collect(type = "major") {
  if (!globalThis.gc) throw new Error("Benchmarks run with --expose-gc: use npm run bench.");
  globalThis.gc(/** @type {any} */ ({ type, execution: "sync" }));
}

/** A value with so much of the list below it. @param {number[]} values @param {number} part Between 0 and 1. */
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const [low, high] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN];
  return low + (high - low) * (at - Math.floor(at));
}

/** @param {number[]} values */
export const median = (values) => quantile(values, 0.5);

/**
 * How two sides compare: the ratio of each round's two turns, its median and quartiles. A list of one value is the same in all
 * rounds.
 *
 * @param {number[]} ours @param {number[]} theirs
 */
export function ratioOf(ours, theirs) {
  const ratios = ours.map((value, round) => value / (theirs[theirs.length === 1 ? 0 : round] ?? NaN));
  return { median: median(ratios), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75), rounds: ratios.length };
}

/** Milliseconds that something takes. @param {() => any} work */
export async function msOf(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
