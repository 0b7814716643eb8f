/**
 * The demo's page. All it needs to call fal is the URL of its own proxy.
 */

import { createFalClient } from "./fal-wasm/index.js";

const fal = createFalClient({ proxyUrl: "/api/fal/proxy" });

/** @param {string} id @returns {any} */
const $ = (id) => document.getElementById(id);

const BACKENDS = {
  emulator: "Connected to the emulator: nothing leaves this machine",
  fal: "Connected to fal.ai: pictures are billed to your key",
};

const STEPS = ["SENT", "IN_QUEUE", "IN_PROGRESS", "COMPLETED"];

/** @type {AbortController | undefined} */
let running;

/** Shows how far a request has come. @param {string} step @param {string} [note] */
function show(step, note = "") {
  for (const item of $("states").children) {
    const distance = STEPS.indexOf(item.dataset.step) - STEPS.indexOf(step);
    item.className = distance < 0 || step === "COMPLETED" ? "past" : distance === 0 ? "now" : "";
  }
  $("message").textContent = note;
}

/** Percent done, as models write it into their logs. @param {{ message: string }[]} logs */
const percentOf = (logs) => Number(/(\d+)%\|/.exec(logs.at(-1)?.message ?? "")?.[1] ?? NaN);

/** @param {any} status */
function follow(status) {
  const logs = status.allLogs ?? [];
  const percent = percentOf(logs);
  const position = status.queue_position;
  show(status.status, status.status === "IN_QUEUE" && position > 0 ? `${position} before this one` : "");
  if (Number.isNaN(percent)) $("progress").removeAttribute("value");
  else $("progress").value = percent;
  $("logs").hidden = logs.length === 0;
  $("logs").textContent = logs.map((line) => line.message).join("\n");
  $("logs").scrollTop = $("logs").scrollHeight;
}

/** The input of a model, from the form. The file goes in as it is: the client uploads it. */
function inputOf() {
  const [file] = $("picture").files;
  const input = { prompt: $("prompt").value, image_size: "landscape_4_3", output_format: "png" };
  return isFromPicture() ? { ...input, image_url: file, strength: 0.75 } : input;
}

const isFromPicture = () => $("model").value.endsWith("/image-to-image");

/** Runs the form. */
async function generate() {
  const endpoint = $("model").value;
  const began = performance.now();
  const since = () => Math.round(performance.now() - began);
  const states = [];
  let queueMs = 0;
  running = new AbortController();
  enter("running");
  $("frame").scrollIntoView({ block: "nearest", behavior: "smooth" });
  show("SENT");
  $("progress").removeAttribute("value");
  const clock = setInterval(() => ($("elapsed").value = `${(since() / 1000).toFixed(1)} s`), 100);
  try {
    const { data, requestId } = await fal.subscribe(endpoint, {
      input: inputOf(),
      logs: true,
      pollInterval: 200,
      abortSignal: running.signal,
      cancelOnAbort: true,
      onQueueUpdate(status) {
        if (states.at(-1) !== status.status) states.push(status.status);
        if (status.status === "IN_QUEUE") queueMs = since();
        follow(status);
      },
    });
    const [{ url, width, height }] = data.images;
    await showPicture(url, `${endpoint} · ${width} × ${height} · ${requestId}`);
    finish("done", { requestId, endpoint, url, width, height, queueMs, totalMs: since(), states });
  } catch (error) {
    show("SENT", error.message);
    for (const item of $("states").children) item.className = "";
    finish("failed", { code: error.code, message: error.message, requestId: error.requestId });
  } finally {
    clearInterval(clock);
    $("elapsed").value = `${(since() / 1000).toFixed(1)} s`;
    running = undefined;
  }
}

/** @param {string} url @param {string} caption */
async function showPicture(url, caption) {
  const image = $("result");
  image.src = url;
  await image.decode();
  image.alt = $("prompt").value;
  image.hidden = false;
  $("hint").hidden = true;
  $("caption").textContent = caption;
  $("progress").value = 100;
}

/** @param {"ready" | "running" | "done" | "failed"} state */
function enter(state) {
  document.body.dataset.state = state;
  $("generate").disabled = state === "running";
  $("cancel").hidden = state !== "running";
  if (state !== "running" && !$("progress").hasAttribute("value")) $("progress").value = 0;
}

/** @param {"done" | "failed"} state @param {object} outcome */
function finish(state, outcome) {
  document.body.dataset.outcome = JSON.stringify(outcome);
  enter(state);
}

/** What happens to a key that is given to this page. It is made up. */
function leak() {
  const digits = (/** @type {number} */ count) =>
    Array.from({ length: count }, () => Math.floor(Math.random() * 16).toString(16)).join("");
  try {
    createFalClient({ credentials: `${crypto.randomUUID()}:${digits(32)}` });
  } catch (error) {
    $("refusal").textContent = `${error.name}: ${error.message}`;
    $("refusal").hidden = false;
  }
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (isFromPicture() && $("picture").files.length === 0) return $("picture").click();
  if (!running) generate();
});
$("cancel").addEventListener("click", () => running?.abort());
$("leak").addEventListener("click", leak);
$("model").addEventListener("change", () => ($("source").hidden = !isFromPicture()));
$("source").hidden = !isFromPicture();

const { backend } = await (await fetch("/api/session")).json();
$("backend").textContent = BACKENDS[backend];
$("backend").dataset.backend = backend;
enter("ready");
