/** The edge build where it does not belong, and where polyfills make it look as if it did. */

import { LEAKED } from "./refusals.js";

/** What bundlers and test tools put into a global. */
const POLYFILLS = {
  process: Object.assign(Object.create({ [Symbol.toStringTag]: "process" }), {
    versions: { node: "20.0.0" },
    env: { FAL_KEY: LEAKED },
  }),
  Deno: { version: { deno: "2.0.0" }, env: { get: () => LEAKED } },
  Bun: { version: "1.0.0" },
  EdgeRuntime: "edge-runtime",
  WebSocketPair: class {},
};

/** @param {() => any} attempt */
async function codeOf(attempt) {
  try {
    await attempt();
    return "it went through";
  } catch (error) {
    return error.code;
  }
}

export async function tryEdge() {
  for (const [name, value] of Object.entries(POLYFILLS))
    Object.defineProperty(globalThis, name, { value, configurable: true });
  try {
    const { createFalClient, createFalProxy } = await import("./edge.js");
    const policy = { authenticate: () => ({ id: "x" }), allowedEndpoints: ["a/b"] };
    return {
      credentials: await codeOf(() => createFalClient({ credentials: LEAKED })),
      env: await codeOf(() => createFalClient({ env: { FAL_KEY: LEAKED } })),
      proxyUrl: await codeOf(() => createFalClient({ proxyUrl: `/x?key=${LEAKED}` })),
      header: await codeOf(() => createFalClient({ proxyUrl: "/x" }).run("a/b", { headers: { "x-a": LEAKED } })),
      proxy: await codeOf(() => createFalProxy({ ...policy, credentials: LEAKED })),
      ambient: await codeOf(() => createFalClient().run("emulator/echo")),
      throughTheProxy: await codeOf(() =>
        createFalClient({ proxyUrl: "/api/fal/proxy" }).run("emulator/echo", { input: {} }),
      ),
    };
  } finally {
    for (const name of Object.keys(POLYFILLS)) Reflect.deleteProperty(globalThis, name);
  }
}
