/** The bounds of accounts, as `src/limits/mod.rs` has them: a test there reads this file. Redis needs them in its scripts. */

/** @internal */
export const INTERNAL_LIMITS = {
  MAX_OPEN: 300,
  MAX_QUESTIONS: 8,
  ASK_EVERY_MS: 5_000,
  LONGEST_WAIT_MS: 60_000,
  JOB_KEPT_MS: 604_800_000,
  MAX_KEYS: 10_000,
  MAX_KEPT_BYTES: 16_777_216,
  DAY_MS: 86_400_000,
} as const;
