/** The examples, as somebody has them who followed their READMEs: each in a folder, with the package installed. */

import { spawn } from "node:child_process";
import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";

import { log, path } from "../../scripts/lib/run.mjs";

/** Puts the package into a `node_modules` as installing it does. @param {string} modules */
export function install(modules) {
  rmSync(`${modules}/fal-wasm`, { recursive: true, force: true });
  for (const part of ["dist", "package.json"]) cpSync(path(part), `${modules}/fal-wasm/${part}`, { recursive: true });
}

/** A copy of an example, ready to be started. @param {string} name @param {Record<string, string>} [dependencies] Which package of ours is which of its own. */
export function copyOf(name, dependencies = {}) {
  const folder = path("target/examples", name);
  rmSync(folder, { recursive: true, force: true });
  cpSync(path("examples", name), folder, { recursive: true });
  mkdirSync(`${folder}/node_modules`);
  install(`${folder}/node_modules`);
  for (const [its, ours] of Object.entries(dependencies))
    symlinkSync(path("node_modules", ours), `${folder}/node_modules/${its}`, "junction");
  return folder;
}

/**
 * Starts a server that says where it listens.
 *
 * @param {string} program @param {string[]} args @param {{ cwd: string, env: Record<string, string> }} options
 * @returns {Promise<{ url: string, stop: () => void }>}
 */
export function serve(program, args, { cwd, env }) {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  return new Promise((done, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        log("examples", String(chunk));
        said += chunk;
        const port = /https?:\/\/[\w.[\]:]*:(\d+)/.exec(said)?.[1];
        if (port) done({ url: `http://127.0.0.1:${port}`, stop: () => child.kill() });
      });
    }
    child.on("close", (code) => failed(new Error(`${program} ended (${code}).\n${said}`)));
  });
}
