/** What single options of a proxy take: origins, tokens, uploads, attestations. */

import type { StorageSettings } from "../storage/types.ts";

/** Which short-lived tokens a proxy issues. */
export interface RealtimeTokens {
  /**
   * How long a token is valid, in whole seconds from 1 to 3600. It only has to last until the connection is open.
   *
   * @default 120
   */
  expirationSeconds?: number;
  /**
   * Also for endpoints with rules in `inputs`. What is sent through such a connection no rule sees.
   *
   * @default false
   */
  unruled?: boolean;
  /**
   * Also by fal's older contract, which `@fal-ai/client` asks in. It names a whole app, whoever owns it, and not an endpoint:
   * it is used only for apps of which everything is allowed (`"owner/app/**"`), when it is asked for or fal does not know the
   * newer one.
   *
   * @default false
   */
  olderContract?: boolean;
}

/** An origin whose pages may call the proxy. */
export interface TrustedOrigin {
  /** As a browser sends it: `"https://app.example"`. */
  origin: string;
  /**
   * Whether its pages may send cookies along (`credentials: "include"`). Cookies cross to another site only when they are set
   * with `SameSite=None; Secure`, and browsers that block those of third parties do not send them at all.
   *
   * @default false
   */
  credentials?: boolean;
}

/**
 * Rules for uploads. The proxy asks fal for a place, and the browser sends the bytes there itself: how large a file is, and
 * whether it is what it says it is, only fal sees.
 */
export interface UploadRules {
  /** Media types as files declare them: `"image/png"`, or `"image/*"` for all of a kind. Without them, any. */
  types?: string[];
  /** How long uploaded files live, and who may read them, whatever the browser says. Without it that is as the account has it. */
  lifecycle?: StorageSettings;
}

/** A proof that is good for one call. */
export interface Attestation {
  /** What no other proof has: its id, or the proof itself. A digest of it is kept. */
  once: string;
  /**
   * For how long it is remembered, in seconds: at least as long as the proof is valid.
   *
   * @default 86400
   */
  rememberSeconds?: number;
}
