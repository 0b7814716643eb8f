/** `fal-wasm keys` looks before it acts, and says what it found: nothing is "revoked" that lives on. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, test } from "node:test";

import { startCli } from "../lib/cli.mjs";
import { KEY, KEY_ID, KEY_SECRET } from "../lib/keys.mjs";

const LOGIN = "a-login-token";
const { emulator, folder, cli } = await startCli({ logins: JSON.stringify([{ token: LOGIN, account: "canary" }]) });
beforeEach(() => emulator.control({ reset: true }));

/** A new key. @param {string} alias @returns {Promise<{ key_id: string, key_secret: string, key: string }>} */
const create = async (alias) => JSON.parse((await cli(["keys", "create", alias, "--show-secret", "--json"])).out);

/** The ids of an alias. @param {string} alias @returns {Promise<string[]>} */
const idsOf = async (alias) => {
  const rows = JSON.parse((await cli(["keys", "list", "--json"])).out);
  return rows.filter((/** @type {any} */ row) => row.alias === alias).map((/** @type {any} */ row) => row.key_id);
};

test("revoking what is no key's id revokes nothing, fails, and names what was meant", async () => {
  const { key_id: id } = await create("shop");
  for (const [given, says] of /** @type {[string, RegExp][]} */ ([
    ["shop", new RegExp(`"shop" is the alias.*fal-wasm keys revoke ${id}`)],
    ["shp", new RegExp(`no.*"shp".*nothing was revoked.*Did you mean ${id} \\("shop"\\)`, "i")],
    [`${id.slice(0, -1)}x`, new RegExp(`Did you mean ${id}`)],
    ["zzzzzzzzzzzz", /nothing was revoked\. fal lists/],
  ])) {
    const { code, out, err } = await cli(["keys", "revoke", given]);
    assert.deepEqual([code, out], [1, ""], given);
    assert.match(err, says);
  }
  assert.deepEqual(await idsOf("shop"), [id]);
  assert.equal((await cli(["keys", "revoke", id.toUpperCase()])).out, `Revoked ${id}.\n`);
  assert.deepEqual(await idsOf("shop"), []);
});

test("rotating an alias that there is not makes nothing, fails, and names what was meant", async () => {
  await create("shop");
  const file = join(folder, "never");
  const rotate = (/** @type {string[]} */ ...more) =>
    cli(["keys", "rotate", "shp", "--deploy", `cat > '${file}'`, ...more]);
  const { code, out, err } = await rotate();
  assert.deepEqual([code, out], [1, ""]);
  assert.match(err, /No key has the alias "shp"; did you mean "shop"\?.*`--create` makes/);
  assert.throws(() => readFileSync(file));
  assert.deepEqual(await idsOf("shp"), []);
  assert.equal((await rotate("--create")).code, 0);
  assert.deepEqual(await idsOf("shp"), [readFileSync(file, "utf8").split(":")[0]]);
});

test("a rotation that fails names the key that it leaves, and how to be rid of it", async () => {
  const { key_id: old } = await create("shop");
  const { code, err } = await cli(["keys", "rotate", "shop", "--deploy", "exit 3"]);
  const [orphan = ""] = (await idsOf("shop")).filter((id) => id !== old);
  assert.equal(code, 1);
  assert.match(err, new RegExp(`stopped at "deploy".*ended with 3.*${orphan} exists.*fal-wasm keys revoke ${orphan}`));
  assert.doesNotMatch(err, /resume/);
  assert.equal((await cli(["keys", "revoke", orphan])).code, 0);
  assert.deepEqual(await idsOf("shop"), [old]);
});

test("a key of another scope is made in the dashboard, and that is said", async () => {
  for (const scope of ["ADMIN", "admin", "AGENT", "FULL"]) {
    const { code, out, err } = await cli(["keys", "create", "shop", "--scope", scope, "--show-secret"]);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, new RegExp(`scope ${scope.toUpperCase()} is made in the dashboard: fal\\.ai/dashboard/keys`));
  }
  assert.deepEqual(await idsOf("shop"), []);
  assert.equal((await cli(["keys", "create", "shop", "--scope", "API", "--show-secret"])).code, 0);
});

