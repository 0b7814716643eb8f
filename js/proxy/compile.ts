/** What is made of the options of a proxy when it is created: wrong options show there, and nothing is parsed per call. */

import { isForwardable } from "#core";
import { callback, fetchOf, invalidOption } from "../client/options.ts";
import { FailureKind } from "../core/wire.ts";
import { OperationError } from "../errors/errors.ts";
import { isServer } from "../host/server/host.ts";
import { type Limiter, createLimiter } from "../limits/limits.ts";
import { type InputRules, compileInputRules } from "./input-rules.ts";
import { MIN_SECRET_BYTES } from "./ownership.ts";
import { type Policy, compilePolicy } from "./policy.ts";
import type { ProxyOptions } from "./types.ts";
import { isWebhookUrl } from "./webhook-url.ts";

/** Options that are called with what has happened. */
const CALLBACKS = ["onDecision", "onError", "onKeyLeak", "onKeyRejected"] as const;

/** A proxy that is ready to be called. */
export interface CompiledProxy {
  readonly options: ProxyOptions;
  readonly policy: Policy;
  readonly inputRules: InputRules;
  readonly limiter: Limiter;
  /** How long a token for realtime connections is valid. */
  readonly tokenSeconds: number;
}

/** Reads options; throws what is wrong with them. */
export function compileProxy(options: ProxyOptions): CompiledProxy {
  if (!isServer(options)) throw new OperationError(FailureKind.CredentialsInBrowser);
  const isPublic = options.authenticate === "anonymous-public" && options.limits?.spending !== undefined;
  if (!isPublic && typeof options.authenticate !== "function") invalidOption("authenticate");
  const { forwardHeaders = [] } = options;
  if (!Array.isArray(forwardHeaders) || !forwardHeaders.every((name) => isForwardable(name)))
    invalidOption("forwardHeaders");
  const tokenSeconds = tokenSecondsOf(options);
  fetchOf(options);
  for (const name of CALLBACKS) callback(options, name);
  checkSecrets(options);
  checkBounds(options);
  const inputRules = compileInputRules(options.inputs);
  const limiter = createLimiter(options.limits);
  return { options, policy: compilePolicy(options), inputRules, limiter, tokenSeconds };
}

function checkSecrets({ secret, ownership = true, scope = "API" }: ProxyOptions): void {
  if (scope !== "API") invalidOption("scope");
  if (typeof secret === "string" && new TextEncoder().encode(secret.trim()).byteLength < MIN_SECRET_BYTES) {
    invalidOption("secret");
  }
  const { expirationSeconds = 1 } = Object(ownership);
  if (typeof ownership !== "boolean" && !isPositive(expirationSeconds)) invalidOption("ownership");
}

function checkBounds({ maxBodyBytes = 1, timeouts = {}, webhookUrl }: ProxyOptions): void {
  if (!isPositive(maxBodyBytes)) invalidOption("maxBodyBytes");
  if (!Object.values(timeouts).every((ms) => ms === undefined || isPositive(ms))) invalidOption("timeouts");
  if (webhookUrl !== undefined && typeof webhookUrl !== "function" && !isWebhookUrl(webhookUrl)) {
    invalidOption("webhookUrl");
  }
}

const isPositive = (value: unknown): boolean => typeof value === "number" && value > 0 && value < Infinity;

/** A token only has to last until the connection is open. */
const TOKEN_SECONDS = 120;

function tokenSecondsOf({ realtimeTokens }: ProxyOptions): number {
  const seconds = (typeof realtimeTokens === "object" && realtimeTokens.expirationSeconds) || TOKEN_SECONDS;
  return Number.isInteger(seconds) && seconds >= 1 && seconds <= 3600 ? seconds : invalidOption("realtimeTokens");
}
