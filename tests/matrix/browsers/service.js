import { told } from "./work.js";

addEventListener("message", (event) =>
  event.waitUntil(told(event.data).then((answer) => event.source.postMessage(answer))),
);
