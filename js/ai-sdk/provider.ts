/**
 * A provider for Vercel's AI SDK (`ai` 6 and 7) whose calls are made by a client of this package: with a key that only a
 * server has, or through your proxy with its limits and its ownership of requests.
 *
 * It follows a request through the queue, retries what is safe to retry, and cancels what is given up.
 */

import { refuseUnknown } from "../client/nearest-name.ts";
import type { ModelCall } from "./call.ts";
import type { FalImageModelOptions, FalModelOptions, FalProvider, FalProviderOptions } from "./types.ts";
import { imageModel } from "./image.ts";
import { speechModel } from "./speech.ts";
import { transcriptionModel } from "./transcription.ts";
import { videoModel } from "./video.ts";

/**
 * Makes the provider.
 *
 * ```ts
 * import { generateImage } from "ai";
 * import { createFalClient } from "fal-wasm";
 * import { createFal } from "fal-wasm/ai-sdk";
 *
 * const fal = createFal({ client: createFalClient({ env }) });
 * const { image } = await generateImage({ model: fal.image("fal-ai/flux/dev"), prompt: "a cat in the rain" });
 * ```
 *
 * What goes wrong is the client's `FalError`: it has been tried again where that is safe, so the AI SDK does not do it once
 * more. A result whose file cannot be had is a `FalMediaError`, which keeps the result.
 */
export function createFal(options: FalProviderOptions): FalProvider {
  if (typeof options?.client?.subscribe !== "function")
    throw new TypeError("`createFal` needs a `client`: `createFal({ client: createFalClient({ … }) })`.");
  refuseUnknown("createFal", options, ["client", "fetch"]);
  const call = (endpointId: string, settings: FalModelOptions = {}): ModelCall => ({
    provider: options,
    endpointId,
    options: settings,
  });
  const image = (endpointId: string, { maxImagesPerCall, ...settings }: FalImageModelOptions = {}) =>
    imageModel(call(endpointId, settings), maxImagesPerCall);
  const video = (endpointId: string, settings?: FalModelOptions) => videoModel(call(endpointId, settings));
  const speech = (endpointId: string, settings?: FalModelOptions) => speechModel(call(endpointId, settings));
  const transcription = (endpointId: string, settings?: FalModelOptions) =>
    transcriptionModel(call(endpointId, settings));
  return {
    specificationVersion: "v3",
    image,
    imageModel: image,
    video,
    videoModel: video,
    speech,
    speechModel: speech,
    transcription,
    transcriptionModel: transcription,
    languageModel: notHere(
      "languageModel",
      "fal serves language models as the endpoint `fal-ai/any-llm`: use `fal.stream`.",
    ),
    embeddingModel: notHere("embeddingModel", "Use the embedding model of another provider."),
  };
}

const notHere =
  (kind: string, instead: string) =>
  (modelId: string): never => {
    throw new TypeError(`\`fal-wasm/ai-sdk\` has no \`${kind}\`, so "${modelId}" leads nowhere. ${instead}`);
  };
