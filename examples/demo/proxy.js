import { memoryLimits } from "fal-wasm/limits";
import { createFalProxy } from "fal-wasm/proxy";

/** What visitors may do. Nothing else is open. */
export const POLICY = {
  allowedEndpoints: ["fal-ai/flux/**", "fal-ai/any-llm/stream", "fal-ai/fast-lcm-diffusion/realtime", "emulator/world"],
  inputs: { "fal-ai/flux/**": { prompt: { maxLength: 4000 }, num_images: { max: 1 } } },
  requests: { max: 30, windowSeconds: 60 },
  concurrent: 4,
  sessions: { max: 1, maxSeconds: 60 },
};

const { allowedEndpoints, inputs, requests, concurrent, sessions } = POLICY;

export const proxy = createFalProxy({
  // Your own sign-in goes here. The demo knows its visitors by a cookie that it gives to everybody.
  authenticate: (request) => ({ id: visitorOf(request) }),
  allowedEndpoints,
  inputs,
  // In memory for this demo: a Durable Object or Redis counts for all your servers together.
  limits: { store: memoryLimits(), requests, concurrent },
  realtimeTokens: true,
  // Paid for by the second, so for each there is a longest time.
  sessions,
});

/** @param {Request} request */
export const visitorOf = (request) =>
  /(?:^|; )visitor=([0-9a-f-]{36})/.exec(request.headers.get("cookie") ?? "")?.[1] ?? "";
