/** The tab of realtime: a picture that follows every letter. */

import { drawing } from "./calls/realtime.js";
import { $, say, turns } from "./dom.js";

const SAID = {
  idle: "Not connected.",
  connecting: "Connecting …",
  open: "Connected: change the prompt or the seed.",
  closed: "Disconnected.",
};

export function startRealtime() {
  const take = turns($("connect"), $("disconnect"));
  let isOn = false;
  /** What is shown, which the page has to let go. */
  let shown = "";
  /** @type {Uint8Array | undefined} */
  let drawn;
  const send = () =>
    isOn && drawing.send({ prompt: $("scene").value || " ", seed: Number($("seed").value), width: 512, height: 384 });
  drawing.subscribe(() => {
    const { status, data, error } = drawing.getState();
    isOn = status === "connecting" || status === "open";
    take(isOn);
    say($("realtime-said"), error?.message ?? SAID[status]);
    const { content, content_type: type } = data?.images[0] ?? {};
    if (!content || content === drawn) return;
    drawn = content;
    URL.revokeObjectURL(shown);
    shown = URL.createObjectURL(new Blob([content], { type }));
    $("live").src = shown;
    $("live").alt = $("scene").value;
    $("live").hidden = false;
    $("live-hint").hidden = true;
  });
  $("realtime-form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    isOn = true;
    send();
  });
  $("disconnect").addEventListener("click", () => drawing.close());
  for (const id of ["scene", "seed"]) $(id).addEventListener("input", send);
}
