/** Text to speech. */

import type { SpeechModelV3 } from "@ai-sdk/provider";

import { type Draft, type ModelCall, answerOf, callModel, unsupported } from "./call.ts";
import { download, firstFile } from "./files.ts";
import { FalMediaError } from "./media-error.ts";

type Options = Parameters<SpeechModelV3["doGenerate"]>[0];

export const speechModel = (call: ModelCall): SpeechModelV3 => ({
  specificationVersion: "v3",
  provider: "fal.speech",
  modelId: call.endpointId,
  async doGenerate(options) {
    const draft = draftOf(options);
    const result = await callModel(call, draft, options);
    const audio = firstFile(result.data, ["audio", "audio_file", "audio_url"]);
    if (!audio) throw new FalMediaError("The result of the model names no sound.", result);
    return {
      audio: await download(call.provider, audio, result, options.abortSignal),
      warnings: draft.warnings,
      response: { ...answerOf(call), body: result.data },
      providerMetadata: { fal: { ...result.data, requestId: result.requestId } },
    };
  },
});

function draftOf({ text, voice, speed, outputFormat, instructions, language }: Options): Draft {
  const draft: Draft = { warnings: [], input: { text, voice, speed } };
  // `url` and `hex` are ways to hand a sound over, and this takes URLs.
  if (outputFormat && outputFormat !== "url") unsupported(draft, "outputFormat", "Say the format the model's own way");
  if (instructions) unsupported(draft, "instructions", "Say them under the model's own name");
  if (language) unsupported(draft, "language", "Say it under the model's own name, such as `language_boost`");
  return draft;
}
