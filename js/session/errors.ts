/** Why sessions fail, in words: what happened, whether another try helps, and what to do. */

import { SessionFailure, SessionWarning } from "../core/wire.ts";

/** The code of a failed session. @experimental */
export type RealtimeSessionErrorCode =
  | "media_refused"
  | "offer_failed"
  | "no_relay"
  | "session_refused"
  | "acceptance_unknown"
  | "answer_invalid"
  | "unconnected"
  | "connection_lost"
  | "channel_closed"
  | "lease_lost"
  | "cut_off";

/** A session failed. @experimental */
export class RealtimeSessionError extends Error {
  /** What it failed of. */
  readonly code: RealtimeSessionErrorCode;
  /** Whether the same call may succeed later. It opens another session, which is paid for. */
  readonly retryable: boolean;
  /** The status of an answer, where there was one. */
  readonly status: number | undefined;
  /** What was observed. */
  readonly observed: Record<string, number | string>;

  /** @internal */
  constructor(why: number, detail: number, observed: Record<string, number | string>, cause?: unknown) {
    const [code, message, retryable] = FAILURES[why] ?? FAILURES[SessionFailure.ConnectionLost]!;
    const said = cause instanceof Error && cause.message ? ` ${cause.message}` : "";
    super(message + said, { cause });
    this.name = "RealtimeSessionError";
    this.code = code;
    this.retryable = retryable ?? (why === SessionFailure.Refused && (detail === 409 || detail === 429));
    this.status = detail >= 100 ? detail : undefined;
    this.observed = observed;
  }
}

/** By the numbers of `SessionFailure`. */
const FAILURES: (readonly [RealtimeSessionErrorCode, string, boolean?])[] = [
  [
    "media_refused",
    "Camera or microphone were refused. No session was opened. Ask the person to allow them, and open again.",
    false,
  ],
  ["offer_failed", "This browser could not make an offer. No session was opened.", false],
  [
    "no_relay",
    "Only a relay may be used, and no server gave an address. No session was opened. Check `iceServers`.",
    true,
  ],
  ["session_refused", "The session was refused."],
  [
    "acceptance_unknown",
    "Nobody knows whether fal opened the session. It was not asked again, since sessions are paid for by the second; without heartbeats it ends by itself.",
    false,
  ],
  ["answer_invalid", "This browser did not take fal's answer.", false],
  ["unconnected", "No way to fal's runner was found.", true],
  ["connection_lost", "The way to fal's runner was lost.", true],
  ["channel_closed", "The channel for messages was closed. The app may have ended, or stopped.", true],
  ["lease_lost", "fal says that the session does not live any more.", true],
  ["cut_off", "The proxy lets the session not go on: its time or its budget is used up.", false],
];

/** By the numbers of `SessionWarning`. */
const WORDS: Record<number, string> = {
  [SessionWarning.BridgeSilent]: "fal's bridge gave no ICE servers. The app is asked.",
  [SessionWarning.NoServers]:
    "There are no ICE servers but a public STUN server, so there is no relay. Closed networks may not connect.",
  [SessionWarning.QueueFull]: "More than 64 messages wait. The oldest are dropped.",
  [SessionWarning.Interrupted]: "The way to fal's runner is interrupted. It may come back within 15 seconds.",
  [SessionWarning.Resumed]: "The way to fal's runner is back.",
  [SessionWarning.Reopening]: "The session was lost. A fresh one is opened in its place, as `reopen` says.",
  [SessionWarning.Unplugged]: "A device was unplugged. Nothing of it is sent any more.",
};
export const warningText = (number: number): string => WORDS[number] ?? "";
