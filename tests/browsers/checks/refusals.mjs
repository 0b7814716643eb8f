/** Keys in a browser: refused wherever its programs run. */

import assert from "node:assert/strict";

import { build } from "esbuild";

import { path } from "../../../scripts/lib/run.mjs";

/** The edge build, as a bundler that was told the wrong thing would bring it into a page. @param {string} site */
export const addEdge = (site) =>
  build({
    stdin: { contents: 'export * from "fal-wasm"; export * from "fal-wasm/proxy";', resolveDir: path(".") },
    outfile: `${site}/edge.js`,
    bundle: true,
    format: "esm",
    platform: "neutral",
    conditions: ["node"],
  });

/** @param {any[]} results @param {string} place */
function assertRefused(results, place) {
  assert.ok(results.length > 50, `${results.length} attempts`);
  for (const { name, left, code, class: kind, echoes, helps } of results) {
    assert.deepEqual(
      [left, code, kind, echoes, helps],
      [0, "credentials_in_browser", "CredentialsError", false, true],
      `${place}: ${name}`,
    );
  }
}

/** @param {any} emulator */
const sentToFal = async (emulator) => (await emulator.seen()).requests.length;

/** @type {Record<string, import("./index.mjs").Check>} */
export const refusals = {
  "a key is refused in a page": async ({ emulator, inPage }) => {
    assertRefused(await inPage("refusals.js", "tryEverything"), "page");
    assert.equal(await sentToFal(emulator), 0);
  },

  "a key that no look at the options finds is seen in the request, and does not leave": async ({
    emulator,
    inPage,
  }) => {
    assertRefused(await inPage("refusals.js", "tryHidden"), "page");
    for (const { name, expected, left, code, echoes } of await inPage("refusals.js", "tryImpossible"))
      assert.deepEqual([left, code, echoes], [0, expected, false], name);
    assert.deepEqual(await inPage("refusals.js", "tryInherited"), []);
    assert.equal(await sentToFal(emulator), 0);
  },

  "a key is refused in a dedicated worker": async ({ emulator, call }) => {
    const results = await call(
      () =>
        new Promise(
          (resolve) => (new Worker("/dedicated.js", { type: "module" }).onmessage = ({ data }) => resolve(data)),
        ),
    );
    assertRefused(/** @type {any} */ (results), "dedicated worker");
    assert.equal(await sentToFal(emulator), 0);
  },

  "a key is refused in a service worker": async ({ emulator, call }) => {
    const results = await call(async () => {
      const registration = await navigator.serviceWorker.register("/service.js", {
        type: "module",
        scope: "/nowhere/",
      });
      const service = registration.installing ?? registration.waiting ?? registration.active;
      await new Promise((resolve) =>
        service?.state === "activated"
          ? resolve(0)
          : service?.addEventListener("statechange", () => service.state === "activated" && resolve(0)),
      );
      const answer = new Promise((resolve) => (navigator.serviceWorker.onmessage = ({ data }) => resolve(data)));
      service?.postMessage("go");
      const results = await answer;
      await registration.unregister();
      return results;
    });
    assertRefused(/** @type {any} */ (results), "service worker");
    assert.equal(await sentToFal(emulator), 0);
  },

  "the edge build refuses, too, where it does not belong, whatever a polyfill pretends": async ({ inPage, call }) => {
    const inWorker = () =>
      new Promise(
        (resolve) => (new Worker("/dedicated-edge.js", { type: "module" }).onmessage = ({ data }) => resolve(data)),
      );
    for (const told of [await inPage("edge-refusals.js", "tryEdge"), await call(inWorker)]) {
      const { ambient, throughTheProxy, ...refused } = /** @type {any} */ (told);
      for (const [name, code] of Object.entries(refused)) assert.equal(code, "credentials_in_browser", name);
      assert.equal(ambient, "proxy_url_missing", "the key of the environment is not read");
      assert.equal(throughTheProxy, "it went through");
    }
  },

  "what is no key passes": async ({ inPage }) => {
    assert.equal(await inPage("refusals.js", "tryHarmless"), 5);
  },
};
