/** Rows of the table: what was measured, of whom, and whether the goal is met. */

import { median, ratioOf } from "./stats.mjs";

/**
 * @typedef {object} Row
 * @property {string} what
 * @property {string} unit
 * @property {number} ours Medians, these three.
 * @property {number} [theirs]
 * @property {number} [floor] What the same costs without any client.
 * @property {{ median: number, low: number, high: number, rounds: number }} [ratio] Ours / theirs, round by round.
 * @property {string} [goal]
 * @property {boolean} [met]
 */

/** @typedef {{ most?: number, least?: number, alone?: boolean }} Goal `alone`: it is for our own figure, not for the ratio. */

/**
 * A row. A goal is for the ratio of ours to theirs, or for our own median.
 *
 * @param {string} what @param {string} unit @param {{ ours: number[], theirs?: number[], floor?: number[] }} samples
 * @param {Goal} [goal]
 * @returns {Row}
 */
export function rowOf(what, unit, { ours, theirs, floor }, goal) {
  const ratio = theirs && !goal?.alone ? ratioOf(ours, theirs) : undefined;
  const judged = goal?.alone ? median(ours) : ratio?.median;
  return {
    what,
    unit,
    ours: median(ours),
    theirs: theirs && median(theirs),
    floor: floor && median(floor),
    ratio,
    ...(goal && judged !== undefined && { goal: wordsOf(goal, unit), met: isMet(goal, judged) }),
  };
}

/** @param {Goal} goal @param {number} value */
const isMet = ({ most = Infinity, least = -Infinity }, value) => value <= most && value >= least;

/** @param {Goal} goal @param {string} unit */
const wordsOf = ({ most, least, alone }, unit) =>
  `${least === undefined ? `≤ ${most}` : `≥ ${least}`}${alone ? ` ${unit}` : ""}`;

/** Three digits are all that is true of a time. What is too short to be counted is not a number. @param {number | null | undefined} value */
function digits(value) {
  if (value === undefined || value === null) return "";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}

const HEAD = ["what", "unit", "ours", "theirs", "floor", "ours / theirs (quartiles; rounds)", "goal", ""];

/** The rows as a table of Markdown, in columns that also a terminal shows as such. @param {Row[]} rows */
export function tableOf(rows) {
  const lines = rows.map(({ what, unit, ours, theirs, floor, ratio, goal, met }) => [
    what,
    unit,
    digits(ours),
    digits(theirs),
    digits(floor),
    ratio ? `${digits(ratio.median)} (${digits(ratio.low)}–${digits(ratio.high)}; ${ratio.rounds})` : "",
    goal ?? "",
    met === undefined ? "" : met ? "met" : "missed",
  ]);
  const all = [HEAD, ...lines];
  const widths = HEAD.map((_, column) => Math.max(3, ...all.map((line) => [...(line[column] ?? "")].length)));
  const text = (/** @type {string[]} */ line) =>
    `| ${line.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - [...cell].length)).join(" | ")} |`;
  return [text(HEAD), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...lines.map(text)].join("\n");
}
