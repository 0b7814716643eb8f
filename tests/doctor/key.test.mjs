/** The key itself, checked with one call that costs nothing. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { ACCOUNTS, ADMIN_KEY, KEY, KEY_ID, KEY_SECRET, LOCKED_KEY } from "../lib/keys.mjs";
import { falWasm, folderOf } from "./doctor.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());
const folder = folderOf({ "package.json": "{}", "dist/index.html": "<!doctype html>" });

/** What the doctor says about a key, and what fal saw of it. @param {Record<string, string>} env @param {string[]} [args] */
async function ask(env, args = ["--key"], url = emulator.url) {
  const before = (await emulator.seen()).requests.length;
  const preload = path("tests/lib/to-emulator.mjs");
  const options = { env: { EMULATOR: url, ...env }, preload };
  const { code, report } = await falWasm(["doctor", folder, "--json", ...args], options);
  const { said } = await falWasm(["doctor", folder, ...args], options);
  const requests = (await emulator.seen()).requests.slice(before);
  return { code, said, key: report?.key, findings: report?.findings.map(({ code }) => code), requests };
}

test("a key works, and its scope is told, by one free call each time", async () => {
  for (const { key, ...facts } of [
    { key: KEY, scope: "API" },
    { key: ADMIN_KEY, scope: "ADMIN", account: "canary" },
  ]) {
    const { code, said, key: told, findings, requests } = await ask({ FAL_KEY: key });
    assert.deepEqual([code, told, findings], [0, { works: true, ...facts }, []]);
    assert.match(said, new RegExp(`Key: fal takes it\\. Its scope is ${facts.scope}`));
    assert.equal(said.includes("Its account is canary"), facts.scope === "ADMIN");
    // Without a name it is said why there is none.
    assert.equal(
      said.includes("Which account it belongs to fal tells keys of scope ADMIN only"),
      facts.scope === "API",
    );
    assert.deepEqual(
      requests.map((/** @type {any} */ { method, host, path }) => [method, host, path]),
      Array(2).fill(["GET", "api.fal.ai", "/v1/account/billing"]),
    );
  }
  const pair = await ask({ FAL_KEY_ID: KEY_ID, FAL_KEY_SECRET: KEY_SECRET });
  assert.deepEqual(pair.key, { works: true, scope: "API" });
});

test("a key that does not work is a finding, and says why", async () => {
  const wrong = KEY.slice(0, -4) + "0000";
  for (const [env, finding] of /** @type {[Record<string, string>, string][]} */ ([
    [{ FAL_KEY: wrong }, "key_rejected"],
    [{ FAL_KEY: LOCKED_KEY }, "account_locked"],
  ])) {
    const { code, key, findings, requests } = await ask(env);
    assert.deepEqual([code, key, findings], [1, { works: false }, [finding]]);
    assert.equal(requests.length, 2);
  }
});

test("what is no key is not sent", async () => {
  for (const [env, finding] of /** @type {[Record<string, string>, string][]} */ ([
    [{}, "key_missing"],
    [{ FAL_KEY: "Key a b" }, "key_malformed"],
    [{ FAL_KEY: KEY_ID }, "key_malformed"],
    [{ FAL_KEY_ID: KEY_ID }, "key_half_missing"],
    [{ FAL_KEY_SECRET: KEY_SECRET }, "key_half_missing"],
  ])) {
    const { code, findings, requests } = await ask(env);
    assert.deepEqual([code, findings, requests], [1, [finding], []]);
  }
  const { said: half } = await ask({ FAL_KEY_ID: KEY_ID });
  assert.match(half, /one half of a key, and not the other \(FAL_KEY_SECRET\)/);
  const { said: malformed } = await ask({ FAL_KEY: KEY_ID });
  assert.match(malformed, /what the environment has as the key does not have the form of one/);
});

test("without a build there is nothing to say yes to: it ends with 2, and says build first", async () => {
  const empty = folderOf({ "package.json": "{}" });
  for (const more of [[], ["--key"]]) {
    const options = { env: { EMULATOR: emulator.url, FAL_KEY: KEY }, preload: path("tests/lib/to-emulator.mjs") };
    const { code, said } = await falWasm(["doctor", empty, ...more], options);
    assert.equal(code, 2);
    assert.match(said, /build first/);
    assert.doesNotMatch(said, /Nothing to mend/);
    assert.equal((await falWasm(["doctor", empty, "--json", ...more], options)).report?.ok, false);
  }
});

test("nothing is sent unless it is asked for", async () => {
  const { code, key, requests } = await ask({ FAL_KEY: KEY }, []);
  assert.deepEqual([code, key, requests], [0, undefined, []]);
});

test("when fal cannot be reached the key is not called bad", async () => {
  const { code, key, findings, said } = await ask({ FAL_KEY: KEY }, ["--key"], "http://127.0.0.1:9");
  assert.deepEqual([code, key, findings], [1, { works: false }, ["key_unchecked"]]);
  assert.match(said, /could not be checked/);
});
