/** What is made of the options of a proxy when it is created: wrong options show there, and nothing is parsed per call. */

import { KeyLeakAlarm } from "#core";
import { heldInCore } from "../core/held.ts";
import { FailureKind } from "../core/wire.ts";
import { OperationError } from "../errors/errors.ts";
import { isServer } from "../host/server/host.ts";
import { type Limiter, createLimiter } from "../limits/limits.ts";
import { type Trail, createTrail } from "./audit.ts";
import { type Entrance, entranceOf } from "./admit.ts";
import { hasOwnKeys } from "./call-key.ts";
import { type InputRules, compileInputRules } from "./input-rules.ts";
import { type Policy, compilePolicy } from "./policy.ts";
import { settingsHash } from "./settings-hash.ts";
import { checkProxyOptions } from "./shape.ts";
import { StatusCache } from "./status-cache.ts";
import type { ProxyOptions } from "./types.ts";

/** A proxy that is ready to be called. */
export interface CompiledProxy {
  readonly options: ProxyOptions;
  readonly policy: Policy;
  /** What is to be known of a call before it is let in. */
  readonly entrance: Entrance;
  readonly inputRules: InputRules;
  readonly limiter: Limiter;
  /** Where jobs are; with limits only. */
  readonly statuses?: StatusCache | undefined;
  /** Which policy this is. */
  readonly settingsHash: () => string;
  /** Makes the record of a decision. */
  readonly trail: Trail;
  /** How long a token for realtime connections is valid. */
  readonly tokenSeconds: number;
  /** When keys from browsers are reported. */
  readonly keyLeaks: () => KeyLeakAlarm;
}

/** A token only has to last until the connection is open. */
const TOKEN_SECONDS = 120;

/** Reads options; throws what is wrong with them. */
export function compileProxy(options: ProxyOptions): CompiledProxy {
  if (!isServer(options ?? {})) throw new OperationError(FailureKind.CredentialsInBrowser);
  checkProxyOptions(options);
  const { allowedEndpoints: open, inputs, limits, realtimeTokens } = options;
  const { expirationSeconds: tokenSeconds = TOKEN_SECONDS }: { expirationSeconds?: number } = Object(realtimeTokens);
  const inputRules = compileInputRules(inputs, open);
  const limiter = createLimiter(limits, open);
  // With keys of their own, who may ask about a job is for fal to say.
  const statuses = limits && !hasOwnKeys(options) ? new StatusCache() : undefined;
  const policy = compilePolicy(options);
  const keyLeaks = heldInCore(() => new KeyLeakAlarm());
  const followed = { settingsHash: settingsHash(options), trail: createTrail() };
  const entrance = entranceOf(options);
  return { options, policy, entrance, inputRules, limiter, statuses, tokenSeconds, keyLeaks, ...followed };
}
