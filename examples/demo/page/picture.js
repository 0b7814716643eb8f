/** The tab of the queue: a form, and what becomes of its request. */

import { createPicture } from "./calls/picture.js";
import { $, say, turns } from "./dom.js";

const STEPS = { sending: "SENT", in_queue: "IN_QUEUE", in_progress: "IN_PROGRESS", completed: "COMPLETED" };

const CANCELLED = {
  accepted: "Cancelled: fal does not go on with it.",
  refused: "Cancelled too late: it has run all the same.",
  unknown: "Cancelled. Whether fal goes on with it is not known.",
};

/** The prompt of the request under way, and when it began: for a page that is loaded again. */
const PROMPT = "demo.prompt";
const BEGAN = "demo.began";

const take = turns($("generate"), $("cancel"));
/** @type {any} */
let current;
let began = 0;
let queueMs = 0;
/** @type {string[]} */
let states = [];
/** @type {ReturnType<typeof setInterval> | undefined} */
let clock;

const since = () => Math.round(performance.now() - began);
const isFromPicture = () => $("model").value.endsWith("/image-to-image");

/** A call for each model of the form. */
const calls = new Map(
  [...$("model").options].map(({ value }) => {
    const call = createPicture(value, (/** @type {any} */ { status }) => {
      if (states.at(-1) !== status) states.push(status);
      if (status === "IN_QUEUE") queueMs = since();
    });
    return [value, call];
  }),
);

/** The input of a model, from the form. The file goes in as it is: the client uploads it. */
function inputOf() {
  const input = { prompt: $("prompt").value, image_size: "landscape_4_3", output_format: "png" };
  return isFromPicture() ? { ...input, image_url: $("picture").files[0], strength: 0.75 } : input;
}

/** What is said aloud: a quarter at a time, so that it does not talk without end. @param {any} state */
function sentence({ status, position, progress = 0, cancelled, error }) {
  const quarter = Math.floor(progress * 4) * 25;
  const sentences = /** @type {Record<string, string>} */ ({
    idle: "",
    sending: "Sent.",
    in_queue: `In the queue. ${position ? `${position} before this one.` : "This one is next."}`,
    in_progress: quarter ? `In progress, ${quarter} %.` : "In progress.",
    completed: "Done: here is your picture.",
    cancelled: CANCELLED[/** @type {keyof typeof CANCELLED} */ (cancelled)] ?? "Cancelled.",
    failed: error?.message,
  });
  return sentences[status] ?? "";
}

/** @param {any} state */
function showSteps({ status }) {
  const reached = Object.keys(STEPS).indexOf(status);
  for (const [index, item] of [...$("states").children].entries()) {
    const isNow = index === reached;
    item.className = index < reached || status === "completed" ? "past" : isNow ? "now" : "";
    if (isNow) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  }
}

/** @param {any} state */
function show(state) {
  const { status, isPending, progress, logs, data } = state;
  if (isPending && !clock) start();
  showSteps(state);
  say($("message"), sentence(state));
  $("progress").value = status === "completed" ? 100 : Math.round((progress ?? 0) * 100);
  $("logs").hidden = logs.length === 0;
  say($("logs"), logs.map((/** @type {{ message: string }} */ { message }) => message).join("\n"));
  $("logs").scrollTop = $("logs").scrollHeight;
  if (!data) hidePicture();
  take(isPending);
  if (isPending) document.body.dataset.state = "running";
  else if (status !== "idle") void end(state);
}

function start() {
  began = Number(sessionStorage.getItem(BEGAN)) - performance.timeOrigin;
  [queueMs, states] = [0, []];
  const tick = () => ($("elapsed").value = `${(since() / 1000).toFixed(1)} s`);
  tick();
  clock = setInterval(tick, 100);
}

/** @param {any} state */
async function end({ status, data, error, requestId }) {
  clearInterval(clock);
  clock = undefined;
  if (status !== "completed") return finish(status, { code: error?.code, message: error?.message, requestId });
  const endpoint = current.endpoint;
  const [{ url, width, height }] = data.images;
  await showPicture(url, `${endpoint} · ${width} × ${height} · ${requestId}`);
  // Another run may have begun meanwhile.
  if (current.call.getState().data !== data) return hidePicture();
  finish("done", { requestId, endpoint, url, width, height, queueMs, totalMs: since(), states });
}

/** @param {"done" | "failed" | "cancelled"} state @param {object} outcome */
function finish(state, outcome) {
  document.body.dataset.outcome = JSON.stringify(outcome);
  document.body.dataset.state = state;
}

/** @param {string} url @param {string} caption */
async function showPicture(url, caption) {
  const image = $("result");
  image.src = url;
  image.alt = $("prompt").value;
  await image.decode();
  image.hidden = false;
  $("hint").hidden = true;
  $("caption").textContent = caption;
}

function hidePicture() {
  $("result").hidden = true;
  $("hint").hidden = false;
  $("caption").textContent = "";
}

/** Runs the form. */
function generate() {
  const endpoint = $("model").value;
  sessionStorage.setItem(PROMPT, $("prompt").value);
  sessionStorage.setItem(BEGAN, String(performance.timeOrigin + performance.now()));
  current = { endpoint, call: calls.get(endpoint) };
  current.call.run(inputOf());
  // On a phone the result is below.
  $("message").scrollIntoView({ block: "nearest", behavior: "smooth" });
}

export function startPicture() {
  $("prompt").value = sessionStorage.getItem(PROMPT) ?? $("prompt").value;
  // Watching a call goes on with the one that a reload left behind.
  for (const [endpoint, call] of calls) {
    call.subscribe(() => {
      const state = call.getState();
      if (state.isPending && current?.call !== call) {
        current = { endpoint, call };
        $("model").value = endpoint;
      }
      if (current?.call === call) show(state);
    });
  }
  $("form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    if ($("generate").disabled) return;
    if (isFromPicture() && $("picture").files.length === 0) return $("picture").click();
    generate();
  });
  $("prompt").addEventListener("keydown", (/** @type {KeyboardEvent} */ { key, ctrlKey, metaKey }) => {
    if (key === "Enter" && (ctrlKey || metaKey)) $("form").requestSubmit();
  });
  $("cancel").addEventListener("click", () => current?.call.cancel());
  $("model").addEventListener("change", () => ($("source").hidden = !isFromPicture()));
  $("source").hidden = !isFromPicture();
}

/** The request that was made last, if any: what the tab about the proxy asks for. */
export const lastRequest = () => current?.call.getState().requestId;
