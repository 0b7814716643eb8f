/** State of calls, typed by the endpoint, as an app's compiler must see it. */

import { createFalClient } from "fal-wasm";
import { useFal, useFalRealtime, useFalStore, useFalStream } from "fal-wasm/react";
import { type CallState, createFalRealtimeStore, createFalStore, createFalStreamStore } from "fal-wasm/store";
import { useFal as useSvelte } from "fal-wasm/svelte";

declare module "fal-wasm" {
  interface EndpointTypeMap {
    "my-team/hooked": { input: { prompt: string; steps?: number }; output: { images: { url: string }[] } };
  }
}

const fal = createFalClient({ proxyUrl: "/api/fal/proxy" });

export async function stores(): Promise<void> {
  const store = createFalStore(fal, "my-team/hooked", {
    resume: "a",
    storage: localStorage,
    unmount: "keep",
    timeout: 1,
  });
  const leave: () => void = store.subscribe(() => void store.getState().position?.toFixed());
  const { status, data, error } = await store.run({ prompt: "a cat", steps: 4 }, { priority: "low" });
  if (status === "failed") void error?.userMessage;
  const url: string | undefined = data?.images[0]?.url;
  // @ts-expect-error an input of its own
  void store.run({ promt: "a cat" });
  // @ts-expect-error what the store says itself
  void store.run({ prompt: "a cat" }, { abortSignal: AbortSignal.abort() });
  // @ts-expect-error no such policy
  createFalStore(fal, "my-team/hooked", { unmount: "stop" });

  const named = createFalStore<{ seed: number }>(fal, "their-team/app");
  const { data: answer }: CallState<{ seed: number }> = await named.run({ anything: 1 });
  const text = createFalStreamStore(fal, "their-team/text", { reduce: (text = "", { delta }) => text + String(delta) });
  const whole: string | undefined = (await text.run({ prompt: "a" })).data;
  const drawing = createFalRealtimeStore(fal, "my-team/hooked", { throttleInterval: 0, outbox: "queue" });
  drawing.send({ prompt: "a", strength: 0.5 });
  const drawn: string | undefined = drawing.getState().data?.images[0]?.url;
  void [leave, url, answer?.seed.toFixed(), whole, drawn];
}

export function Component() {
  const { run, cancel, resume, reset, isPending, progress, logs, data } = useFal(fal, "my-team/hooked", {
    resume: true,
  });
  void run({ prompt: "a cat" });
  // @ts-expect-error no number
  void run({ prompt: 1 });
  const url: string | undefined = data?.images[0]?.url;
  const stream = useFalStream(fal, "my-team/hooked");
  const last: string | undefined = stream.data?.images[0]?.url;
  const { send, close } = useFalRealtime(fal, "my-team/hooked");
  send({ prompt: "a" });
  const shared = useFalStore(createFalStore(fal, "my-team/hooked"));
  void shared.run({ prompt: "a" });
  const shown: boolean = shared.isPending;
  return [cancel, resume, reset, isPending, progress?.toFixed(), logs.length, url, last, close, shown];
}

const picture = useSvelte(fal, "my-team/hooked");
picture.subscribe(({ data }) => data?.images[0]?.url.trim());
void picture.run({ prompt: "a" });
