/** The refusals in a service worker. */
import { tryEverything } from "./refusals.js";

addEventListener("message", (event) =>
  event.waitUntil(tryEverything().then((results) => event.source.postMessage(results))),
);
