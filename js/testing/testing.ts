/** fal in the memory of a test: no port, no waiting, and faults on demand. What it does is up to the package `fal-emulator`. */

import type { Command } from "fal-emulator";

import { createFalClient } from "../client/client.ts";
import { onlyKnown } from "../client/checks.ts";
import { callCore } from "../core/call-core.ts";
import { createFalProxy } from "../proxy/proxy.ts";
import type { TestFal, TestFalOptions } from "./types.ts";

const PROXY_URL = "https://app.test/api/fal/proxy";

const OPTIONS = ["time", "seed", "settings", "client", "proxy", "onWebhook"];

/** What is used of the package. */
interface Emulator {
  createEmulator(options: object): Pick<TestFal, "fetch" | "report" | "control" | "close"> & {
    WebSocket: new (url: any, options?: any) => any;
    key: string;
  };
}

async function load(): Promise<Emulator> {
  try {
    return (await import("fal-emulator")) as unknown as Emulator;
  } catch (cause) {
    throw new Error(
      "fal-wasm/testing needs the package fal-emulator, which could not be loaded: npm install --save-dev fal-emulator",
      { cause },
    );
  }
}

/**
 * Creates fal in memory. Throws what is wrong with the options, and how to get the package that it needs.
 *
 * @example
 * const test = await createTestFal();
 * const { data } = await test.fal.subscribe("fal-ai/flux/dev", { input: { prompt: "a cat" } });
 * test.faults({ match: { host: "queue.fal.run" }, then: { status: 503 } });
 */
export async function createTestFal(options: TestFalOptions = {}): Promise<TestFal> {
  callCore(() => onlyKnown(options, OPTIONS));
  const { time = "jump", seed = 1, settings = {}, client = {}, proxy = {}, onWebhook } = options;
  const { createEmulator } = await load();
  const emulator = createEmulator({ time, seed, settings, onWebhook });
  const { key, fetch, WebSocket } = emulator;
  const server = {
    credentials: key,
    fetch,
    WebSocket,
    retry: { baseDelay: 1, maxDelay: 1, ...client.retry },
    dangerouslyTreatAsServer: "a test",
  };
  const control = (command: Command): void => emulator.control(command);
  let handler: ReturnType<typeof createFalProxy> | undefined;
  const throughProxy: TestFal["fetch"] = async (input, { signal, ...init } = {}) => {
    if (typeof Request === "undefined")
      throw new Error(
        "`page` needs `fetch` and its like, which this environment lacks: take jest-fixed-jsdom, or Vitest.",
      );
    handler ??= createFalProxy({
      authenticate: () => ({ id: "test" }),
      allowedEndpoints: ["fal-ai/**", "emulator/**", "workflows/emulator/**", "comfy/emulator/**"],
      realtimeTokens: true,
      credentials: key,
      fetch,
      dangerouslyTreatAsServer: "a test",
      ...proxy,
    });
    const headers = { ...init.headers, origin: new URL(PROXY_URL).origin };
    return String(input) === PROXY_URL
      ? handler(new Request(PROXY_URL, { ...init, signal, headers }))
      : fetch(input, { ...init, signal });
  };
  return {
    fal: createFalClient({ ...client, ...server }),
    key,
    server,
    page: { proxyUrl: PROXY_URL, fetch: throughProxy },
    fetch,
    advance: (ms) => control({ advance_ms: ms }),
    faults: (...faults) => control({ faults }),
    control,
    requests: () => emulator.report().requests,
    report: () => emulator.report(),
    reset: () => control({ reset: true }),
    close: () => emulator.close(),
  };
}
