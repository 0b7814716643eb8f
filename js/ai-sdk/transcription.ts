/** Speech to text. */

import type { TranscriptionModelV3 } from "@ai-sdk/provider";

import { type ModelCall, answerOf, callModel } from "./call.ts";
import { toBlob } from "./files.ts";
import { FalMediaError } from "./media-error.ts";

/** A piece of what was said, as Whisper (`chunks`) and others (`words`) answer it: times in seconds. */
interface Piece {
  readonly text: string;
  readonly timestamp?: readonly (number | null)[] | null;
  readonly start?: number | null;
  readonly end?: number | null;
}

export const transcriptionModel = (call: ModelCall): TranscriptionModelV3 => ({
  specificationVersion: "v3",
  provider: "fal.transcription",
  modelId: call.endpointId,
  async doGenerate(options) {
    const input = { audio_url: toBlob(options.audio, options.mediaType) };
    const result = await callModel(call, { input, warnings: [] }, options);
    const { text, chunks, words, inferred_languages, language_code } = result.data ?? {};
    if (typeof text !== "string") throw new FalMediaError("The result of the model has no text.", result);
    const segments = ((chunks ?? words ?? []) as Piece[]).map((piece) => ({
      text: piece.text,
      startSecond: piece.timestamp?.[0] ?? piece.start ?? 0,
      endSecond: piece.timestamp?.[1] ?? piece.end ?? 0,
    }));
    return {
      text,
      segments,
      language: inferred_languages?.[0] ?? language_code,
      durationInSeconds: segments[segments.length - 1]?.endSecond,
      warnings: [],
      response: { ...answerOf(call), body: result.data },
      providerMetadata: { fal: { ...result.data, requestId: result.requestId } },
    };
  },
});
