/** The examples, as somebody has them who followed their READMEs: each in a folder, with the package installed. */

import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";

import { path } from "../../scripts/lib/run.mjs";
import { startServer } from "./served.mjs";

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
 */
export const serve = (program, args, options) =>
  startServer(program, args, { ...options, logs: "examples" }, (said) => {
    const port = /https?:\/\/[\w.[\]:]*:(\d+)/.exec(said)?.[1];
    return port && `http://127.0.0.1:${port}`;
  });
