/** The tab of world models: a session over WebRTC, and keys that go to it. */

import { enter } from "./calls/world.js";
import { $, say, turns } from "./dom.js";
import { session as app } from "./fal.js";

const SAID = {
  opening: "Opening …",
  live: "Live: walk with the arrows, or with W, A, S and D.",
  failed: "Failed.",
  closed: "Closed.",
};

/** @type {Record<string, string>} */
const KEYS = { ArrowUp: "w", ArrowLeft: "a", ArrowDown: "s", ArrowRight: "d", w: "w", a: "a", s: "s", d: "d" };

export function startWorld() {
  if (app.backend === "fal") {
    // Which app of fal's this account may open is not known here.
    $("enter").disabled = true;
    return say($("world-said"), "This tab walks in the emulator's world. Start the demo without FAL_KEY to enter it.");
  }
  const take = turns($("enter"), $("leave"));
  /** @type {ReturnType<typeof enter> | undefined} */
  let session;
  const pressed = new Set();
  const tell = () => session?.send({ type: "keys", pressed: [...pressed] });
  /** @param {keyof typeof SAID} state */
  const show = (state) => {
    take(state === "opening" || state === "live");
    say($("world-said"), SAID[state]);
    const isLive = state === "live";
    for (const part of $("steps").querySelectorAll("button")) part.disabled = !isLive;
    $("world-color").disabled = !isLive;
    if (isLive) return $("world").focus();
    pressed.clear();
    if (state === "opening") return;
    $("world").srcObject = null;
    $("world-hint").hidden = false;
  };
  $("enter").addEventListener("click", () => {
    show("opening");
    session = enter({
      onState: show,
      onMedia: (/** @type {MediaStream} */ stream) => {
        $("world").srcObject = stream;
        $("world-hint").hidden = true;
      },
      onError: (/** @type {Error} */ error) => say($("world-said"), error.message),
    });
    // What goes wrong is told to `onError`.
    session.ready.catch(() => {});
  });
  $("leave").addEventListener("click", () => session?.close());
  /** @param {string} key @param {boolean} isDown */
  const press = (key, isDown) => {
    if (pressed.has(key) === isDown) return;
    if (isDown) pressed.add(key);
    else pressed.delete(key);
    tell();
  };
  for (const [event, isDown] of /** @type {const} */ ([
    ["keydown", true],
    ["keyup", false],
  ])) {
    $("world").addEventListener(event, (/** @type {KeyboardEvent} */ given) => {
      const key = KEYS[given.key];
      if (!key) return;
      given.preventDefault();
      press(key, isDown);
    });
  }
  for (const button of $("steps").querySelectorAll("button")) {
    const key = button.dataset.key;
    button.addEventListener("pointerdown", () => press(key, true));
    for (const end of ["pointerup", "pointerleave", "blur"]) button.addEventListener(end, () => press(key, false));
    // A press of a key on the button is one step.
    button.addEventListener("click", (/** @type {MouseEvent} */ { detail }) => {
      if (detail > 0) return;
      press(key, true);
      setTimeout(press, 150, key, false);
    });
  }
  $("world-color").addEventListener("change", () => session?.send({ type: "color", value: $("world-color").value }));
}