test("a new key as a pair of variables, on a screen and for a command", async () => {
  const { out } = await cli(["keys", "create", "shop", "--pair", "--show-secret"]);
  const pair = /^FAL_KEY_ID=([\w-]+)\nFAL_KEY_SECRET=(\w+)\n$/;
  assert.match(out, pair);
  assert.equal(pair.exec(out)?.[1], (await idsOf("shop"))[0]);
  const file = join(folder, "pair");
  const { out: said } = await cli(["keys", "rotate", "shop", "--pair", "--deploy", `cat > '${file}'`]);
  const [, id, secret = "?"] = pair.exec(readFileSync(file, "utf8")) ?? [];
  assert.deepEqual(await idsOf("shop"), [id]);
  assert.ok(!said.includes(secret));
  assert.equal((await cli(["models", "--limit", "1"], "", { FAL_KEY_ID: id ?? "", FAL_KEY_SECRET: secret })).code, 0);
});

test("half a key is told which half is missing", async () => {
  for (const [env, missing] of /** @type {[Record<string, string>, string][]} */ ([
    [{ FAL_KEY_ID: KEY_ID }, "FAL_KEY_SECRET"],
    [{ FAL_KEY_SECRET: KEY_SECRET }, "FAL_KEY_ID"],
  ])) {
    for (const command of [["keys", "list"], ["models"]]) {
      const { code, err } = await cli(command, "", env);
      assert.equal(code, 1);
      assert.match(err, new RegExp(`One half of a fal key was found, and ${missing} is missing`));
      assert.ok(!err.includes(KEY_SECRET));
    }
  }
});

test("without a key the login of fal's own command is used, and only then", async () => {
  const file = join(folder, "auth0_token");
  const token = (/** @type {number} */ exp) => `x.${Buffer.from(JSON.stringify({ exp })).toString("base64url")}.y`;
  const list = (key = "", more = {}) => cli(["keys", "list"], key, more);
  assert.match((await list()).err, /No fal key was found/);
  writeFileSync(file, `a-refresh-token\n${LOGIN}\n`);
  assert.equal((await list()).code, 0);
  const { requests } = await emulator.seen();
  assert.equal(requests.length, 1);
  // A key in the environment comes first, as fal's own command has it, and can be told to come last.
  assert.equal((await list(KEY)).code, 1);
  assert.equal((await list(KEY, { FAL_FORCE_AUTH_BY_USER: "1" })).code, 0);
  writeFileSync(file, `a-refresh-token\n${token(1_700_000_000)}\n`);
  const ended = await list();
  assert.equal(ended.code, 1);
  assert.match(ended.err, /`fal auth login` has ended/);
  assert.doesNotMatch(ended.err, /refresh|x\./);
  writeFileSync(file, `a-refresh-token\n${token(4_000_000_000)}\n`);
  assert.match((await list()).err, /401|unable to decode/);
});

test("what a command does not know is an error, with what it is near to", async () => {
  for (const [args, says] of /** @type {[string[], RegExp][]} */ ([
    [["doctr"], /`doctr` is no command\. Did you mean `doctor`\?/],
    [["keys", "rotat", "a"], /`rotat` is no command of keys\. Did you mean `rotate`\?/],
    [["keys", "list", "--pair"], /`--pair` is no option of this command/],
    [["keys", "rotate", "a", "--deploi", "x"], /Did you mean `--deploy`\?/],
    [["keys", "rotate", "a", "--deploy"], /--deploy needs a value/],
    [["keys", "rotate", "a", "--deploy", "--keep-old"], /--deploy needs a value/],
    [["keys", "revoke", "a", "b"], /`b` is one argument too many/],
    [["keys", "create", "--json=1", "a"], /--json takes no value/],
    [["models", "--limit", "many"], /--limit takes a whole number/],
    [["usage", "today"], /`today` is one argument too many/],
    [["keys"], /list, create, revoke, rotate/],
  ])) {
    const { code, out, err } = await cli(args);
    assert.deepEqual([code, out], [2, ""], args.join(" "));
    assert.match(err, says);
  }
  assert.deepEqual((await emulator.seen()).requests, []);
});

test("--version and --help work everywhere, and send nothing", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  assert.deepEqual(await cli(["--version"]), { code: 0, out: `${version}\n`, err: "" });
  for (const words of [[], ["keys"], ["keys", "rotate", "a"], ["models"], ["usage"], ["doctor"], ["doctor", "."]]) {
    for (const flag of ["--help", "-h"]) {
      const { code, out, err } = await cli([...words, flag]);
      assert.deepEqual([code, err], [0, ""], words.join(" "));
      assert.match(out, new RegExp(`^Usage:\\n +fal-wasm [^]*${words[0] ?? "doctor"}`));
    }
  }
  const bare = await cli([]);
  assert.deepEqual([bare.code, bare.out], [2, ""]);
  assert.deepEqual((await emulator.seen()).requests, []);
});
