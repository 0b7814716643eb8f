/** A proxy of which is known what it sent, wherever a framework runs it: fal is not asked. */

import { createFalProxy } from "fal-wasm/proxy";

import { policy } from "./policy.json";

export function recorded() {
  const sent = [];
  let leaks = 0;
  let left = 0;
  /** What is reported in the background. */
  const reports = [];
  const waitUntil = (report) => void reports.push(report);
  /** Another one after each question: a proxy reports no leak right after another. */
  const make = () =>
    createFalProxy({
      authenticate: () => ({ id: "somebody" }),
      allowedEndpoints: policy.allowedEndpoints,
      trustedOrigins: policy.trustedOrigins,
      ownership: false,
      credentials: "id:secret",
      onKeyLeak: () => void (leaks += 1),
      fetch: async (url, { headers, redirect, signal }) => {
        sent.push([url, { headers: [...new Headers(headers)], redirect }]);
        // It takes a while, as over a network: a client that is wrongly taken to have left gets no answer.
        await new Promise((resolve) => setTimeout(resolve, 20));
        signal.throwIfAborted();
        return new Response("{}", { headers: { "content-type": "application/json", "set-cookie": "a=b" } });
      },
    });
  let proxy = make();
  /** Events without an end, for somebody who leaves; each comes by itself, as from a network. */
  const events = () => {
    let count = 0;
    return new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        controller.enqueue(new TextEncoder().encode(`data: ${(count += 1)}\n\n`));
      },
      cancel: () => void (left += 1),
    });
  };
  return async (request, ...rest) => {
    const { searchParams } = new URL(request.url);
    if (searchParams.has("told")) {
      await Promise.all(reports.splice(0));
      const told = Response.json({ sent, leaks, left });
      sent.length = leaks = left = 0;
      proxy = make();
      return told;
    }
    // As the proxy's own answers: what compresses them would hold them back.
    const headers = { "cache-control": "no-transform", "content-type": "text/event-stream" };
    if (searchParams.has("events")) return new Response(events(), { headers });
    return proxy(request, rest[0], { ...rest[1], waitUntil });
  };
}
