/** Codes of errors, and what is typed by an endpoint beside its call. */

import {
  type CallHeaders,
  FalError,
  type FalErrorCode,
  type KnownFalErrorCode,
  type RetryOptions,
  fal,
} from "fal-wasm";
import { type ProxyRefusalCode, createFalProxy } from "fal-wasm/proxy";

declare module "fal-wasm" {
  interface EndpointTypeMap {
    "my-team/typed": { input: { prompt: string; steps?: number }; output: { images: { url: string }[] } };
  }
}

const WORDS: Partial<Record<KnownFalErrorCode, string>> = { content_policy_violation: "No.", too_many_jobs: "Later." };
// @ts-expect-error: there is no such code
const typo: KnownFalErrorCode = "timed_out";
const newer: FalErrorCode = "a_code_of_tomorrow";

export const wordsFor = (error: unknown): string | undefined =>
  error instanceof FalError ? WORDS[error.code as KnownFalErrorCode] : undefined;

createFalProxy({
  authenticate: () => null,
  allowedEndpoints: ["a/b"],
  onDecision({ code }) {
    const refused: ProxyRefusalCode | "ok" = code;
    // @ts-expect-error: the proxy refuses with no such code
    if (code === "rate_limit") return refused;
    return code === "ok";
  },
});

// As `@fal-ai/client` has it: whoever names the other numbers names no budget.
export const retry: RetryOptions = {
  maxRetries: 1,
  baseDelay: 1,
  maxDelay: 1,
  backoffMultiplier: 1,
  retryableStatusCodes: [],
  enableJitter: true,
};
export const headers: CallHeaders[] = [{ a: "b" }, [["a", "b"]], new Headers()];

export async function requests(saved: { endpointId: string; requestId: string }): Promise<string | undefined> {
  const handle = fal.queue.handle("my-team/typed", "id");
  const { data } = await handle.result();
  // @ts-expect-error: the handle knows its output
  void data.video;
  const named = await fal.queue.handle<{ text: string }>("some/model", "id").subscribe();
  // @ts-expect-error: the output was named
  void named.data.images;
  void (await fal.queue.handle(saved).result<{ seed: number }>()).data.seed.toFixed();
  void (await fal.queue.handle(saved).result()).data.any.thing;
  return data.images[0]?.url;
}

export function sessions(): void {
  const typed = fal.realtime.connect("my-team/typed", {
    onResult: ({ images, request_id }) => [images[0]?.url, request_id],
  });
  typed.send({ steps: 2, more: true, request_id: "1" });
  // @ts-expect-error: steps are numbers
  typed.send({ steps: "2" });
  const named = fal.realtime.connect<{ a: 1 }, { b: 2 }>("some/app", { onResult: ({ b }) => b.toFixed() });
  named.send({ a: 1 });
  // @ts-expect-error: the input was named
  named.send({ a: 2 });
  fal.realtime.connect("some/app", { onResult: ({ what, ever }) => [what, ever] }).send({ it: "takes" });
}

export { newer, typo };
