/** Rotating a key: killed wherever it is, the key that is deployed works, and rotating again leaves one. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";

import { createPlatformClient } from "fal-wasm/platform";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, ADMIN_KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
const folder = mkdtempSync(join(tmpdir(), "rotation-"));
after(() => {
  emulator.stop();
  rmSync(folder, { recursive: true });
});

const ALIAS = "shop";

/** @param {any} [config] @returns {any} */
const client = (config) => createPlatformClient({ credentials: ADMIN_KEY, fetch: emulator.fetch, ...config });

/** Whether fal takes a key. @param {string} key */
const works = (key) =>
  client({ credentials: key })
    .GET("/storage/settings")
    .then(
      () => true,
      () => false,
    );

/** The keys of the alias. @returns {Promise<string[]>} */
async function ids() {
  const found = [];
  for await (const { alias, key_id: id } of client().keys.list()) if (alias === ALIAS) found.push(id);
  return found;
}

/** Rotates in a process of its own that is killed at this moment; resolves to whether it was. @param {string} file @param {number} moment */
function rotateUntil(file, moment) {
  const env = {
    ...process.env,
    EMULATOR: emulator.url,
    FAL_KEY: ADMIN_KEY,
    DEPLOYED: file,
    MOMENT: String(moment),
    ALIAS,
  };
  const child = spawn(process.execPath, [path("tests/node/rotate.mjs")], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  return new Promise((done) => child.on("close", (_code, signal) => done(signal === "SIGKILL")));
}

test("killed at every moment, it leaves a working key, and the next run leaves exactly one", async () => {
  const file = join(folder, "key");
  let kills = 0;
  for (let moment = 0; ; moment += 1) {
    await emulator.control({ reset: true });
    writeFileSync(file, (await client().keys.create(ALIAS)).key);
    const killed = await rotateUntil(file, moment);
    assert.ok(await works(readFileSync(file, "utf8")), `after moment ${moment} nothing works`);
    if (!killed) break;
    kills += 1;
    const deploy = (/** @type {any} */ { key }) => writeFileSync(file, key);
    const { keyId, kept } = await client().keys.rotate({ alias: ALIAS, deploy });
    assert.ok(await works(readFileSync(file, "utf8")), `after moment ${moment} and once more nothing works`);
    assert.deepEqual([await ids(), kept], [[keyId], []], `after moment ${moment}`);
  }
  // Before and after each request, and before and after each callback.
  assert.equal(kills, 14);
  assert.equal((await ids()).length, 1);
});

test("whatever fails, the old key works, and it goes on from there with the same new key", async () => {
  /** @type {string[]} */
  const secrets = [];
  const good = { alias: ALIAS, deploy: (/** @type {any} */ { key }) => void secrets.push(key) };
  const broken = (/** @type {string} */ what) => () => {
    throw new Error(`${what} is broken`);
  };
  const faults = (/** @type {any} */ matching) => [
    { match: { path_contains: "/v1/", ...matching }, then: { status: 500 } },
  ];
  const cases = {
    create: { faults: faults({ method: "POST" }) },
    deploy: { options: { deploy: broken("deploy") } },
    verify: { options: { verify: () => false } },
    revoke: { faults: faults({ method: "DELETE" }) },
  };
  for (const [step, { faults = [], options = {} }] of Object.entries(/** @type {Record<string, any>} */ (cases))) {
    await emulator.control({ reset: true });
    secrets.splice(0);
    const old = await client().keys.create(ALIAS);
    await emulator.control({ faults });
    let fails = true;
    const once = Object.fromEntries(
      Object.entries(options).map(([name, own]) => [
        name,
        (/** @type {any} */ made) => (fails ? own(made) : /** @type {any} */ (good)[name]?.(made)),
      ]),
    );
    const error = await failureOf(client().keys.rotate({ ...good, ...once }));
    assert.deepEqual([error.code, error.step, error.retryable], ["rotation_stopped", step, true]);
    assert.ok(await works(old.key), step);
    for (const secret of secrets) assert.ok(!JSON.stringify(error).includes(secret) && !error.stack.includes(secret));
    fails = false;
    const { keyId, revoked } = await error.resume();
    assert.deepEqual([await ids(), revoked], [[keyId], [old.key_id]], step);
    assert.ok(await works(/** @type {string} */ (secrets.at(-1))), step);
    assert.equal(new Set(secrets).size, 1, "the secret was shown for two keys");
  }
});

test("a new key that fal does not know stops it before anything is revoked", async () => {
  const old = await client().keys.create(ALIAS);
  const faults = [{ match: { path_contains: "by-endpoint" }, then: { status: 401 } }];
  await emulator.control({ faults });
  const error = await failureOf(client().keys.rotate({ alias: ALIAS, deploy: () => {} }));
  assert.deepEqual([error.step, error.cause.status], ["verify", 401]);
  assert.ok(await works(old.key));
});

test("old keys are kept where that is wanted", async () => {
  const first = await client().keys.create(ALIAS);
  const second = await client().keys.create(ALIAS);
  const deploy = () => {};
  const all = await client().keys.rotate({ alias: ALIAS, deploy, revokeOld: false });
  assert.deepEqual([all.revoked, all.kept], [[], [first.key_id, second.key_id]]);
  const revokeOld = (/** @type {any} */ { key_id: id }) => id === first.key_id;
  const one = await client().keys.rotate({ alias: ALIAS, deploy, revokeOld });
  assert.deepEqual([one.revoked, one.kept], [[first.key_id], [second.key_id, all.keyId]]);
});

test("without an alias or a way to deploy nothing is made", async () => {
  const deploy = () => {};
  for (const options of [
    undefined,
    {},
    { alias: "" },
    { alias: "a" },
    { alias: "a", deploy: 1 },
    { alias: "a", deploy, create: 1 },
    { alias: "a", deploy, keepOld: true },
  ])
    assert.equal((await failureOf(client().keys.rotate(options))).code, "invalid_option");
});

test("an alias that no key has is an error that names those there are, and nothing is made", async () => {
  await client().keys.create("shop");
  await client().keys.create("blog");
  let deployed = 0;
  const deploy = () => void (deployed += 1);
  const error = await failureOf(client().keys.rotate({ alias: "shp", deploy }));
  assert.deepEqual([error.code, error.retryable], ["key_not_found", false]);
  assert.match(error.message, /did you mean "shop"\?.*"shop", "blog"|did you mean "shop"\?.*"blog", "shop"/);
  assert.match(error.message, /create: true/);
  assert.equal(deployed, 0);
  const all = [];
  for await (const { alias } of client().keys.list()) all.push(alias);
  assert.ok(!all.includes("shp"));
  const { keyId, revoked, kept } = await client().keys.rotate({ alias: "shp", deploy, create: true });
  assert.deepEqual([deployed, revoked, kept], [1, [], []]);
  assert.ok(keyId);
});

test("a rotation that stopped names the new key and what becomes of it", async () => {
  const old = await client().keys.create(ALIAS);
  const broken = () => {
    throw new Error("the pipeline is down.");
  };
  const error = await failureOf(client().keys.rotate({ alias: ALIAS, deploy: broken }));
  const [orphan] = (await ids()).filter((id) => id !== old.key_id);
  assert.equal(error.keyId, orphan);
  assert.match(error.message, new RegExp(`stopped at "deploy": the pipeline is down\\. .*${orphan} exists`));
  assert.ok(error.message.includes(`keys.revoke("${orphan}")`));
  await client().keys.revoke(error.keyId);
  assert.deepEqual(await ids(), [old.key_id]);
  const early = await failureOf(
    client({ fetch: async () => new Response("{}", { status: 500 }), retry: { maxRetries: 0 } }).keys.rotate({
      alias: ALIAS,
      deploy: broken,
    }),
  );
  assert.deepEqual([early.step, early.keyId], ["look", undefined]);
});

test("somebody else who rotates the same alias is noticed, and nothing is revoked", async () => {
  const old = await client().keys.create(ALIAS);
  let other = "";
  const deploy = async () => void (other = (await client().keys.create(ALIAS)).key_id);
  const error = await failureOf(client().keys.rotate({ alias: ALIAS, deploy }));
  assert.deepEqual([error.step, /somebody else/.test(error.message)], ["verify", true]);
  assert.deepEqual((await ids()).sort(), [old.key_id, error.keyId, other].sort());
  await client().keys.revoke(other);
  assert.deepEqual((await error.resume()).revoked, [old.key_id]);
});

test("answers that are lost after fal has acted: rotating goes on, and one key is left", async () => {
  for (let lost = 1; ; lost += 1) {
    await emulator.control({ reset: true });
    let current = (await client().keys.create(ALIAS)).key;
    let count = 0;
    const fetch = async (/** @type {any} */ url, /** @type {any} */ init) => {
      const response = await emulator.fetch(url, init);
      if ((count += 1) !== lost) return response;
      await response.arrayBuffer().catch(() => {});
      throw new TypeError("the connection was reset");
    };
    const rotating = client({ fetch, retry: { maxRetries: 0 } }).keys.rotate({
      alias: ALIAS,
      deploy: (/** @type {any} */ { key }) => void (current = key),
    });
    const error = await rotating.then(
      () => undefined,
      (/** @type {any} */ error) => error,
    );
    assert.ok(await works(current), `after losing answer ${lost}`);
    if (error) await error.resume();
    assert.ok(await works(current), `after losing answer ${lost} and going on`);
    assert.equal((await ids()).length, 1, `after losing answer ${lost}`);
    if (count < lost) break;
  }
});
