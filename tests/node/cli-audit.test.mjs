/** `fal-wasm audit`: records of a real proxy, held against what fal has billed, and against those who change them. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";
import { memoryLimits } from "fal-wasm/limits";
import { createPlatformClient } from "fal-wasm/platform";
import { createFalProxy } from "fal-wasm/proxy";

import { startCli } from "../lib/cli.mjs";
import { until } from "../lib/expect.mjs";
import { ADMIN_KEY, KEY } from "../lib/keys.mjs";
import { byHeader, visitor } from "../lib/visitors.mjs";

const { emulator, folder, cli } = await startCli();
beforeEach(() => emulator.control({ reset: true }));

const FLUX = "fal-ai/flux/schnell";
const platform = createPlatformClient({ credentials: ADMIN_KEY, fetch: emulator.fetch });
const [{ unit_price: price = 0 } = {}] = await platform.models.pricing(FLUX);

/** An app that has run some models, and its records. @param {any} [prices] @returns {Promise<any[]>} */
async function recorded(prices = { "fal-ai/**": { price, units: 4 } }) {
  /** @type {any[]} */
  const records = [];
  const proxy = createFalProxy({
    authenticate: byHeader,
    allowedEndpoints: ["fal-ai/**"],
    credentials: KEY,
    fetch: emulator.fetch,
    limits: { store: memoryLimits(), spending: { max: 10, prices } },
    audit: (record) => void records.push(record),
  });
  const ann = visitor(proxy, "ann");
  await ann.run(FLUX, { input: { prompt: "a" } });
  await ann.subscribe(FLUX, { input: { prompt: "b" }, mode: "polling", pollInterval: 5 });
  // A job that nobody fetches, and a call that is refused.
  await ann.queue.submit(FLUX, { input: { prompt: "c" } });
  await assert.rejects(ann.run("other/app", { input: {} }));
  const count = (/** @type {string} */ route) => records.filter((record) => record.route === route).length;
  await until(() => count("submit") === 2 && count("result") === 1 && records.some(({ code }) => code !== "ok"));
  return records;
}

/** What the command says about records. @param {any[]} records @param {string[]} [args] */
async function audit(records, args = []) {
  const file = join(folder, "audit.jsonl");
  writeFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  const { code, out, err } = await cli(["audit", file, "--json", ...args]);
  const words = await cli(["audit", file, ...args]);
  assert.equal(words.code, code);
  return { code, err, words: words.out, ...(out ? JSON.parse(out) : {}) };
}

test("records and bills agree, in any order and with fields in another", async () => {
  const records = await recorded();
  const shuffled = records.toReversed().map((record) => Object.fromEntries(Object.entries(record).toReversed()));
  for (const some of [records, shuffled]) {
    const { code, ok, breaks, rows, billed, requests } = await audit(some);
    assert.deepEqual([code, ok, breaks, rows, requests], [0, true, [], [], 3]);
    assert.ok(billed >= price * 2 - 1e-9, String(billed));
  }
});

test("a record that was changed, taken out, put in or doubled shows, with its line", async () => {
  const records = await recorded();
  const change = (/** @type {(all: any[]) => any} */ how) => audit(how(structuredClone(records)));
  const changed = await change((all) => ((all[1].principal = "bob"), all));
  assert.equal(changed.code, 1);
  assert.deepEqual(changed.breaks, [{ line: 2, what: "was changed: its hash is another" }]);
  assert.match(changed.words, /line 2 was changed/);
  const gap = await change((all) => (all.splice(1, 1), all));
  assert.deepEqual([gap.code, gap.breaks.length], [1, 1]);
  assert.match(gap.breaks[0].what, /comes after a gap: record 2 of its chain/);
  const doubled = await change((all) => [...all, all[0]]);
  assert.match(doubled.breaks[0].what, /is there twice: record 1/);
  const forged = await change((all) => [...all, { ...all.at(-1), sequence: all.length + 1 }]);
  assert.equal(forged.breaks.length, 1);
  const cut = await cli(["audit", writeTo("cut", `${JSON.stringify(records[0]).slice(0, 40)}\n{}\n7\n`)]);
  assert.deepEqual([cut.code, cut.err], [2, `"${join(folder, "cut")}" has no records.\n`]);
  const spoiled = await audit([...records, { a: 1 }]);
  assert.deepEqual(spoiled.breaks, [{ line: records.length + 1, what: "is not a record" }]);
});

/** @param {string} name @param {string} text */
function writeTo(name, text) {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

test("what the key has run without the proxy is found", async () => {
  const records = await recorded();
  await createFalClient({ credentials: KEY, fetch: emulator.fetch }).run(FLUX, { input: { prompt: "elsewhere" } });
  const { code, rows, words } = await audit(records);
  assert.equal(code, 1);
  assert.deepEqual(
    rows.map((/** @type {any} */ { endpoint, what, billed }) => [endpoint, what, billed]),
    [[FLUX, "not recorded", price]],
  );
  assert.match(words, /not recorded/);
});

test("a price that is not fal's is found, and so is what fal does not know of", async () => {
  const { code, rows } = await audit(await recorded({ "fal-ai/**": { price: price * 2, units: 4 } }));
  assert.equal(code, 1);
  assert.deepEqual(
    rows.map((/** @type {any} */ { what, recorded }) => [what, recorded]),
    Array(2).fill(["differs", price * 2]),
    "of the run and the job that was fetched",
  );
  const records = await recorded();
  await emulator.control({ reset: true });
  assert.deepEqual(
    (await audit(records)).rows.map((/** @type {any} */ { what }) => what),
    ["not billed", "not billed"],
  );
});

test("called wrongly it says how", async () => {
  const file = writeTo("one", `${JSON.stringify((await recorded())[0])}\n`);
  for (const [args, says] of /** @type {[string[], RegExp][]} */ ([
    [["audit"], /file with the records is missing/],
    [["audit", "/nowhere"], /cannot be read/],
    [["audit", file, "--start", "yesterday"], /--start takes a time/],
    [["audit", file, "--key", "x"], /Did you mean `--key-id`/],
  ])) {
    const { code, err } = await cli(args);
    assert.equal(code, 2, args.join(" "));
    assert.match(err, says);
  }
  assert.equal((await cli(["audit", file], KEY)).code, 1);
});
