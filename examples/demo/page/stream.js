/** The tab of streams: an answer as it is written. */

import { answer } from "./calls/stream.js";
import { $, say, turns } from "./dom.js";

const SAID = {
  idle: "",
  sending: "Sent.",
  in_progress: "The answer is being written.",
  completed: "Done.",
  cancelled: "Stopped.",
};

export function startStream() {
  const take = turns($("ask"), $("stop"));
  answer.subscribe(() => {
    const { status, isPending, data, error } = answer.getState();
    take(isPending);
    $("answer").textContent = data?.output ?? "";
    $("answer").dataset.status = status;
    say($("stream-said"), error?.message ?? SAID[/** @type {keyof typeof SAID} */ (status)]);
  });
  $("stream-form").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    answer.run({ prompt: $("question").value });
  });
  $("stop").addEventListener("click", () => answer.cancel());
}
