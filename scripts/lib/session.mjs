/**
 * The machine of sessions (`src/session`) as JavaScript, for every build: 3.2 kB that only pages with a session load. As WebAssembly
 * it would be 3.3 kB with what loads it, and a page whose policy forbids WebAssembly could not have it.
 */

import { cpSync, mkdirSync } from "node:fs";

import { compileToJs, instanceSource } from "./no-wasm.mjs";
import { path, run } from "./run.mjs";

/** Where it is made. */
export const SESSION = "target/pkg/session";
const TARGET = "wasm32-unknown-unknown";

/** Rust to WebAssembly to JavaScript. @param {Record<string, string>} env */
export async function compileSession(env) {
  mkdirSync(path(SESSION), { recursive: true });
  const flags = ["--locked", "--profile", "wasm", "--target", TARGET, "-p", "fal-wasm-session"];
  await run("cargo", ["build", ...flags, "--target-dir", path("target")], { quiet: true, env });
  cpSync(path("target", TARGET, "wasm/fal_wasm_session.wasm"), path(SESSION, "session.wasm"));
  await compileToJs(path(SESSION, "session.wasm"), path(SESSION));
}

/** The module that makes an instance. */
export const sessionModule = () => `// Made by wasm2js from the machine of sessions: one instance is one session.
class Trap extends Error {}
${instanceSource(path(SESSION))}
export const sessionMachine = () => asmFunc();
`;
