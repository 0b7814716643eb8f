/** The command line: keys, models and usage, for people and for scripts. A secret is shown once, and only where that is meant. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";

import { startCli } from "../lib/cli.mjs";
import { KEY } from "../lib/keys.mjs";

const { emulator, folder, cli } = await startCli();
beforeEach(() => emulator.control({ reset: true }));

test("keys are made, listed and revoked", async () => {
  const made = await cli(["keys", "create", "shop", "--show-secret", "--json"]);
  const { key_id: id, key } = JSON.parse(made.out);
  const { out } = await cli(["keys", "list"]);
  assert.match(out, /^id +alias +created\n/);
  assert.match(out, new RegExp(`^${id} +shop +\\d{4}-`, "m"));
  assert.ok(!out.includes(key.split(":")[1]));
  assert.deepEqual(await cli(["keys", "revoke", id]), { code: 0, out: `Revoked ${id}.\n`, err: "" });
  assert.deepEqual(
    JSON.parse((await cli(["keys", "list", "--json"])).out).filter((/** @type {any} */ each) => each.key_id === id),
    [],
  );
});

test("where nobody would see the secret no key is made, unless that is meant", async () => {
  const { code, out, err } = await cli(["keys", "create", "shop"]);
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /--show-secret/);
  assert.doesNotMatch((await cli(["keys", "list"])).out, /shop/);
});

test("rotating hands the new key to a command, and revokes when that went well", async () => {
  const file = join(folder, "key");
  const { out: first } = await cli(["keys", "create", "shop", "--show-secret"]);
  const failed = await cli(["keys", "rotate", "shop", "--deploy", "exit 3"]);
  assert.equal(failed.code, 1);
  assert.match(failed.err, /stopped at "deploy".*the old one still works/);
  const { code, out } = await cli(["keys", "rotate", "shop", "--deploy", `cat > '${file}'`]);
  const deployed = readFileSync(file, "utf8").trim();
  assert.equal(code, 0);
  assert.ok(!out.includes(deployed.split(":")[1] ?? "?") && out.includes(deployed.split(":")[0] ?? "?"));
  const works = (/** @type {string} */ key) =>
    createFalClient({ credentials: key, fetch: emulator.fetch }).run("emulator/echo", { input: {} });
  await works(deployed);
  await assert.rejects(works(first.trim()), { code: "unauthorized" });
});

test("models and usage, as tables and as JSON", async () => {
  await createFalClient({ credentials: KEY, fetch: emulator.fetch }).run("emulator/echo", { input: {} });
  const models = await cli(["models", "flux", "--limit", "2"], KEY);
  assert.equal(models.out.trim().split("\n").length, 3);
  assert.equal(JSON.parse((await cli(["models", "--json"], KEY)).out).length > 10, true);
  const { out } = await cli(["usage"]);
  assert.match(out, /emulator\/echo +1 image +0\.\d{4} USD/);
});

test("a key that may not is told which one may; nonsense is told how it is done", async () => {
  const refused = await cli(["usage"], KEY);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /ADMIN.*fal\.ai\/dashboard\/keys/);
  for (const args of [
    ["keys"],
    ["keys", "delete"],
    ["keys", "revoke"],
    ["keys", "rotate", "a"],
    ["models", "--nonsense"],
  ])
    assert.equal((await cli(args)).code, 2, args.join(" "));
});
