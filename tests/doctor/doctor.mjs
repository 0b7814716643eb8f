/** The command as a person calls it, in a folder made for it. Whatever it says, it never says a key. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";

import { path } from "../../scripts/lib/run.mjs";
import { formsOf, isSeen } from "../../scripts/lib/sightings.mjs";
import { ADMIN_KEY, KEY, LOCKED_KEY, OTHER_KEY } from "../lib/keys.mjs";

const KEYS = [KEY, ADMIN_KEY, OTHER_KEY, LOCKED_KEY].flatMap(formsOf);
const { FAL_KEY: _, FAL_KEY_ID: __, FAL_KEY_SECRET: ___, ...ENV } = process.env;

/** @typedef {{ code: number, said: string, report?: import("../../js/cli/types.ts").Report }} Outcome */

/**
 * Runs `fal-wasm` to its end.
 *
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, preload?: string }} [options]
 * @returns {Promise<Outcome>}
 */
export function falWasm(args, { cwd, env, preload } = {}) {
  const flags = preload ? ["--import", preload] : [];
  const main = path("dist/cli/main.js");
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...flags, main, ...args], { cwd, env: { ...ENV, ...env } }, (error, stdout, stderr) => {
      const said = stdout + stderr;
      try {
        assert.ok(!isSeen(said, KEYS), "a key was said");
        const report = args.includes("--json") && stdout ? JSON.parse(stdout) : undefined;
        resolve({ code: Number(error?.code ?? 0), said, report });
      } catch (wrong) {
        reject(wrong);
      }
    });
  });
}

/** Examines a folder, in words and in JSON, which say the same. @param {string} folder @param {string[]} [args] */
export async function examine(folder, args = []) {
  const [words, { code, report }] = await Promise.all([
    falWasm(["doctor", folder, ...args]),
    falWasm(["doctor", folder, "--json", ...args]),
  ]);
  assert.ok(report);
  assert.equal(words.code, code);
  // Where there is no build nothing was looked at that would be published.
  assert.equal(code, report.findings.length > 0 ? 1 : report.builds.length > 0 ? 0 : 2);
  assert.equal(report.ok, code === 0);
  return { words: words.said, ...report };
}

/** A folder with these files. @param {Record<string, string | Uint8Array>} files */
export function folderOf(files) {
  const folder = mkdtempSync(join(tmpdir(), "fal-wasm-doctor-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Which key it is, as a report says it. @param {string} key */
export const fingerprint = (key) => createHash("sha256").update(key).digest("hex").slice(0, 12);
