/** React Native: bundled by Metro with its own template, run by Hermes, with the `fetch` that React Native has. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";

import { run } from "../../scripts/lib/run.mjs";
import { programs } from "./lib/programs.mjs";
import { Skipped } from "./lib/skipped.mjs";

/** Beside Metro what React Native takes its own `Headers` and `AbortController` from. */
const METRO = {
  metro: "0.87.1",
  "@react-native/metro-config": "0.88.1",
  "@babel/core": "7.29.13",
  "whatwg-fetch": "3.6.20",
  "abort-controller": "3.0.0",
};
/** The engine of React Native. */
const HERMES = { "hermes-engine-cli": "0.12.0" };
const SYSTEM = /** @type {Record<string, string>} */ ({ linux: "linux64", darwin: "osx", win32: "win64" })[
  process.platform
];

const CONFIG = `const { getDefaultConfig, mergeConfig } = require("@react-native/metro-config");
// React Native itself would be run first.
const serializer = { getModulesRunBeforeMainModule: () => [] };
module.exports = mergeConfig(getDefaultConfig(__dirname), { serializer });
`;

/**
 * What React Native adds to Hermes, as far as the package uses it. The timers of Hermes's command line do not wait, so here
 * time is what they would have waited for.
 */
const GLOBALS = `import "abort-controller/polyfill";
const soon = globalThis.setTimeout;
const timers = new Map();
let count = 0;
let now = 0;
globalThis.performance = { now: () => now };
/** Promises take turns with timers there, so a timer lets them have a hundred. */
const later = (work, turns = 100) => soon(turns > 0 ? () => later(work, turns - 1) : work);
const fire = () => {
  const [[id, { at, work } = {}] = []] = [...timers].sort(([, one], [, other]) => one.at - other.at);
  if (!timers.delete(id)) return;
  now = Math.max(now, at);
  work();
};
globalThis.setTimeout = (work, ms = 0) => {
  timers.set((count += 1), { at: now + ms, work });
  later(fire);
  return count;
};
globalThis.clearTimeout = (id) => void timers.delete(id);
globalThis.self = globalThis;
globalThis.XMLHttpRequest = class {};
globalThis.URLSearchParams ??= class {};
globalThis.FormData ??= class {};
globalThis.Blob ??= class {};
globalThis.navigator = { product: "ReactNative" };
globalThis.queueMicrotask = (work) => void Promise.resolve().then(work);
globalThis.Headers = require("whatwg-fetch").Headers;
`;

