/**
 * Starting the emulator: that of the npm package, or with `EMULATOR_SERVER=native` the one that Rust serves. Both have the same
 * model, and the same tests.
 */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { emulatorPackage } from "./emulator-package.mjs";
import { UserError, log } from "./run.mjs";
import { emulator as native } from "./setup.mjs";

/** Which server there is: `"npm"` or `"native"`. @returns {Promise<[program: string, ...args: string[]]>} */
async function server(kind = process.env.EMULATOR_SERVER || "npm") {
  if (kind === "native") return [await native()];
  if (kind === "npm") return [process.execPath, `${await emulatorPackage()}/dist/cli.js`];
  throw new UserError(`EMULATOR_SERVER is "npm" or "native", not "${kind}".`);
}

/**
 * Starts the emulator on a free port. It ends with this process.
 *
 * @param {{ keys?: string, logins?: string, kind?: "npm" | "native" }} [options] `keys` and login tokens as its README describes
 *   them; `kind` where only one server will do.
 */
export async function startEmulator({ keys, logins, kind } = {}) {
  const [program, ...args] = await server(kind);
  const given = { FAL_EMULATOR_KEYS: keys, FAL_EMULATOR_LOGINS: logins };
  const env = { ...process.env, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value)) };
  const flags = [...args, "--port", "0", "--exit-with-parent"];
  const child = spawn(program, flags, { env, stdio: ["pipe", "pipe", "pipe"] });
  createInterface({ input: child.stderr }).on("line", (line) => log("emulator", line));
  const first = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`The emulator ended at once (${code}).`)));
  });
  const { url } = JSON.parse(first);
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) /** @type {any} */ (stream).unref?.();
  return {
    url,
    /** Changes its clock, its queue, its faults. @param {object} wish */
    async control(wish) {
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${url}/__control`, { method: "POST", headers, body: JSON.stringify(wish) });
      if (!response.ok) throw new Error(`The emulator refused: ${await response.text()}`);
    },
    /** What it has seen. @returns {Promise<any>} */
    seen: async () => (await fetch(`${url}/__control`)).json(),
    /** A `fetch` that takes what is meant for fal to the emulator. @param {any} input @param {any} [init] */
    fetch: (input, init) => fetch(redirected(String(input), url), init),
    stop: () => child.kill(),
  };
}

/** fal's address, at the emulator. @param {string} address @param {string} emulator */
export const redirected = (address, emulator) =>
  address.replace(/^https:\/\/([a-z0-9.]*fal\.(?:run|ai|media))(?=\/)/, `${emulator}/$1`);
