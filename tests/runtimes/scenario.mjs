/** What a server does with sockets, in whatever runtime this is started with. Says what came of it, as one line of JSON. */

import { createFalClient } from "../../dist/edge/index.js";
import { redirectSockets } from "../lib/sockets.js";

redirectSockets(process.env.EMULATOR ?? "");
const fal = createFalClient();

/** Sends so many messages and waits for their answers. @param {any} handler */
const talk = (handler) =>
  new Promise((resolve) => {
    /** @type {any[]} */
    const results = [];
    const connection = fal.realtime.connect("emulator/echo", {
      throttleInterval: 0,
      ...handler,
      onError: (/** @type {any} */ { code, message }) => resolve(`${code}: ${message}`),
      onResult(/** @type {any} */ { n, bytes }) {
        results.push([n, ...(bytes ?? [])]);
        if (results.length < 3) return;
        connection.close();
        resolve(results);
      },
    });
    for (const n of [1, 2, 3]) connection.send({ n, bytes: new Uint8Array([n]) });
  });

async function requests() {
  const socket = fal.ws.connect("emulator/echo");
  const answers = await Promise.all([1, 2].map((n) => socket.request({ n })));
  socket.close();
  const bytes = fal.ws.connect("emulator/bytes");
  let size = 0;
  for await (const frame of await bytes.stream({ size: 100_000 })) size += frame.length;
  bytes.close();
  return { echoes: answers.map(({ data }) => data.input.n), size };
}

const refused = await createFalClient({ env: { FAL_KEY: "no:key" }, retry: { maxRetries: 0 } })
  .ws.connect("emulator/echo")
  .request({})
  .catch((/** @type {any} */ { code }) => code);

const withKey = await talk({});
const withToken = await talk({ tokenProvider: async () => process.env.TOKEN });
console.log(JSON.stringify({ withKey, withToken, refused, ...(await requests()) }));
process.exit(0);
