/** The demo's page: its tabs, what it is connected to, and what happens to a key that is given to it. */

import { $ } from "./dom.js";
import { session } from "./fal.js";
import { createFalClient } from "./fal-wasm/index.js";
import { startPicture } from "./picture.js";
import { startPolicy } from "./policy.js";
import { startRealtime } from "./realtime.js";
import { startStream } from "./stream.js";
import { startTabs } from "./tabs.js";
import { startWorld } from "./world.js";

const BACKENDS = {
  emulator: "Connected to the emulator: nothing leaves this machine",
  fal: "Connected to fal.ai: pictures are billed to your key",
};

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

/** Shows the code of a tab: the file that runs. @param {string} name */
async function showCode(name) {
  const code = $(`${name}-code`);
  if (code.textContent === "") code.textContent = await (await fetch(`calls/${name}.js`)).text();
}

startTabs($("tabs"), (name) => void showCode(name));
void showCode("picture");
$("leak").addEventListener("click", leak);
startStream();
startRealtime();
startWorld();
startPolicy();

/** @type {keyof typeof BACKENDS} */
const backend = session.backend;
$("backend").textContent = BACKENDS[backend];
$("backend").dataset.backend = backend;
document.body.dataset.state = "ready";
startPicture();
