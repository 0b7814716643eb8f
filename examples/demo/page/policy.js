/** The tab about the proxy: what it allows, and what it says to everything else. */

import { $ } from "./dom.js";
import { fal, session } from "./fal.js";
import { createFalClient } from "./fal-wasm/index.js";
import { lastRequest } from "./picture.js";

const MODEL = "fal-ai/flux/schnell";
const input = { prompt: "a cat in the rain" };

/** Each of these is refused, and buys nothing. @type {Record<string, () => Promise<unknown>>} */
const ATTEMPTS = {
  "try-endpoint": () => fal.run("fal-ai/veo3", { input }),
  "try-input": () => fal.run(MODEL, { input: { ...input, num_images: 8 } }),
  "try-owner": readByIdAlone,
  "try-many": runTooMany,
};

/** What somebody can do who has learned an id: they have no `x-fal-capability`, which came with the answer to the submit. */
async function readByIdAlone() {
  const target = `https://queue.fal.run/fal-ai/flux/requests/${lastRequest() ?? crypto.randomUUID()}`;
  const response = await fetch("/api/fal/proxy", { headers: { "x-fal-target-url": target } });
  if (!response.ok) throw (await response.json()).error;
}

/** One more at once than is allowed. Those that began are cancelled. */
async function runTooMany() {
  const own = createFalClient({ proxyUrl: "/api/fal/proxy", retry: { maxRetries: 0 } });
  /** @type {string[]} */
  const begun = [];
  try {
    for (let count = 0; count <= session.policy.concurrent; count++)
      begun.push((await own.queue.submit(MODEL, { input })).request_id);
  } finally {
    await Promise.allSettled(begun.map((requestId) => own.queue.cancel(MODEL, { requestId })));
  }
}

/** @param {string} term @param {string} text */
function describe(term, text) {
  const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
  [dt.textContent, dd.textContent] = [term, text];
  $("policy").append(dt, dd);
}

export function startPolicy() {
  const { allowedEndpoints, inputs, requests, concurrent } = session.policy;
  describe("Endpoints", allowedEndpoints.join(", "));
  for (const [endpoint, rules] of Object.entries(inputs)) describe(`Inputs of ${endpoint}`, JSON.stringify(rules));
  describe("For each visitor", `${requests.max} runs in ${requests.windowSeconds} seconds, ${concurrent} at once`);
  describe("Requests", "belong to who submitted them: an id alone opens nothing");
  for (const [id, attempt] of Object.entries(ATTEMPTS)) {
    $(id).addEventListener("click", async () => {
      const said = $(`${id}-said`);
      said.textContent = "…";
      said.textContent = await attempt().then(
        () => "It went through.",
        (error) => `${error.code}: ${error.message}`,
      );
    });
  }
  // With fal itself the runs before the last one would be billed.
  $("try-many").disabled = session.backend === "fal";
}
