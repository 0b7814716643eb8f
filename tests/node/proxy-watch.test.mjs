/** `mode: "watch"` tells what rules would refuse, and refuses none of it; who asks and where a call goes it never only watches. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { memoryLimits } from "fal-wasm/limits";
import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { byHeader, callTo } from "../lib/visitors.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

const RUN = "https://fal.run/emulator/echo";

/**
 * What a call is answered, and what would have refused it: the last one of several.
 *
 * @param {"watch" | "enforce"} mode @param {any} options @param {Request[]} calls
 */
async function last(mode, options, calls) {
  /** @type {any[]} */
  const decisions = [];
  const proxy = createFalProxy({
    authenticate: byHeader,
    allowedEndpoints: ["emulator/*"],
    credentials: KEY,
    fetch: emulator.fetch,
    mode,
    onDecision: (/** @type {any} */ decision) => void decisions.push(decision),
    onError: () => {},
    ...options,
  });
  let answer = new Response();
  for (const [index, call] of calls.entries()) {
    answer = await proxy(call);
    if (index < calls.length - 1) await answer.arrayBuffer();
  }
  const body = await answer.clone().json();
  await until(() => decisions.length === calls.length);
  return {
    status: answer.status,
    code: answer.status < 300 ? "ok" : body.error?.code,
    body,
    decision: decisions.at(-1),
  };
}

const limits = (/** @type {any} */ more) => ({ limits: { store: memoryLimits(), ...more } });
const down = () => Promise.reject(new Error("down"));
const twice = () => [callTo(RUN), callTo(RUN)];
const spending = { max: 1, prices: { "emulator/*": 1 } };

/** What rules refuse, each with its code. @type {Record<string, () => [options: any, calls: Request[], code: string]>} */
const REFUSED = {
  "an input": () => [
    { inputs: { "emulator/echo": { n: { max: 1 } } } },
    [callTo(RUN, { body: '{"n":9}' })],
    "input_not_allowed",
  ],
  "an input that is large": () => [
    { inputs: { "emulator/echo": { n: { max: 1 } } }, maxInputBytes: 64 },
    [callTo(RUN, { body: JSON.stringify({ n: 1, a: "x".repeat(100) }) })],
    "body_too_large",
  ],
  "a rate": () => [limits({ requests: { max: 1, windowSeconds: 3600 } }), twice(), "rate_limited"],
  "the platform's rate": () => [
    limits({ concurrent: 9, rateLimiter: { limit: async () => ({ success: false }) } }),
    [callTo(RUN)],
    "rate_limited",
  ],
  "a budget": () => [limits({ spending }), twice(), "budget_exhausted"],
  "a missing price": () => [limits({ spending: { max: 1, prices: () => undefined } }), [callTo(RUN)], "price_unknown"],
  "a store that is down": () => [
    { limits: { store: { reserve: down, settle: down }, concurrent: 1 } },
    [callTo(RUN)],
    "limits_unavailable",
  ],
  "a store that is none": () => [{ limits: { store: () => undefined, concurrent: 1 } }, [callTo(RUN)], "misconfigured"],
  "a call that is not attested": () => [{ attest: () => false }, [callTo(RUN)], "attestation_failed"],
  "an attestation that fails": () => [{ attest: down }, [callTo(RUN)], "authentication_unavailable"],
  "a file of another type": () => [
    { uploads: { types: ["image/*"] } },
    [
      callTo("https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3", {
        body: '{"content_type":"text/html","file_name":"a.html"}',
      }),
    ],
    "input_not_allowed",
  ],
  "the places": () => [
    limits({ concurrent: 1 }),
    [callTo("https://queue.fal.run/emulator/slow", { body: '{"seconds":3600}' }), callTo(RUN)],
    "too_many_jobs",
  ],
};

for (const [name, make] of Object.entries(REFUSED)) {
  test(`${name}: refused with its code, and watched with the same one`, async () => {
    const [options, calls, code] = make();
    const enforced = await last("enforce", options, calls);
    assert.deepEqual([enforced.code, enforced.decision.wouldRefuse], [code, undefined]);
    const [again, more] = make();
    await emulator.control({ reset: true });
    const watched = await last("watch", again, more);
    assert.deepEqual([watched.status, watched.decision.code], [200, "ok"]);
    assert.deepEqual(watched.decision.wouldRefuse, [code]);
  });
}

test("what would be refused is sent as it came; what keeps the rules as they write it", async () => {
  const inputs = { "emulator/echo": { n: { max: 1 }, safe: { fixed: true } } };
  const sent = async (/** @type {string} */ body) =>
    (await last("watch", { inputs }, [callTo(RUN, { body })])).body.input;
  assert.deepEqual(await sent('{"n":9}'), { n: 9 });
  assert.deepEqual(await sent('{"n":1}'), { n: 1, safe: true });
});

test("one that breaks several rules tells all of them", async () => {
  const options = { ...limits({ spending }), inputs: { "emulator/echo": { n: { max: 1 } } } };
  const call = () => callTo(RUN, { body: '{"n":9}' });
  const { decision } = await last("watch", options, [call(), call()]);
  assert.deepEqual(decision.wouldRefuse, ["input_not_allowed", "budget_exhausted"]);
});

test("who asks, where it goes, whose request it is and what was bought once are not only watched", async () => {
  const status = "https://queue.fal.run/emulator/echo/requests/764cabcf-b745-4b3e-ae38-1200304cf45b/status";
  const once = (/** @type {string} */ body) => callTo(RUN, { body, headers: { "idempotency-key": "k" } });
  /** @type {[any, Request[], string][]} */
  const cases = [
    [{ authenticate: () => null }, [callTo(RUN)], "unauthenticated"],
    [{ authenticate: down }, [callTo(RUN)], "authentication_unavailable"],
    [{}, [callTo("https://fal.run/other/app")], "endpoint_not_allowed"],
    [{}, [callTo("https://evil.example/emulator/echo")], "target_invalid"],
    [{}, [callTo(RUN, { headers: { origin: "https://evil.example" } })], "cross_origin"],
    [{}, [callTo(RUN, { headers: { authorization: `Key ${KEY}` } })], "credentials_in_browser"],
    [{}, [callTo(status, { method: "GET" })], "request_not_found"],
    [{ maxBodyBytes: 8 }, [callTo(RUN, { body: '{"a":"0123456789"}' })], "body_too_large"],
    [limits({ concurrent: 9 }), [once("{}"), once('{"a":1}')], "idempotency_key_reused"],
    [{ credentials: undefined, env: {} }, [callTo(RUN)], "misconfigured"],
  ];
  for (const [options, calls, code] of cases) {
    const { decision } = await last("watch", options, calls);
    assert.deepEqual([decision.code, decision.wouldRefuse], [code, undefined], code);
  }
});

test("everybody as one person cannot be only watched: nothing would hold them back", () => {
  const make = () =>
    createFalProxy({
      authenticate: "anonymous-public",
      allowedEndpoints: ["emulator/*"],
      mode: "watch",
      limits: { store: memoryLimits(), spending },
    });
  assert.throws(make, (/** @type {any} */ error) => error.code === "invalid_option" && /`mode`/.test(error.message));
});
