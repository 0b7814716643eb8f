/** The way to the service worker, which is the server of this page. */

import { withBase } from "vitepress";

const SCOPE = withBase("/playground/");
/** A service worker that nobody talks to is ended after 30 seconds, and the emulator with it. */
const ALIVE_MS = 20_000;

/** Asks it to do something; rejects with what went wrong. */
function ask(worker, command, value) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve, reject) => {
    port1.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve());
    worker.postMessage({ command, value }, [port2]);
  });
}

/** What was loaded for this page before the service worker was there. */
const loaded = () => [
  location.pathname,
  ...performance
    .getEntriesByType("resource")
    .map(({ name }) => name)
    .filter((name) => name.startsWith(location.origin) && !name.includes("/api/fal/")),
];

/**
 * Starts the service worker. Resolves to what breaks its network, by the names of switches; rejects where there can be none.
 * `onEntry` is told of each request of this page.
 */
export async function connect(onEntry) {
  const container = navigator.serviceWorker;
  if (!container)
    throw new Error(
      "This browser offers no service worker here: open the page by https, in a window that is not private.",
    );
  // A service worker is for documents that were opened below its folder, not for those that came there by a link.
  const opened = performance.getEntriesByType("navigation")[0]?.name ?? location.href;
  if (!new URL(opened).pathname.startsWith(SCOPE)) {
    location.replace(SCOPE);
    return new Promise(() => {});
  }
  container.onmessage = ({ data }) => onEntry(data);
  await container.register(`${SCOPE}service-worker.js`, { scope: SCOPE });
  const { active } = await container.ready;
  const controlled = new Promise((done) => {
    if (container.controller) return done();
    container.addEventListener("controllerchange", () => done(), { once: true });
  });
  await ask(active, "claim");
  await controlled;
  const worker = () => container.controller ?? active;
  // Without it the page works as well, while there is a network.
  ask(worker(), "keep", loaded()).catch(() => {});
  let on = [];
  const network = (names) => ask(worker(), "network", (on = names));
  await network(on);
  setInterval(() => document.visibilityState === "visible" && network(on).catch(() => {}), ALIVE_MS);
  return network;
}
