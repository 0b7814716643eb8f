/** The page: it does its work itself, or has it done in another place. */

/** An answer to what was posted. @param {(answer: (event: any) => void, failed: (event: any) => void) => void} post */
const answer = (post) =>
  new Promise((resolve, reject) =>
    post(
      ({ data }) => resolve(data),
      (event) => reject(new Error(event.message || "It did not start.")),
    ),
  );

const file = (name) => new URL(name, document.baseURI);

/** @param {string} sandbox */
const frame = (sandbox) => (settings) =>
  answer((onmessage) => {
    const element = Object.assign(document.createElement("iframe"), { src: "frame.html" });
    element.sandbox = sandbox;
    element.onload = () => element.contentWindow.postMessage(settings, "*");
    addEventListener("message", onmessage);
    document.body.append(element);
  });

globalThis.places = {
  page: async (settings) => (await import("./work.js")).told(settings),

  dedicated: (settings) =>
    answer((onmessage, onerror) => {
      const worker = new Worker(file("dedicated.js"), { type: "module" });
      Object.assign(worker, { onmessage, onerror }).postMessage(settings);
    }),

  shared: (settings) =>
    answer((onmessage, onerror) => {
      const worker = Object.assign(new SharedWorker(file("shared.js"), { type: "module" }), { onerror });
      Object.assign(worker.port, { onmessage }).postMessage(settings);
    }),

  async service(settings) {
    const registration = await navigator.serviceWorker.register(file("service.js"), { type: "module" });
    const { active } = await navigator.serviceWorker.ready;
    const told = await answer((onmessage) => {
      navigator.serviceWorker.onmessage = onmessage;
      active.postMessage(settings);
    });
    await registration.unregister();
    return told;
  },

  frame: frame("allow-scripts allow-same-origin"),
  frameOfNobody: frame("allow-scripts"),
};
