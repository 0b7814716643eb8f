/** Gathering addresses for an offer that takes none later. Sessions of `wma` have it in their machine (src/session/gathering.rs). */

import type { IceGatheringOptions, IceGatheringResult } from "./types.ts";

/** The longest that is waited, and how long no more may come, in milliseconds. */
export const DEFAULT_ICE_TIMEOUT_MS: number = 12_000;
export const DEFAULT_ICE_QUIET_PERIOD_MS: number = 1_250;

/** Whether a relay is among servers. */
export const hasTurnServer = (servers: readonly RTCIceServer[]): boolean =>
  servers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/i.test(url)));

/** The kind of a candidate. */
export const parseIceCandidateType = (candidate: string): "host" | "srflx" | "relay" | null =>
  (/(?:^|\s)typ\s+(host|srflx|relay)(?:\s|$)/.exec(candidate)?.[1] as "host" | undefined) ?? null;

/** How many of each kind an offer has. */
function countIn(sdp: string | undefined) {
  const counts = { host: 0, srflx: 0, relay: 0 };
  for (const line of sdp?.match(/^a=candidate:.*$/gm) ?? []) {
    const kind = parseIceCandidateType(line);
    if (kind) counts[kind] += 1;
  }
  return counts;
}

/**
 * Resolves when there are enough candidates and no more come, when all are gathered, or when the longest wait is over. They are
 * counted in the offer itself, so none is missed that came before this was called.
 *
 * @experimental
 */
export function gatherIceCandidates(
  pc: Pick<RTCPeerConnection, "iceGatheringState" | "localDescription" | "addEventListener" | "removeEventListener">,
  options: IceGatheringOptions & { onProgress?: (result: IceGatheringResult) => void } = {},
): Promise<IceGatheringResult> {
  const { iceServers = [], iceTransportPolicy, signal, onProgress } = options;
  const { timeoutMs = DEFAULT_ICE_TIMEOUT_MS, quietPeriodMs = DEFAULT_ICE_QUIET_PERIOD_MS } = options;
  const needsRelay = hasTurnServer(iceServers);
  return new Promise((resolve, reject) => {
    let quiet: ReturnType<typeof setTimeout> | undefined;
    const stop = () => {
      clearTimeout(limit);
      clearTimeout(quiet);
      pc.removeEventListener("icecandidate", look);
      pc.removeEventListener("icegatheringstatechange", look);
      signal?.removeEventListener("abort", leave);
    };
    const finish = (state: IceGatheringResult["state"]) => {
      stop();
      const result = { ...countIn(pc.localDescription?.sdp), state };
      onProgress?.(result);
      resolve(result);
    };
    const leave = () => (stop(), reject(signal?.reason));
    const look = () => {
      if (pc.iceGatheringState === "complete") return finish("complete");
      const { srflx, relay } = countIn(pc.localDescription?.sdp);
      const isEnough = iceTransportPolicy === "relay" ? relay > 0 : srflx > 0 && (!needsRelay || relay > 0);
      clearTimeout(quiet);
      if (isEnough) quiet = setTimeout(finish, quietPeriodMs, "sufficient");
    };
    const limit = setTimeout(finish, timeoutMs, "timeout");
    pc.addEventListener("icecandidate", look);
    pc.addEventListener("icegatheringstatechange", look);
    signal?.addEventListener("abort", leave);
    if (signal?.aborted) leave();
    else look();
  });
}
