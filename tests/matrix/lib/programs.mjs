/** Programs of packages that an app has installed, on the Node that all of them bear. */

import { readFileSync } from "node:fs";

import { runOrAgain } from "../../../scripts/lib/run.mjs";
import { runtimes } from "../../../scripts/lib/setup.mjs";
import { listen, serveProgram } from "./servers.mjs";

/** No tool is to report home, to ask anything, or to look for news of itself. */
const ENV = {
  CI: "1",
  NO_COLOR: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  ASTRO_TELEMETRY_DISABLED: "1",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  NO_UPDATE_NOTIFIER: "1",
};

/** @type {ReturnType<typeof runtimes> | undefined} */
let getting;
/** The runtimes of servers, got once. */
export const theRuntimes = () => (getting ??= runtimes());

/** A port that is free now. */
async function freePort() {
  const { url, stop } = await listen(() => {});
  stop();
  return new URL(url).port;
}

/** What runs a file of a package: Node, unless it is a program of its own. @param {string} file @param {string[]} args */
async function command(file, args) {
  const isScript = readFileSync(file).subarray(0, 4).toString("latin1") !== "\x7fELF";
  return isScript ? { program: (await theRuntimes()).node, args: [file, ...args] } : { program: file, args };
}

/** @param {string} cwd An app. @param {Record<string, string>} [more] What else its environment holds. */
export const programs = (cwd, more = {}) => ({
  /** Runs a program to its end. @param {[program: string, ...string[]]} parts A file below `node_modules`, and its arguments. */
  async run([file, ...rest]) {
    const { program, args } = await command(`${cwd}/node_modules/${file}`, rest);
    return runOrAgain(program, args, { cwd, env: { ...ENV, ...more } }).catch((error) => {
      const lines = error.message.split("\n").slice(1);
      const telling = lines.find((/** @type {string} */ line) => /error|fail|cannot/i.test(line)) ?? "it says nothing";
      throw new Error(`${file}: ${telling.trim()}\n${error.message}`);
    });
  },

  /** Starts a program that serves, and waits for its first answer. @param {(port: string) => [program: string, ...string[]]} parts */
  async serve(parts) {
    const port = await freePort();
    const [file, ...rest] = parts(port);
    const { program, args } = await command(`${cwd}/node_modules/${file}`, rest);
    return serveProgram(program, args, { cwd, env: { ...ENV, PORT: port, ...more }, port });
  },
});
