/** Sessions with world models in a page, by name. A session's picture is read as a person sees it: from the video. */

import { createFalClient } from "./fal-wasm/index.js";
import { wma } from "./fal-wasm/realtime/wma.js";

/** @type {Map<string, { session: any, video: HTMLVideoElement, states: string[], heard: any[], error?: any, warnings: string[] }>} */
const opened = new Map();

/** Squares of the emulator's pictures have this side; the first row has a number of 16 bits. */
const SIDE = 16;
const BITS = 16;

/**
 * Opens one through the proxy at `proxy`. With `camera` its picture is sent, too.
 *
 * @param {{ name: string, proxy: string, camera?: boolean, options?: object }} wish
 */
export async function open({ name, proxy, camera = false, options = {} }) {
  const fal = createFalClient({ proxyUrl: proxy, retry: { maxRetries: 0 } });
  const video = Object.assign(document.createElement("video"), { autoplay: true, muted: true, playsInline: true });
  document.body.append(video);
  /** @type {any} */
  const one = { video, states: [], heard: [], warnings: [] };
  opened.set(name, one);
  one.session = fal.realtime.open(wma("emulator/world"), {
    ...(camera ? { localStream: navigator.mediaDevices.getUserMedia({ video: true }) } : { receive: ["video"] }),
    onMedia: (/** @type {MediaStream} */ stream) => (video.srcObject = stream),
    onData: (/** @type {string} */ raw) => one.heard.push(JSON.parse(raw)),
    onState: (/** @type {string} */ state) => one.states.push(state),
    onError: (/** @type {any} */ error) => (one.error = { code: error.code, status: error.status }),
    onDiagnostic: (/** @type {any} */ event) => event.kind === "warning" && one.warnings.push(event.message),
    ...options,
  });
  one.session.ready.catch(() => {});
}

/** @param {string} name */
const get = (name) => /** @type {any} */ (opened.get(name));

/** @param {{ name: string, message: object }} what */
export const send = ({ name, message }) => get(name).session.send(message);

/** @param {string} name */
export const close = (name) => get(name).session.close();

/** What is known of one, and what it shows. @param {string} name */
export async function look(name) {
  const { session, video, states, heard, error, warnings } = get(name);
  const known = { state: session.state, states, heard, error, warnings, id: session.session?.sessionId };
  if (video.readyState < 2 || video.videoWidth === 0) return known;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const pixels = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pixels.drawImage(video, 0, 0);
  const color = (/** @type {number} */ column, /** @type {number} */ row) => [
    ...pixels.getImageData((column + 0.5) * SIDE, (row + 0.5) * SIDE, 1, 1).data.slice(0, 3),
  ];
  let number = 0;
  for (let bit = 1; bit <= BITS; bit += 1) number = number * 2 + Number(color(bit, 0)[0] > 128);
  /** Where there is a color that nothing but the walker has. */
  let walker;
  for (let row = 1; row < canvas.height / SIDE; row += 1)
    for (let column = 0; column < canvas.width / SIDE; column += 1) {
      const [red = 0, green = 0, blue = 0] = color(column, row);
      if (green < 90) walker = { column, row, color: red > 150 ? "red" : blue > 150 ? "blue" : "?" };
    }
  return { ...known, size: [canvas.width, canvas.height], number, walker };
}
