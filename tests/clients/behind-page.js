/**
 * What an app does behind a proxy, in a page, with whichever client it is given: the two have the same names. Each scenario
 * returns what came of it.
 */

/** @param {any} client @param {string} [proxyUrl] */
export function appOf({ createFalClient }, proxyUrl = "/api/fal/proxy", more = {}) {
  const fal = createFalClient({ proxyUrl, ...more });
  const input = { prompt: "a cat in the rain", image_size: "square" };

  /** @param {any} options */
  const subscribe = async (options) => {
    /** @type {string[]} */
    const states = [];
    const onQueueUpdate = (/** @type {any} */ { status }) => void (states.at(-1) === status || states.push(status));
    const { data } = await fal.subscribe("fal-ai/flux/dev", {
      input,
      logs: true,
      pollInterval: 40,
      onQueueUpdate,
      ...options,
    });
    return [data.images.length, states.at(-1)];
  };

  /** @param {any} [options] */
  const stream = async (options) => {
    const stream = await fal.stream("fal-ai/any-llm", { input: { prompt: "Hi" }, ...options });
    let count = 0;
    for await (const _ of stream) count += 1;
    return [count > 3, (await stream.done()).partial];
  };

  /** @param {number} size */
  const upload = (size) => fal.storage.upload(new File([new Uint8Array(size)], "a.bin"));

  /** @param {any} [options] */
  const talk = (options) =>
    new Promise((resolve) => {
      const connection = fal.realtime.connect("emulator/echo", {
        throttleInterval: 0,
        onResult(/** @type {any} */ { n }) {
          connection.close();
          resolve(n);
        },
        onError: (/** @type {any} */ { message, status }) => resolve({ message, status }),
        ...options,
      });
      connection.send({ n: 7 });
    });

  return {
    run: async () => (await fal.run("fal-ai/flux/schnell", { input })).data.images.length,
    bytes: async () => (await fal.run("emulator/bytes", { input: { size: 300 } })).data.byteLength,
    subscribe: () => subscribe({}),
    subscribeByStream: () => subscribe({ mode: "streaming", connectionMode: "server" }),
    stream: () => stream({ connectionMode: "server" }),
    streamFromPage: () => stream({ connectionMode: "client" }),
    async cancel() {
      const { request_id: requestId } = await fal.queue.submit("emulator/slow", { input: { seconds: 60 } });
      await fal.queue.cancel("emulator/slow", { requestId });
      return (await fal.queue.status("emulator/slow", { requestId })).status;
    },
    small: () => upload(5),
    large: () => upload(95 * 1024 * 1024),
    async withFile() {
      const { data } = await fal.run("emulator/echo", { input: { file: new File(["hello"], "a.txt") } });
      return (await fetch(data.input.file)).text();
    },
    realtime: () => talk(),
    async invalid() {
      const error = await fal.run("fal-ai/flux/dev", { input: {} }).catch((/** @type {any} */ error) => error);
      return [error.status, error.body?.detail?.[0]?.loc?.at(-1)];
    },
    async closed() {
      const error = await fal.run("closed/model", { input }).catch((/** @type {any} */ error) => error);
      return [error.status, error.body?.error?.code];
    },
  };
}
