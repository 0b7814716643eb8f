/** Realtime in a page: with a token from the app's own proxy, or from a provider of the page's own. */

import { createFalClient } from "./fal-wasm/index.js";

const fal = createFalClient({ proxyUrl: "/api/fal/proxy", retry: { baseDelay: 5, maxDelay: 20 } });

/** A token as an app of its own would give it. @param {string} app */
const tokenOf = async (app) => (await (await fetch(`/token?${app}`)).json()).token;

/** Sends, and waits for so many results or one error. @param {any} handler @param {any[]} inputs @param {string} [app] */
const talk = (handler, inputs, app = "emulator/echo", client = fal) =>
  new Promise((resolve) => {
    const results = [];
    const connection = client.realtime.connect(app, {
      throttleInterval: 0,
      ...handler,
      onError: ({ code, status, message }) => resolve({ error: { code, status, message } }),
      onResult(result) {
        results.push(result);
        if (results.length < inputs.length) return;
        connection.close();
        resolve({ results });
      },
    });
    for (const input of inputs) connection.send(input);
  });

export async function draws() {
  const { results } = await talk({}, [{ prompt: "a cat", width: 32, height: 32 }], "fal-ai/fast-lcm-diffusion");
  const image = await createImageBitmap(new Blob([results[0].images[0].content]));
  return [image.width, image.height];
}

export const echoes = () =>
  talk(
    {},
    [1, 2, 3, 4, 5].map((n) => ({ n, text: "é🍺", list: [n, null, true, n / 2] })),
  );

export const speaksJson = () => talk({ encodeMessage: JSON.stringify, decodeMessage: JSON.parse }, [{ a: 1 }]);

/** Text and bytes, one after the other: neither may overtake. */
export const keepsOrder = () =>
  talk(
    { encodeMessage: ({ n }) => (n % 2 ? JSON.stringify({ n }) : new Uint8Array([0x81, 0xa1, 0x6e, n])) },
    [1, 2, 3, 4, 5, 6].map((n) => ({ n })),
  );

export const closed = () => talk({}, [{ a: 1 }], "emulator/private");

export const withoutProxy = () => talk({ tokenProvider: tokenOf }, [{ a: 1 }], "emulator/echo", createFalClient());

export function refuses() {
  const codes = [];
  for (const attempt of [
    () => createFalClient().realtime.connect("emulator/echo", { onResult() {} }),
    () => fal.ws.connect("emulator/echo"),
    () => fal.realtime.connect("emulator/echo", { onResult() {}, credentials: "x" }),
  ]) {
    try {
      attempt();
      codes.push("nothing was thrown");
    } catch (error) {
      codes.push(error.code);
    }
  }
  return codes;
}

/** Opens so many connections, a few at once, lets each be answered, and closes it; every hundredth before it is open. */
export async function connections(count) {
  const token = await tokenOf("emulator/echo/realtime");
  const once = (number) =>
    new Promise((resolve, reject) => {
      const connection = fal.realtime.connect("emulator/echo", {
        connectionKey: `${number}`,
        tokenProvider: async () => token,
        onError: reject,
        onResult() {
          connection.close();
          resolve(undefined);
        },
      });
      connection.send({ number, bytes: new Uint8Array(100) });
      if (number % 100) return;
      connection.close();
      resolve(undefined);
    });
  let next = 0;
  const worker = async () => {
    while (next < count) await once(next++);
  };
  // Not more: the more are pending, the longer a browser waits before it opens another.
  await Promise.all([worker(), worker()]);
}
