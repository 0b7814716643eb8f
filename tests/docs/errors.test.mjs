/** The page about errors knows every code, and its status, and no other. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { path } from "../../scripts/lib/run.mjs";

const page = readFileSync(path("docs/reference/errors.md"), "utf8");

test("every code has a place on the page, and the page names none that there is not", () => {
  const client = [...readFileSync(path("js/errors/codes.ts"), "utf8").matchAll(/\| "(\w+)"/g)].map(([, code]) => code);
  const webhook = [...readFileSync(path("js/webhook/errors.ts"), "utf8").matchAll(/"(webhook_\w+)"/g)].map(
    ([, code]) => code,
  );
  const known = new Set([...client, ...webhook]);
  assert.ok(known.size > 110, `${known.size} codes`);
  const rows = [...page.matchAll(/^\| `([a-z_]+)` /gm)].map(([, code]) => code);
  const lists = [...(page.split("### What models answer")[1] ?? "").split("\n## ")[0].matchAll(/`([a-z_]+)`/g)];
  const told = new Set([...rows, ...lists.map(([, code]) => code)]);
  assert.deepEqual(
    [...known].filter((code) => !told.has(code)),
    [],
  );
  const fields = ["code", "retryable", "attempts", "cancelled", "status"];
  assert.deepEqual(
    [...told].filter((code) => !known.has(code) && !fields.includes(code ?? "")),
    [],
  );
});

test("the statuses of the proxy's refusals are those of the core", () => {
  const [, body = ""] = readFileSync(path("src/proxy/refusal.rs"), "utf8").split("pub fn status(self) -> u16 {");
  const arms = [...body.split("\n    }")[0].matchAll(/((?:\|?\s*Self::\w+\s*)+)=> (\d{3})/g)];
  const statuses = new Map(
    arms.flatMap(([, names = "", status]) =>
      [...names.matchAll(/Self::(\w+)/g)].map(([, name]) => /** @type {const} */ ([name, status])),
    ),
  );
  const codes = [
    ...readFileSync(path("js/proxy/refusals.ts"), "utf8").matchAll(/\[ProxyRefusal\.(\w+)\]: \[\s*"(\w+)"/g),
  ];
  assert.equal(codes.length, statuses.size);
  for (const [, name, code] of codes) {
    const row = new RegExp(`^\\| \`${code}\` +\\| (\\d+) `, "m").exec(page.split("## What the proxy refuses")[1] ?? "");
    assert.equal(row?.[1], statuses.get(name), code);
  }
});
