/** The published `@fal-ai/client` talking in realtime, in a page. Each scenario returns what it heard. */

import { createFalClient } from "@fal-ai/client";

/** @typedef {{ emulator: string, key: string }} World */

/** @param {World} world */
function connections({ emulator, key }) {
  const redirect = (/** @type {any} */ input, /** @type {any} */ init) =>
    fetch(String(input).replace(/^https:\/\/([a-z.]*fal\.(?:run|ai))(?=\/)/, `${emulator}/$1`), init);
  const fal = createFalClient({ credentials: key, suppressLocalCredentialsWarning: true, fetch: redirect });
  /** A token by the newer of the two contracts. @param {string} app */
  const mint = async (app) => {
    const body = JSON.stringify({ allowed_apps: [app], duration: 60 });
    const headers = { authorization: `Key ${key}` };
    const answer = await fetch(`${emulator}/rest.fal.ai/tokens/realtime`, { method: "POST", headers, body });
    return (await answer.json()).token;
  };
  /** A connection whose results and errors can be waited for, in order. @param {string} app @param {any} [options] */
  const connect = (app, options = {}) => {
    /** @type {any[]} */
    const heard = [];
    /** @type {((value: any) => void)[]} */
    const waiting = [];
    const hear = (/** @type {any} */ value) => {
      const first = waiting.shift();
      if (first) first(value);
      else heard.push(value);
    };
    const connection = fal.realtime.connect(app, {
      throttleInterval: 0,
      onResult: hear,
      onError: (error) => hear({ failed: error.message, status: error.status }),
      ...options,
    });
    const next = () => (heard.length > 0 ? heard.shift() : new Promise((resolve) => waiting.push(resolve)));
    return { ...connection, next, heard };
  };
  return { connect, mint };
}

export const scenarios = {
  /** With the client's own token, in MessagePack. @param {World} world */
  async picture(world) {
    const { send, next, close } = connections(world).connect("fal-ai/fast-lcm-diffusion");
    send({ prompt: "the sea", width: 64, height: 48, output_format: "png", request_id: "r1" });
    const { images, request_id: id, seed } = await next();
    close();
    const bitmap = await createImageBitmap(new Blob([images[0].content], { type: images[0].content_type }));
    return { id, seed, size: [bitmap.width, bitmap.height] };
  },

  /** With a token of the app's, in JSON. @param {World} world */
  async json(world) {
    const { connect, mint } = connections(world);
    /** @type {string[]} */
    const asked = [];
    const { send, next, close } = connect("fal-ai/any-llm", {
      tokenProvider: (/** @type {string} */ app) => (asked.push(app), mint(app)),
      encodeMessage: JSON.stringify,
      decodeMessage: JSON.parse,
    });
    send({ prompt: "Why is the sky blue?" });
    const { output, partial } = await next();
    close();
    return { asked, output, partial };
  },

  /** Any value goes there and back. @param {World} world */
  async echo(world) {
    const { send, next, close } = connections(world).connect("emulator/echo");
    const values = { int: 2 ** 40, float: 0.5, text: "ü🦊", list: [null, true], bytes: new Uint8Array([0, 255]) };
    send(values);
    const { bytes, ...rest } = await next();
    close();
    return { ...rest, bytes: [...bytes] };
  },

  /** More inputs than are computed in time. @param {World} world */
  async buffered(world) {
    const { send, next, close } = connections(world).connect("emulator/echo", { maxBuffering: 2 });
    send({ n: 0 });
    await next();
    for (let n = 1; n <= 5; n++) send({ n });
    const answers = [await next(), await next(), await next()].map(({ n }) => n);
    close();
    return answers;
  },

  /** A token that is no good, and then one that is. @param {World} world */
  async unauthorized(world) {
    const { connect, mint } = connections(world);
    let tries = 0;
    const { send, next, close } = connect("emulator/echo", {
      tokenProvider: async (/** @type {string} */ app) => (tries++ === 0 ? "no token" : mint(app)),
    });
    send({ n: 1 });
    const refused = await next();
    send({ n: 2 });
    const answer = await next();
    close();
    return { refused: refused.status, tries, answer: answer.n };
  },

  /** An idle session ends, which is no error, and the next input opens another. @param {World} world */
  async idle(world) {
    const { send, next, close, heard } = connections(world).connect("emulator/echo");
    send({ n: 1 });
    const answers = [(await next()).n];
    const last = (/** @type {number | null} */ session_timeout_ms) => {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ realtime: { session_timeout_ms } });
      return fetch(`${world.emulator}/__control`, { method: "POST", headers, body });
    };
    await last(0);
    const sockets = async () => (await (await fetch(`${world.emulator}/__control`)).json()).sockets;
    while ((await sockets()).at(-1).closed_ms === null);
    await last(null);
    // The page hears of the end a little later than the emulator knows of it, and what it says before is lost.
    let done = false;
    const second = next()
      .then((/** @type {any} */ { n }) => void answers.push(n))
      .finally(() => (done = true));
    while (!done) {
      send({ n: 2 });
      await Promise.race([second, new Promise((resolve) => setTimeout(resolve, 100))]);
    }
    close();
    return { answers, heard: heard.filter((/** @type {any} */ { failed }) => failed) };
  },

  /** An input that an app cannot use. @param {World} world */
  async wrong(world) {
    const { send, next, close } = connections(world).connect("fal-ai/fast-lcm-diffusion");
    send({ seed: 1 });
    const { failed } = await next();
    close();
    return failed;
  },
};
