/** Images: text to image, editing and inpainting. */

import type { ImageModelV3 } from "@ai-sdk/provider";

import { type Draft, type ModelCall, answerOf, callModel } from "./call.ts";
import { type FalFile, download, isFile, toInput } from "./files.ts";
import { FalMediaError } from "./media-error.ts";

/** What fal calls the usual shapes. */
const SHAPES: Record<string, string> = {
  "1:1": "square_hd",
  "16:9": "landscape_16_9",
  "9:16": "portrait_16_9",
  "4:3": "landscape_4_3",
  "3:4": "portrait_4_3",
};

type Options = Parameters<ImageModelV3["doGenerate"]>[0];

export const imageModel = (call: ModelCall, maxImagesPerCall = 1): ImageModelV3 => ({
  specificationVersion: "v3",
  provider: "fal.image",
  modelId: call.endpointId,
  maxImagesPerCall,
  async doGenerate(options) {
    const draft = draftOf(options);
    const result = await callModel(call, draft, options);
    const { images, image, ...rest } = result.data ?? {};
    const files: FalFile[] = (images ?? [image]).filter(isFile);
    if (files.length === 0) throw new FalMediaError("The result of the model names no image.", result);
    const signal = options.abortSignal;
    return {
      images: await Promise.all(files.map((file) => download(call.provider, file, result, signal))),
      warnings: draft.warnings,
      response: answerOf(call),
      // The SDK puts the images of several calls into one list, and keeps nothing else of a call.
      providerMetadata: {
        fal: { ...rest, images: files.map((file) => ({ ...file, requestId: result.requestId })) },
      },
    };
  },
});

function draftOf({ prompt, n, size, aspectRatio, seed, files = [], mask, providerOptions }: Options): Draft {
  const [width, height] = size?.split("x").map(Number) ?? [];
  const images = files.map(toInput);
  const asList = images.length > 1 || (providerOptions.fal?.useMultipleImages && images.length > 0);
  return {
    warnings: [],
    input: {
      prompt,
      seed,
      // Some models take one of them, some the other; what a model does not know it leaves alone.
      image_size: size ? { width, height } : aspectRatio && SHAPES[aspectRatio],
      aspect_ratio: aspectRatio,
      num_images: n > 1 ? n : undefined,
      ...(asList ? { image_urls: images } : { image_url: images[0] }),
      mask_url: mask && toInput(mask),
    },
  };
}
