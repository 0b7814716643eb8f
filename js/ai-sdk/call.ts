/** One call of a model for the AI SDK: what goes into its input, and how it is made. */

import type { SharedV3Warning } from "@ai-sdk/provider";

import type { Result } from "../client/run.ts";
import type { FalModelOptions, FalProviderOptions } from "./types.ts";

/** An input as it grows, and what had no place in it. */
export interface Draft {
  readonly input: Record<string, unknown>;
  readonly warnings: SharedV3Warning[];
}

/** What each call of the AI SDK has, whatever it makes. */
interface SdkCall {
  readonly providerOptions?: Record<string, Record<string, unknown>>;
  readonly abortSignal?: AbortSignal;
  readonly headers?: Record<string, string | undefined>;
}

/** A model: who calls, what it is, and what was said about all of its calls. */
export interface ModelCall {
  readonly provider: FalProviderOptions;
  readonly endpointId: string;
  readonly options: FalModelOptions;
}

/**
 * Names that `@ai-sdk/fal` spells its own way, and what is said to it and not to a model. All others are fal's, and are sent
 * as they are written.
 */
const FIELDS: Record<string, string | null> = {
  useMultipleImages: null,
  imageUrl: "image_url",
  maskUrl: "mask_url",
  guidanceScale: "guidance_scale",
  numInferenceSteps: "num_inference_steps",
  enableSafetyChecker: "enable_safety_checker",
  outputFormat: "output_format",
  syncMode: "sync_mode",
  safetyTolerance: "safety_tolerance",
  motionStrength: "motion_strength",
  negativePrompt: "negative_prompt",
  promptOptimizer: "prompt_optimizer",
  batchSize: "batch_size",
  numSpeakers: "num_speakers",
  chunkLevel: "chunk_level",
};

/** Says that a setting of the AI SDK has no field at fal, and where to say it instead. */
export function unsupported({ warnings }: Draft, feature: string, instead: string) {
  warnings.push({ type: "unsupported", feature, details: `${instead} with \`providerOptions.fal\`.` });
}

/**
 * Runs the model with the draft and what `providerOptions.fal` adds to it, which wins. A call that is given up cancels its
 * request, because nobody would ever fetch what it makes.
 */
export function callModel(
  { provider, endpointId, options }: ModelCall,
  { input }: Draft,
  { providerOptions, abortSignal, headers = {} }: SdkCall,
): Promise<Result<any>> {
  const fields = Object.entries(providerOptions?.fal ?? {}).flatMap(([name, value]) => {
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : name;
    return field ? [[field, value]] : [];
  });
  // The SDK's own `user-agent` is not fal's business, and a browser may not set one.
  const sent = Object.entries(headers).filter(
    (header): header is [string, string] => header[1] !== undefined && header[0].toLowerCase() !== "user-agent",
  );
  const given = [...Object.entries(input), ...fields].filter(([, value]) => value !== undefined && value !== null);
  return provider.client.subscribe<object>(endpointId, {
    ...options,
    input: Object.fromEntries(given),
    ...(abortSignal && { abortSignal, cancelOnAbort: options.cancelOnAbort ?? true }),
    ...(sent.length > 0 && { headers: Object.fromEntries(sent) }),
  });
}

/** What the AI SDK wants to know about an answer. */
export const answerOf = ({ endpointId }: ModelCall) => ({
  timestamp: new Date(),
  modelId: endpointId,
  headers: undefined,
});
