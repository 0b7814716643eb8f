/** The provider as programs see it. */

import type {
  Experimental_VideoModelV3 as VideoModelV3,
  ImageModelV3,
  ProviderV3,
  SpeechModelV3,
  TranscriptionModelV3,
} from "@ai-sdk/provider";

import type { FalClient } from "../client/types.ts";
import type { QueueSubscribeOptions, SubmitOptions } from "../queue/types.ts";

/** What the provider needs. */
export interface FalProviderOptions {
  /** The client that makes the calls: one with a key on a server, or one that goes through your proxy. */
  readonly client: Pick<FalClient, "subscribe">;
  /** Fetches the pictures and sounds that a result names. Default: the global `fetch`, and `https:` URLs only. */
  readonly fetch?: typeof fetch;
}

/**
 * What can be said about every call of one model: options of `subscribe`. The input comes from the AI SDK's own settings and
 * from `providerOptions.fal`, the abort signal and the headers from its call.
 */
export type FalModelOptions = Omit<
  SubmitOptions<never> & QueueSubscribeOptions,
  "input" | "method" | "abortSignal" | "headers" | "requestId" | "webhookUrl"
>;

/** What can be said about an image model. */
export interface FalImageModelOptions extends FalModelOptions {
  /**
   * How many images one call may make. More are made by several calls at the same time. Raise it for models that take
   * `num_images`.
   *
   * @default 1
   */
  readonly maxImagesPerCall?: number;
}

/**
 * fal's models for the AI SDK. An endpoint id leads to a model; `providerOptions: { fal: { … } }` of a call is more input for
 * it, under the names of fal's documentation (those that `@ai-sdk/fal` spells in camel case are taken, too).
 */
export interface FalProvider extends ProviderV3 {
  /** For `generateImage`. */
  image(endpointId: string, options?: FalImageModelOptions): ImageModelV3;
  /** For `generateImage`: what a provider registry calls. */
  imageModel(endpointId: string, options?: FalImageModelOptions): ImageModelV3;
  /** For `experimental_generateVideo`. */
  video(endpointId: string, options?: FalModelOptions): VideoModelV3;
  /** For `experimental_generateVideo`. */
  videoModel(endpointId: string, options?: FalModelOptions): VideoModelV3;
  /** For `generateSpeech`. */
  speech(endpointId: string, options?: FalModelOptions): SpeechModelV3;
  /** For `generateSpeech`: what a provider registry calls. */
  speechModel(endpointId: string, options?: FalModelOptions): SpeechModelV3;
  /** For `transcribe`. */
  transcription(endpointId: string, options?: FalModelOptions): TranscriptionModelV3;
  /** For `transcribe`: what a provider registry calls. */
  transcriptionModel(endpointId: string, options?: FalModelOptions): TranscriptionModelV3;
}
