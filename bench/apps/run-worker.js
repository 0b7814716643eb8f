/** Runs a model so often as it is asked to, with the client that it is asked for and a `fetch` that answers at once. */

import { createFalClient as createOfficial } from "@fal-ai/client";
import { createFalClient } from "fal-wasm";

/** @type {Record<string, () => Promise<any>> | undefined} */
let sides;

/** @param {any} env */
function made({ FAL_KEY, ANSWER, INPUT }) {
  const input = JSON.parse(INPUT);
  const fetch = async () => new Response(ANSWER, { headers: { "content-type": "application/json" } });
  const ours = createFalClient({ credentials: FAL_KEY, fetch });
  const theirs = createOfficial({ credentials: FAL_KEY, fetch });
  const headers = { authorization: `Key ${FAL_KEY}`, accept: "application/json", "content-type": "application/json" };
  const floor = async () =>
    (
      await /** @type {any} */ (fetch)("https://fal.run/fal-ai/flux/dev", {
        method: "POST",
        headers,
        body: JSON.stringify(input),
      })
    ).json();
  return {
    ours: () => ours.run("fal-ai/flux/dev", { input }),
    theirs: () => theirs.run("fal-ai/flux/dev", { input }),
    floor,
  };
}

export default {
  /** @param {Request} request @param {any} env */
  async fetch(request, env) {
    sides ??= made(env);
    const { pathname, searchParams } = new URL(request.url);
    const run = sides[pathname.slice(1)];
    const runs = Number(searchParams.get("runs"));
    for (let count = 0; count < runs; count += 1) await run?.();
    return new Response(String(runs));
  },
};
