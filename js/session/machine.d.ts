/** The machine of a session (src/session), made into JavaScript by scripts/lib/session.mjs. */

/** One session. Everything that crosses is a whole number; src/wire/session.rs says what they mean. */
export interface SessionMachine {
  /** `servers`: 0 none of the caller's own, 1 without a relay, 2 with one. Of times 0 is what is usual. */
  open(servers: number, relayOnly: number, negotiation: number, reopen: number, hidden: number): void;
  /** Tells what happened; how many effects there are. */
  handle(kind: number, token: number, value: number, now: number): number;
  /** The kind, the token or the value of an effect. */
  effect(index: number, word: number): number;
}

export function sessionMachine(): SessionMachine;