/** Its answers have no body to be read piece by piece. */
const PROGRAM = `import "./globals.js";
import { createFalClient, FalError } from "fal-wasm";

const sent = [];
const answer = (text, type = "application/json") => ({
  ok: true, status: 200, headers: new Headers({ "content-type": type }),
  text: async () => text, json: async () => JSON.parse(text),
  arrayBuffer: async () => Uint8Array.from(text, (character) => character.charCodeAt(0)).buffer,
});
let asked = 0;
const fetch = async (url, { method, headers, body }) => {
  const target = headers["x-fal-target-url"] ?? url;
  sent.push(method + " " + target);
  if (/\\/stream$/.test(target)) return answer('data: {"part": 1}\\n\\ndata: {"part": 2}\\n\\n', "text/event-stream");
  if (/\\/status/.test(target)) return answer(JSON.stringify({ status: (asked += 1) > 2 ? "COMPLETED" : "IN_PROGRESS", request_id: "r" }));
  if (/queue/.test(target) && method === "POST") return answer('{"request_id": "r"}');
  return answer(body === undefined ? '{"ok": true}' : JSON.stringify({ input: JSON.parse(body) }));
};

const sockets = [];
globalThis.WebSocket = class {
  constructor(url) {
    this.readyState = 0;
    this.frames = [];
    this.url = String(url);
    sockets.push(this);
    setTimeout(() => ((this.readyState = 1), this.onopen && this.onopen({})), 0);
  }
  send(frame) {
    this.frames.push(frame);
    // A map of one entry: "text", and the text.
    const text = [0x81, 0xa4, 0x74, 0x65, 0x78, 0x74, 0xa6, 0xe6, 0x97, 0xa5, 0xe6, 0x9c, 0xac];
    setTimeout(() => this.onmessage({ data: Uint8Array.from(text).buffer }), 0);
  }
  close() {}
};

const codeOf = (work) => Promise.resolve().then(work).then(() => "taken", (error) => (error instanceof FalError ? error.code : String(error)));
async function main() {
  const fal = createFalClient({ proxyUrl: "https://app.example/api/fal/proxy", fetch });
  const { data } = await fal.run("emulator/echo", { input: { prompt: "日本 \\u{1f30a}" } });
  const statuses = [];
  const drawn = await fal.subscribe("a/b", { input: {}, pollInterval: 1, onQueueUpdate: ({ status }) => void statuses.push(status) });
  const parts = [];
  for await (const { part } of await fal.stream("a/b", { input: {} })) parts.push(part);
  const heard = await new Promise((onResult, onError) => {
    const connection = fal.realtime.connect("a/b", { onResult, onError, tokenProvider: async () => "token" });
    connection.send({ prompt: "日本" });
  });
  return {
    prompt: data.input.prompt === "日本 \\u{1f30a}",
    drawn: drawn.data,
    statuses,
    parts,
    heard: heard.text === "日本",
    frames: sockets[0].frames.length,
    key: await codeOf(() => createFalClient({ credentials: "nobody:0123456789abcdef" })),
    inPrompt: await codeOf(() => fal.run("a/b", { input: { prompt: "11111111-2222-3333-4444-555555555555:0123456789abcdef0123456789abcdef" } })),
    id: await codeOf(() => fal.run("a", { input: {} })),
    server: await codeOf(() => require("fal-wasm/proxy")).then((said) => said.includes("belongs on a server")),
    sent: [...new Set(sent)],
  };
}
main().then((report) => print(JSON.stringify(report)), (error) => print(JSON.stringify({ error: String(error), cause: String(error.cause), stack: String(error.cause?.stack), sent })));
`;

/** @type {import("./lib/kit.mjs").Cell[]} */
export default [
  {
    name: "React Native: Metro, and Hermes without WebAssembly",
    async run(kit) {
      if (!SYSTEM) throw new Skipped(`there is no Hermes for ${process.platform}`);
      const files = {
        "package.json": "{}",
        "metro.config.js": CONFIG,
        "globals.js": GLOBALS,
        "main.js": PROGRAM,
      };
      const cwd = await kit.consumer("react-native", files, METRO);
      const hermes = await kit.consumer("hermes", {}, HERMES);
      const engine = `${hermes}/node_modules/hermes-engine-cli/${SYSTEM}-bin/hermes`;
      if (!existsSync(engine) && !existsSync(`${engine}.exe`)) throw new Skipped(`there is no ${engine}`);
      const options = ["--platform", "ios", "--dev", "false", "--out", "out.js"];
      await programs(cwd).run(["metro/src/cli.js", "build", "main.js", ...options]);
      const said = await run(engine, ["out.js"], { cwd, quiet: true });
      assert.deepEqual(JSON.parse(said), {
        prompt: true,
        drawn: { ok: true },
        statuses: ["IN_PROGRESS", "COMPLETED"],
        parts: [1, 2],
        heard: true,
        frames: 1,
        key: "credentials_in_browser",
        inPrompt: "credentials_in_browser",
        id: "invalid_endpoint_id",
        server: true,
        sent: [
          "POST https://fal.run/emulator/echo",
          "POST https://queue.fal.run/a/b",
          // Its body cannot be read as it comes, so it is asked again.
          "GET https://queue.fal.run/a/b/requests/r/status/stream?logs=0",
          "GET https://queue.fal.run/a/b/requests/r/status?logs=0",
          "GET https://queue.fal.run/a/b/requests/r",
          "POST https://fal.run/a/b/stream",
        ],
      });
    },
  },
];
