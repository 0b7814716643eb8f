/** The peer connection of a session: its offer, its channel for messages, and what comes in. */

import { SessionCandidate, SessionEventKind } from "../core/wire.ts";
import { parseIceCandidateType } from "./ice.ts";
import type { PeerOptions } from "./peer-session.ts";
import { preferCodecs, withOpus } from "./receive.ts";
import type { RealtimeExtensionContext } from "./types.ts";

/** A peer. */
export interface Peer {
  /** Its name for the machine. */
  token: number;
  connection: RTCPeerConnection;
  channel: RTCDataChannel;
  /** Begins to gather. */
  start(): Promise<void>;
  /** The offer, with everything that was gathered. */
  offer(): RTCSessionDescriptionInit;
  /** What was observed of it, for an error: counts and the errors of servers. */
  observed(): Record<string, number | string>;
  close(): void;
}

type MakeOptions = Omit<PeerOptions, "localStream"> & { localStream: MediaStream | undefined };
type Report = (event: number, token: number, value?: number) => void;

const CANDIDATES = { host: SessionCandidate.Host, srflx: SessionCandidate.Reflexive, relay: SessionCandidate.Relay };

/** Below so many bytes the channel is given messages again. */
const LOW_WATER = 1 << 18;

/** The events of a connection's states. */
const STATES: Partial<Record<RTCPeerConnectionState, number>> = {
  connected: SessionEventKind.Connected,
  disconnected: SessionEventKind.Disconnected,
  failed: SessionEventKind.Unconnected,
};

/** Makes a peer; throws when this runtime cannot. */
export function makePeer(token: number, context: RealtimeExtensionContext, options: MakeOptions, report: Report): Peer {
  const { iceServers, iceTransportPolicy, receive = [] } = options;
  if (typeof RTCPeerConnection !== "function") throw new Error("There is no WebRTC here (`RTCPeerConnection`).");
  const connection = new RTCPeerConnection({
    ...(iceServers && { iceServers }),
    ...(iceTransportPolicy && { iceTransportPolicy }),
  });
  const counts = { host: 0, srflx: 0, relay: 0 };
  const errors = new Set<string>();
  connection.addEventListener("icecandidateerror", ({ url, errorCode, errorText }) =>
    errors.add(`${url ?? "?"}: ${errorCode} ${errorText ?? ""}`.trim()),
  );
  connection.addEventListener("icecandidate", ({ candidate }) => {
    const kind = candidate?.candidate && parseIceCandidateType(candidate.candidate);
    if (!kind) return;
    counts[kind] += 1;
    report(SessionEventKind.Candidate, token, CANDIDATES[kind]);
  });
  const gathered = () => connection.iceGatheringState === "complete" && report(SessionEventKind.Gathered, token);
  connection.addEventListener("icegatheringstatechange", gathered);
  connection.addEventListener("connectionstatechange", () => {
    const { connectionState: state } = connection;
    context.diagnostic({ kind: "progress", phase: "connection-state", detail: { state } });
    const event = STATES[state];
    if (event !== undefined) report(event, token);
  });
  const streams = new WeakSet<MediaStream>();
  connection.addEventListener("track", (event) => {
    for (const stream of event.streams.length > 0 ? event.streams : [new MediaStream([event.track])]) {
      if (!streams.has(stream)) context.media(stream);
      streams.add(stream);
    }
  });
  try {
    addMedia(connection, context, options);
    const channel = openChannel(connection, token, context, report);
    return {
      token,
      connection,
      channel,
      async start() {
        const { type, sdp } = await connection.createOffer();
        await connection.setLocalDescription({ type, sdp: withOpus(sdp ?? "", receive) });
        gathered();
      },
      offer: () => ({ type: "offer", sdp: connection.localDescription?.sdp ?? "" }),
      observed: () => ({
        ...counts,
        iceConnectionState: connection.iceConnectionState,
        ...(errors.size > 0 && { errors: [...errors].join("; ") }),
      }),
      close: () => (channel.close(), connection.close()),
    };
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Puts what is received and what is sent into the offer: what is received first, in its order. */
function addMedia(
  connection: RTCPeerConnection,
  context: RealtimeExtensionContext,
  { receive, direction, localStream }: MakeOptions,
): void {
  const local = [...(localStream?.getTracks() ?? [])];
  const streams = localStream ? [localStream] : [];
  if (!receive) {
    for (const track of local) connection.addTransceiver(track, { direction: direction ?? "sendrecv", streams });
    if (local.length === 0) connection.addTransceiver("video", { direction: direction ?? "recvonly" });
    return;
  }
  for (const place of receive) {
    const at = local.findIndex(({ kind }) => kind === place.kind);
    const [track] = at < 0 ? [] : local.splice(at, 1);
    const transceiver = track
      ? connection.addTransceiver(track, { direction: "sendrecv", streams })
      : connection.addTransceiver(place.kind, { direction: "recvonly" });
    preferCodecs(transceiver, place, (message) => context.diagnostic({ kind: "warning", message }));
  }
  for (const track of local) connection.addTransceiver(track, { direction: "sendonly", streams });
}

/** The channel for messages, under the name that fal's runners expect. */
function openChannel(connection: RTCPeerConnection, token: number, context: RealtimeExtensionContext, report: Report) {
  const channel = connection.createDataChannel("control");
  const decoder = new TextDecoder();
  channel.binaryType = "arraybuffer";
  channel.bufferedAmountLowThreshold = LOW_WATER;
  channel.addEventListener("open", () => report(SessionEventKind.ChannelOpened, token));
  channel.addEventListener("close", () => report(SessionEventKind.ChannelClosed, token));
  channel.addEventListener("bufferedamountlow", () => report(SessionEventKind.Drained, token));
  channel.addEventListener("message", ({ data }) =>
    context.data(typeof data === "string" ? data : decoder.decode(data as ArrayBuffer)),
  );
  return channel;
}
