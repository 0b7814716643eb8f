/** With `@fal-ai/client` installed every public model has types, by the ids and names it has there. */

import { fal } from "fal-wasm";
import type { FluxDevInput } from "fal-wasm/endpoints";

export async function generate(file: File): Promise<string | undefined> {
  const input: FluxDevInput = { prompt: "a cat" };
  const { data } = await fal.subscribe("fal-ai/flux/dev", { input });
  void fal.run("fal-ai/flux/dev/image-to-image", { input: { prompt: "a cat", image_url: file } });
  // @ts-expect-error: a seed is a number
  void fal.run("fal-ai/flux/dev", { input: { prompt: "a cat", seed: "7" } });
  // @ts-expect-error: it makes images
  void data.video;
  return data.images[0]?.url;
}
