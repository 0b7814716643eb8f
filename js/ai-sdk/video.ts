/** Videos: from text, from an image, from frames and references. */

import type { Experimental_VideoModelV3 as VideoModelV3 } from "@ai-sdk/provider";

import { type Draft, type ModelCall, answerOf, callModel, unsupported } from "./call.ts";
import { firstFile, toInput } from "./files.ts";
import { FalMediaError } from "./media-error.ts";

type Options = Parameters<VideoModelV3["doGenerate"]>[0];

export const videoModel = (call: ModelCall): VideoModelV3 => ({
  specificationVersion: "v3",
  provider: "fal.video",
  modelId: call.endpointId,
  maxVideosPerCall: 1,
  async doGenerate(options) {
    const draft = draftOf(options);
    const result = await callModel(call, draft, options);
    const video = firstFile(result.data, ["video", "videos", "video_url"]);
    if (!video) throw new FalMediaError("The result of the model names no video.", result);
    return {
      videos: [{ type: "url", url: video.url, mediaType: video.content_type ?? "video/mp4" }],
      warnings: draft.warnings,
      response: answerOf(call),
      providerMetadata: { fal: { ...result.data, requestId: result.requestId } },
    };
  },
});

function draftOf(options: Options): Draft {
  const { prompt, aspectRatio, resolution, duration, seed, image, generateAudio, fps } = options;
  const frames = options.frameImages ?? [];
  const references = options.inputReferences ?? [];
  const frame = (type: "first_frame" | "last_frame") => {
    const found = frames.find(({ frameType }) => frameType === type);
    return found && toInput(found.image);
  };
  const draft: Draft = {
    warnings: [],
    input: {
      prompt,
      seed,
      image_url: image && toInput(image),
      aspect_ratio: aspectRatio === "adaptive" ? "auto" : aspectRatio,
      // fal counts the lines of the shorter side: 1280x720 is "720p".
      resolution: resolution && `${Math.min(...resolution.split("x").map(Number))}p`,
      duration: duration && `${duration}s`,
      generate_audio: generateAudio,
      first_frame_url: frame("first_frame"),
      last_frame_url: frame("last_frame"),
      image_urls: references.length > 0 ? references.map(toInput) : undefined,
    },
  };
  if (fps) unsupported(draft, "fps", "Models have different names for it: say it under the model's own");
  return draft;
}
