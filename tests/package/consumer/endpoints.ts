/** Typed endpoints: those an app declares itself, and those of `@fal-ai/client` where it is installed. */

import { type EndpointType, type InputType, type OutputType, fal } from "fal-wasm";
import type {} from "fal-wasm/endpoints";

declare module "fal-wasm" {
  interface EndpointTypeMap {
    "my-team/my-app": { input: { prompt: string; steps?: number }; output: { images: { url: string }[] } };
  }
}

export async function known(): Promise<string | undefined> {
  const { data } = await fal.subscribe("my-team/my-app", { input: { prompt: "a cat", steps: 4 } });
  const url: string | undefined = data.images[0]?.url;
  // @ts-expect-error: this output has no such field
  void data.video;
  // @ts-expect-error: steps are numbers
  void fal.run("my-team/my-app", { input: { prompt: "a cat", steps: "4" } });
  // @ts-expect-error: a prompt is needed
  void fal.queue.submit("my-team/my-app", { input: {} });
  for await (const item of await fal.stream("my-team/my-app", { input: { prompt: "a cat" } })) void item.images.length;
  return url;
}

export async function unknown(id: string, requestId: string): Promise<any> {
  const { data } = await fal.run("some/model", { input: { whatever: [1, 2], it: "takes" } });
  void (await fal.run(id, { input: { a: 1 } })).data.b.c;
  const named = await fal.queue.result<{ text: string }>("some/model", { requestId });
  // @ts-expect-error: the output was named
  void named.data.images;
  return [data.whatever.it.gives, named.data.text.length];
}

export const ids: EndpointType[] = ["my-team/my-app", "some/model"];
export const input: InputType<"my-team/my-app"> = { prompt: "a cat" };
export const output: OutputType<"some/model"> = "anything";
