/**
 * The runners of sessions with world models: real WebRTC, by the package `werift`, which is JavaScript. What they show and say,
 * and how long they live, is up to the model.
 */

import { createRequire } from "node:module";
import { networkInterfaces } from "node:os";

import type { MediaStreamTrack, RTCPeerConnection } from "werift";

import type { Host } from "./host.ts";
import { startStun } from "./stun.ts";

const MISSING =
  "Sessions need WebRTC, which the emulator takes from the package `werift`, and that is not installed. Install it next to `fal-emulator`: npm install --save-dev werift";

/** As they are when this is loaded: a test may stop them later. */
const { setInterval, clearInterval } = globalThis;

const PICTURES_PER_SECOND = 15;
/** The clock of video in RTP. */
const CLOCK_RATE = 90_000;
/** How much of a picture fits into a packet. */
const PACKET_BYTES = 1100;
/** The byte before the part of a picture (RFC 7741): whether it is the first part. */
const [FIRST_PART, NEXT_PART] = [0x10, 0x00];

/** What the model asks for, as `model/bridge` writes it. */
type Task = { session: string } & ({ task: "answer"; sdp: string; reachable: boolean } | { task: "close" });

/** What a server has for sessions. */
export interface Sessions {
  /** For the model: what there is. */
  peers: { stun: string } | { none: string };
  /** Does what the model asks for until `signal` aborts. */
  run(host: Host, signal: AbortSignal): Promise<void>;
}

/** Finds out whether there can be sessions. werift itself is loaded by the first one. */
export async function findSessions(): Promise<Sessions> {
  const without = (none: string): Sessions => ({ peers: { none }, run: async () => {} });
  try {
    createRequire(import.meta.url).resolve("werift");
  } catch {
    return without(MISSING);
  }
  const stun = await startStun().catch((error: Error) => error);
  if (stun instanceof Error) return without(`Sessions need UDP on 127.0.0.1, which there is not: ${stun.message}.`);
  return {
    peers: { stun: stun.url },
    async run(host, signal) {
      const runners = new Map<string, Runner>();
      while (!signal.aborted) {
        for (const task of JSON.parse(host.model.peer_tasks(host.real())) as Task[]) {
          const { session } = task;
          if (task.task === "close") runners.get(session)?.close();
          else {
            const runner = new Runner(host, session, () => runners.delete(session));
            runners.set(session, runner);
            void runner.answer(task.sdp, task.reachable);
          }
        }
        await host.wait(host.model.next_peer_task(), signal);
      }
      for (const runner of runners.values()) runner.close();
      stun.close();
    },
  };
}

/** The other side of one session. */
class Runner {
  readonly #host: Host;
  readonly #session: string;
  readonly #onClose: () => void;
  #connection: RTCPeerConnection | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #packets = 0;
  #isClosed = false;

  constructor(host: Host, session: string, onClose: () => void) {
    this.#host = host;
    this.#session = session;
    this.#onClose = onClose;
  }

