/**
 * One session: what its machine (src/session) asks for is done here, and what happens is told to it. It decides when to ask, to
 * beat, to give up and to open anew.
 */

import { SessionEffectKind, SessionEventKind, SessionFailure, SessionPulse } from "../core/wire.ts";
import { sessionMachine } from "#session";
import { type Answer, Unanswered, askBridge, beat, sendOffer, serversIn, tellOver } from "./bridge.ts";
import { RealtimeSessionError, warningText } from "./errors.ts";
import { hasTurnServer } from "./ice.ts";
import { type Peer, makePeer } from "./peer.ts";
import type { WmaReceiveTrackOptions } from "./receive.ts";
import type { RealtimeExtensionContext } from "./types.ts";
import type { WmaOptions, WmaRealtimeSession } from "./wma.ts";

/** Options that were checked. */
export type PeerOptions = Omit<WmaOptions, "receive" | "localStream"> & {
  receive: WmaReceiveTrackOptions[] | undefined;
  localStream: Promise<MediaStream | undefined>;
};

/** Where there is no other server. It tells a browser its address, and relays nothing. */
const PUBLIC_STUN = "stun:stun.l.google.com:19302";
/** How many bytes the channel may hold back before no more are given to it. */
const HIGH_WATER = 1 << 20;

/** Opens a session; resolves when it is live, rejects when it fails before. */
export function openPeerSession(context: RealtimeExtensionContext, options: PeerOptions): Promise<WmaRealtimeSession> {
  const machine = sessionMachine();
  const began = performance.now();
  const timers = new Map<number, ReturnType<typeof setTimeout>>();
  const requests = new Map<number, AbortController>();
  const waiting: string[] = [];
  let servers = options.iceServers;
  let media: MediaStream | undefined;
  let peer: Peer | undefined;
  let answer: Answer | undefined;
  let isOver = false;
  /** Why the last thing failed, for the error. */
  let cause: unknown;
  let resolve!: (session: WmaRealtimeSession) => void;
  let reject!: (error: unknown) => void;
  const live = new Promise<WmaRealtimeSession>((...settle) => ([resolve, reject] = settle));

  const report = (kind: number, token = 0, value = 0) => {
    const count = machine.handle(kind, token, value, Math.max(0, Math.floor(performance.now() - began)));
    // All of them first: what one of them does may be the next event.
    const effects = Array.from({ length: count }, (_, at) => [0, 1, 2].map((word) => machine.effect(at, word) >>> 0));
    for (const [kind = 0, token = 0, value = 0] of effects) perform(kind, token, value);
  };

  /** Does something that has an answer, until it is aborted. */
  const request = async (
    token: number,
    work: (signal: AbortSignal) => Promise<void>,
    failed: (error: unknown) => void,
  ) => {
    const controller = new AbortController();
    requests.set(token, controller);
    try {
      await work(controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) failed(error);
    } finally {
      requests.delete(token);
    }
  };

  const askForIce = (token: number, ask: (signal: AbortSignal) => Promise<RTCIceServer[] | undefined>) =>
    request(
      token,
      async (signal) => {
        servers = await ask(signal);
        if (signal.aborted) return;
        if (!servers) return report(SessionEventKind.IceMissing, token);
        context.diagnostic({ kind: "progress", phase: "ice-servers", detail: { count: servers.length } });
        report(SessionEventKind.IceGiven, token, Number(hasTurnServer(servers)));
      },
      () => report(SessionEventKind.IceMissing, token),
    );

  const offer = (token: number) =>
    request(
      token,
      async (signal) => {
        const own = peer;
        const onEnd = () => own && report(SessionEventKind.Ended, own.token);
        answer = await sendOffer(context, peer?.offer() ?? { type: "offer" }, signal, onEnd);
        report(SessionEventKind.Accepted, token);
      },
      (error) => {
        cause = error;
        report(SessionEventKind.Refused, token, error instanceof Unanswered ? error.status : 0);
      },
    );

  const apply = async (description: RTCSessionDescriptionInit | undefined) => {
    const own = peer;
    if (!own || !description) return;
    try {
      await own.connection.setRemoteDescription(description);
      report(SessionEventKind.Applied, own.token);
    } catch (error) {
      cause = error;
      report(SessionEventKind.AnswerInvalid, own.token);
    }
  };

  const sendNext = () => {
    const { channel } = peer ?? {};
    if (!channel || channel.readyState !== "open" || channel.bufferedAmount > HIGH_WATER)
      return report(SessionEventKind.Full);
    try {
      channel.send(waiting[0] ?? "");
    } catch {
      return report(SessionEventKind.Full);
    }
    waiting.shift();
    report(SessionEventKind.Written);
  };

  const closePeer = () => {
    for (const timer of timers.values()) clearTimeout(timer);
    for (const controller of requests.values()) controller.abort();
    timers.clear();
    requests.clear();
    peer?.close();
    peer = undefined;
  };

  const end = (error?: RealtimeSessionError) => {
    isOver = true;
    waiting.length = 0;
    for (const stop of watches) stop();
    reject(error ?? new DOMException("The session was closed.", "AbortError"));
    if (error) void context.fail(error.message, error.observed, error);
    else void context.close();
  };

  const perform = (kind: number, token: number, value: number) => {
    switch (kind) {
      case SessionEffectKind.AskBridge:
        return void askForIce(token, (signal) => askBridge(context, signal));
      case SessionEffectKind.AskApp:
        return void askForIce(token, async (abortSignal) => {
          const { data } = await context.run(`${context.endpointId}/ice`, { input: {}, abortSignal });
          return serversIn(data);
        });
      case SessionEffectKind.MakePeer: {
        const iceServers = (value && servers) || [{ urls: PUBLIC_STUN }];
        const failed = (error: unknown) => {
          cause = error;
          report(SessionEventKind.OfferFailed, token);
        };
        try {
          peer = makePeer(token, context, { ...options, iceServers, localStream: media }, report);
          return void peer.start().catch(failed);
        } catch (error) {
          return failed(error);
        }
      }
      case SessionEffectKind.Offer:
        return void offer(token);
      case SessionEffectKind.Apply:
        return void apply(answer?.description);
      case SessionEffectKind.Beat: {
        const asked = answer;
        if (!asked) return;
        return void request(
          token,
          async (signal) => report(SessionEventKind.Beaten, token, await beat(context, asked, signal)),
          () => report(SessionEventKind.Beaten, token, SessionPulse.Lost),
        );
      }
      case SessionEffectKind.Abort:
        return requests.get(token)?.abort();
      case SessionEffectKind.Sleep:
        return void timers.set(
          token,
          setTimeout(() => (timers.delete(token), report(SessionEventKind.TimerFired, token)), value),
        );
      case SessionEffectKind.Cancel:
        clearTimeout(timers.get(token));
        return void timers.delete(token);
      case SessionEffectKind.SendNext:
        return sendNext();
      case SessionEffectKind.DropOldest:
        return void waiting.shift();
      case SessionEffectKind.Live:
        return resolve(session);
      case SessionEffectKind.Warn:
        return context.diagnostic({ kind: "warning", message: warningText(token) });
      case SessionEffectKind.ClosePeer:
        return closePeer();
      case SessionEffectKind.TellOver: {
        const over = answer;
        answer = undefined;
        return void (over && tellOver(context, over).catch(() => {}));
      }
      case SessionEffectKind.Failed: {
        const observed = { ...peer?.observed(), ...(value > 0 && { detail: value }) };
        return end(new RealtimeSessionError(token, value, observed, cause));
      }
      case SessionEffectKind.Closed:
        return end();
    }
  };

  const session: WmaRealtimeSession = {
    get sessionId() {
      return answer?.sessionId ?? "";
    },
    send(message) {
      if (isOver) return;
      waiting.push(JSON.stringify(message));
      report(SessionEventKind.Queued);
    },
    close: () => report(SessionEventKind.Left),
  };
  const watches = watchPage((event) => report(event));
  machine.open(
    options.iceServers ? 1 + Number(hasTurnServer(options.iceServers)) : 0,
    Number(options.iceTransportPolicy === "relay"),
    options.negotiationTimeoutMs ?? 0,
    options.reopen ?? 0,
    options.hiddenTimeoutMs ?? 0,
  );
  report(SessionEventKind.Opened);
  context.addCleanup(() => report(SessionEventKind.Left));
  options.localStream.then(
    (stream) => {
      media = stream;
      watchTracks(stream, watches, () => report(SessionEventKind.Unplugged));
      report(SessionEventKind.MediaReady);
    },
    (error) => {
      cause = error;
      report(SessionEventKind.MediaRefused);
    },
  );
  return live;
}

/** Tells when the page is hidden, seen again, or gone. */
function watchPage(tell: (event: number) => void): (() => void)[] {
  const { document } = globalThis;
  const stops: (() => void)[] = [];
  const on = (target: EventTarget | undefined, name: string, listener: () => void) => {
    target?.addEventListener?.(name, listener);
    stops.push(() => target?.removeEventListener?.(name, listener));
  };
  on(document, "visibilitychange", () => tell(document.hidden ? SessionEventKind.Hidden : SessionEventKind.Shown));
  on(document && globalThis.window, "pagehide", () => tell(SessionEventKind.Left));
  return stops;
}

/** Tells when a device whose picture or sound is sent was unplugged. */
function watchTracks(stream: MediaStream | undefined, stops: (() => void)[], tell: () => void): void {
  for (const track of stream?.getTracks() ?? []) {
    track.addEventListener("ended", tell);
    stops.push(() => track.removeEventListener("ended", tell));
  }
}
