/** What is done in every place of a browser. */

import { createFalClient } from "fal-wasm";

import { scenario } from "./scenario.js";
import { redirectSockets } from "./sockets.js";

/** One message there and back. @param {any} fal */
const echoed = (fal) =>
  new Promise((resolve, reject) => {
    const connection = fal.realtime.connect("emulator/echo", {
      onError: reject,
      onResult(/** @type {any} */ result) {
        connection.close();
        resolve(result);
      },
    });
    connection.send({ a: 1 });
  });

/** @param {{ proxyUrl: string, emulator: string }} settings */
export async function work({ proxyUrl, emulator }) {
  redirectSockets(emulator);
  const report = await scenario({ createFalClient, proxyUrl });
  return { report, realtime: await echoed(createFalClient({ proxyUrl })) };
}

/** Where nothing may be done: what is said about it. @param {{ proxyUrl: string, endpoint: string }} settings */
export const tryOne = ({ proxyUrl, endpoint }) =>
  createFalClient({ proxyUrl })
    .run(endpoint, { input: {} })
    .then(
      () => ({ code: "it went through" }),
      ({ code, message }) => ({ code, message }),
    );

/** What becomes of it, as something that can be posted. @param {any} settings */
export const told = (settings) =>
  (settings.endpoint ? tryOne : work)(settings).catch((error) => ({ error: String(error?.stack ?? error) }));
