/** fal-emulator for Node: on a port, or in memory. */

import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";

import { createEmulator as create } from "./in-memory.ts";
import { serve } from "./server.ts";
import type { EmulatorServer, ServerOptions } from "./server-types.ts";
import type { InMemoryEmulator, InMemoryOptions, Platform } from "./types.d.ts";

export type * from "./server-types.ts";
export type * from "./types.d.ts";

let compiled: WebAssembly.Module | undefined;

/** The model, compiled when it is first needed. */
const wasm = (): WebAssembly.Module =>
  (compiled ??= new WebAssembly.Module(readFileSync(new URL("./emulator.wasm", import.meta.url))));

/** A page that is imitated has no `fetch`; what Node has is used then. */
const platformOf = (): Platform =>
  typeof Response === "undefined" ? (runInThisContext("globalThis") as Platform) : globalThis;

/**
 * Starts an emulator on 127.0.0.1.
 *
 * @example
 * const emulator = await startEmulator({ port: 8787 });
 * process.env.FAL_BASE_URL = emulator.url;
 * process.env.FAL_KEY = emulator.key;
 */
export const startEmulator = (options: ServerOptions = {}): Promise<EmulatorServer> => serve(wasm(), options);

/**
 * Creates an emulator in memory, without a port.
 *
 * @example
 * const emulator = createEmulator({ time: "jump" });
 * const fal = createFalClient({ credentials: emulator.key, fetch: emulator.fetch, WebSocket: emulator.WebSocket });
 */
export const createEmulator = (
  options: Omit<InMemoryOptions, "wasm"> = {},
  platform: Platform = platformOf(),
): InMemoryEmulator => create({ wasm: wasm(), ...options }, platform);
