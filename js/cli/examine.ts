/** An examination: everything that is looked at, and what was found. */

import { entries } from "./entries.ts";
import { habits } from "./habits.ts";
import { checkKey } from "./key.ts";
import { buildsOf, filesOf, projectOf } from "./places.ts";
import { inFile, keysIn } from "./search.ts";

/**
 * Something to mend.
 *
 * @typedef {object} Finding
 * @property {string} code
 * @property {string} [file] Below the project; with a colon before the source that a source map or an archive holds.
 * @property {number} [line] From 1, as the column.
 * @property {number} [column]
 * @property {string} [how] How it is written there, when it is not plain.
 * @property {string} [fingerprint] The first characters of the SHA-256 of a key: enough to tell which one it is.
 * @property {string} [detail] A name, never a value.
 */

/**
 * @typedef {object} Report
 * @property {boolean} ok
 * @property {string} folder
 * @property {{ folder: string, files: number, bytes: number }[]} builds
 * @property {Record<string, string>} entries Which build of the package each place gets; empty when it is not installed.
 * @property {boolean} git Whether git could say which files it has.
 * @property {{ works: boolean, scope?: "API" | "ADMIN" }} [key]
 * @property {Finding[]} findings
 */

/** A text that can be shown: on one line, and without a key. Also the name of a file may be one. @param {string} text */
function shown(text) {
  const keys = [...keysIn(text)].map(({ key }) => key);
  const safe = keys.reduce(
    (safe, key) => safe.replaceAll(key, "[key]").replaceAll(encodeURIComponent(key), "[key]"),
    text,
  );
  return safe.replace(/[\p{Cc}\p{Cf}]/gu, "?");
}

/** The same with every text in it shown. @template T @param {T} value @returns {T} */
const withTextsShown = (value) =>
  JSON.parse(JSON.stringify(value), (_, part) => (typeof part === "string" ? shown(part) : part));

/** @param {string} folder @param {{ key: boolean }} wanted @returns {Promise<Report>} */
export async function examine(folder, { key }) {
  const project = projectOf(folder);
  /** @type {Finding[]} */
  const findings = [];
  const builds = buildsOf(folder).map((build) => {
    const counted = { folder: build.name, files: 0, bytes: 0 };
    for (const file of filesOf(build)) {
      counted.files += 1;
      counted.bytes += file.size;
      findings.push(...inFile(file));
    }
    return counted;
  });
  const installed = entries(project);
  const kept = habits(project);
  findings.push(...installed.findings, ...kept.findings);
  const asked = key ? await checkKey() : undefined;
  findings.push(...(asked?.findings ?? []));
  return withTextsShown({
    ok: findings.length === 0,
    folder: project,
    builds,
    entries: installed.entries,
    git: kept.git,
    ...(asked && { key: asked.key }),
    findings,
  });
}
