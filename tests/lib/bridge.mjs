/**
 * fal's bridge and a runner behind it, for sessions with world models: HTTP as `wma.fal.run` speaks it, and real WebRTC (werift).
 *
 * The runner echoes messages. What it is told to do wrong it does once: `faults` holds the next ones.
 */

import { RTCPeerConnection } from "werift";

/** How a session ends when nobody keeps it: fal's lease is not documented; chosen are three periods of heartbeats. */
export const LEASE_MS = 15_000;

/**
 * @typedef {"answerLost" | "serverError" | "refused" | "notJson" | "answerLate"} Fault
 * @typedef {{ id: string, app: string, beats: number, closed: boolean, messages: string[], peer: RTCPeerConnection }} Session
 */

/** @param {{ answer?: "json" | "stream", ice?: "none" | "servers" | "app" }} [options] */
export function createBridge({ answer = "json", ice = "servers" } = {}) {
  /** @type {Session[]} */
  const sessions = [];
  /** @type {Fault[]} */
  const faults = [];
  /** @type {{ path: string, body: any, headers: Record<string, string> }[]} */
  const calls = [];
  /** @type {(() => void)[]} */
  const streams = [];
  let heartbeat = () => json({ alive: true });

  const json = (/** @type {unknown} */ value, status = 200) =>
    new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });

  /** A runner for an offer. @param {string} app @param {string} sdp */
  async function start(app, sdp) {
    const peer = new RTCPeerConnection({ iceServers: [], iceAdditionalHostAddresses: ["127.0.0.1"] });
    /** @type {Session} */
    const session = { id: `s-${sessions.length + 1}`, app, beats: 0, closed: false, messages: [], peer };
    sessions.push(session);
    peer.onDataChannel.subscribe((channel) => {
      channel.onMessage.subscribe((data) => {
        session.messages.push(String(data));
        channel.send(`echo ${data}`);
      });
    });
    peer.connectionStateChange.subscribe((state) => {
      if (state === "closed" || state === "disconnected" || state === "failed") session.closed = true;
    });
    await peer.setRemoteDescription({ type: "offer", sdp });
    await peer.setLocalDescription(await peer.createAnswer());
    return { session, sdp: peer.localDescription?.sdp ?? "" };
  }

  /** @param {string} app @param {string} offer */
  async function open(app, offer) {
    const fault = faults.shift();
    if (fault === "refused") return json({ detail: "The app is not deployed." }, 422);
    const { session, sdp } = await start(app, offer);
    if (fault === "answerLost") throw new TypeError("fetch failed");
    if (fault === "serverError") return json({ error: { message: "bad gateway" } }, 502);
    if (fault === "notJson") return new Response("<html>hello</html>");
    const text = JSON.stringify({ session_id: session.id, sdp, type: "answer" });
    if (answer === "json") return json(JSON.parse(text));
    // Chosen: one event with the answer, and a stream that lasts as long as the session.
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(`event: answer\ndata: ${text}\n\n`));
        streams.push(() => controller.close());
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  /** Answers as fal does. @param {string} url @param {RequestInit} init @returns {Promise<Response>} */
  async function fetch(url, init = {}) {
    const { pathname } = new URL(url);
    const body = JSON.parse(
      String(typeof init.body === "string" ? init.body : new TextDecoder().decode(/** @type {any} */ (init.body))),
    );
    calls.push({ path: pathname, body, headers: Object.fromEntries(new Headers(init.headers)) });
    if (pathname === "/ice") {
      if (ice === "none") return json({ error: "no" }, 503);
      return json(
        ice === "app" ? { status: "app_managed" } : { ice_servers: [{ urls: "stun:127.0.0.1:9" }], status: "turn" },
      );
    }
    if (pathname === "/session") return open(body.app_id, body.sdp);
    if (pathname === "/session/heartbeat") {
      const session = sessions.find(({ id }) => id === body.session_id);
      if (session) session.beats += 1;
      return session ? heartbeat() : json({ detail: "no such session" }, 404);
    }
    return json({ detail: "not found" }, 404);
  }

  return {
    fetch,
    sessions,
    faults,
    calls,
    /** What is said to heartbeats from now on. @param {() => Response} say */
    onHeartbeat: (say) => void (heartbeat = say),
    /** Ends the streamed answers. */
    endStreams: () => streams.splice(0).forEach((end) => end()),
    close: () => Promise.all(sessions.map(({ peer }) => peer.close())),
  };
}