  /** Tells the model, and whoever waits for it. */
  #tell(news: "connected" | "left" | { answered: string } | { not_answered: string } | { received: number }): void {
    this.#host.model.peer_news(this.#host.real(), this.#session, JSON.stringify(news));
    this.#host.notify();
  }

  /** Answers the offer. Not `isReachable`: with the addresses of nobody. */
  async answer(offer: string, isReachable: boolean): Promise<void> {
    try {
      const sdp = await this.#connect(offer);
      if (!isReachable) this.close();
      this.#tell({ answered: sdp });
    } catch (error) {
      this.close();
      this.#tell({ not_answered: `The offer was not understood: ${(error as Error).message}` });
    }
  }

  async #connect(offer: string): Promise<string> {
    const { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters } = await import("werift");
    if (this.#isClosed) throw new Error("the session is over");
    const rtcpFeedback = [{ type: "nack" }, { type: "nack", parameter: "pli" }];
    const vp8 = new RTCRtpCodecParameters({ mimeType: "video/VP8", clockRate: CLOCK_RATE, rtcpFeedback });
    const opus = new RTCRtpCodecParameters({ mimeType: "audio/opus", clockRate: 48_000, channels: 2 });
    const connection = new RTCPeerConnection({
      iceServers: [],
      iceUseIpv6: false,
      iceAdditionalHostAddresses: ["127.0.0.1"],
      codecs: { audio: [opus], video: [vp8] },
    });
    this.#connection = connection;
    const shown: MediaStreamTrack[] = [];
    const changed = (state: string) => {
      if (this.#isClosed) return;
      if (state === "connected") {
        this.#tell("connected");
        this.#show(shown);
      }
      if (state === "closed" || state === "failed" || state === "disconnected") {
        this.close();
        this.#tell("left");
      }
    };
    connection.connectionStateChange.subscribe(changed);
    connection.onDataChannel.subscribe((channel) =>
      channel.onMessage.subscribe((data) => {
        const answer = this.#host.model.session_message(this.#session, String(data));
        if (answer !== undefined) channel.send(answer);
      }),
    );
    connection.onTrack.subscribe((track) => track.onReceiveRtp.subscribe(() => (this.#packets += 1)));
    await connection.setRemoteDescription({ type: "offer", sdp: withAddresses(offer) });
    const parts = offer.split(/^m=/m).slice(1);
    for (const transceiver of connection.getTransceivers()) {
      const part = parts[transceiver.mLineIndex ?? -1] ?? "";
      const sends = !/^a=(?:sendonly|inactive)\r?$/m.test(part) && transceiver.kind === "video";
      const receives = !/^a=(?:recvonly|inactive)\r?$/m.test(part);
      transceiver.setDirection(sends ? (receives ? "sendrecv" : "sendonly") : receives ? "recvonly" : "inactive");
      if (!sends) continue;
      const track = new MediaStreamTrack({ kind: "video" });
      await transceiver.sender.replaceTrack(track);
      shown.push(track);
    }
    await connection.setLocalDescription(await connection.createAnswer());
    // A page that leaves says so to the transport only.
    for (const { onStateChange } of connection.dtlsTransports)
      onStateChange.subscribe((state) => state === "closed" && changed(state));
    return connection.localDescription?.sdp ?? "";
  }

  /** Sends the pictures of the model. */
  #show(tracks: MediaStreamTrack[]): void {
    let [sequence, timestamp] = [0, 0];
    this.#timer = setInterval(async () => {
      if (this.#packets > 0) this.#tell({ received: this.#packets });
      this.#packets = 0;
      timestamp += CLOCK_RATE / PICTURES_PER_SECOND;
      const picture = tracks.length > 0 ? this.#host.model.session_picture(this.#session) : undefined;
      if (!picture) return;
      const { RtpHeader, RtpPacket } = await import("werift");
      for (let at = 0; at < picture.length; at += PACKET_BYTES) {
        sequence = (sequence + 1) & 0xffff;
        const marker = at + PACKET_BYTES >= picture.length;
        // The sender puts its own payload type and source into them.
        const header = new RtpHeader({ sequenceNumber: sequence, timestamp, payloadType: 96, marker, ssrc: 1 });
        const part = Buffer.from([at === 0 ? FIRST_PART : NEXT_PART, ...picture.subarray(at, at + PACKET_BYTES)]);
        for (const track of tracks) track.writeRtp(new RtpPacket(header, part));
      }
    }, 1000 / PICTURES_PER_SECOND);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#onClose();
    void this.#connection?.close().catch(() => {});
  }
}

/**
 * Browsers hide the addresses of a machine behind names in `.local` from pages that may not use a camera. Whoever asks an emulator
 * on 127.0.0.1 is on the same machine, so the names stand for its own addresses.
 */
function withAddresses(offer: string): string {
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const own = interfaces.filter(({ family }) => family === "IPv4").map(({ address }) => address);
  return offer.replace(/^a=candidate:\S+ \d+ udp \d+ \S+\.local .*\r?\n/gim, (line) =>
    own.map((address) => line.replace(/\S+\.local/, address)).join(""),
  );
}
