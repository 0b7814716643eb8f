/** What every cell does: the same calls wherever the package was put. Plain JavaScript, so that any tool takes it. */

/**
 * A page gives `proxyUrl`. A server gives `env`, and `emulator`, where whatever it sends is taken.
 *
 * @param {{ createFalClient: any, proxyUrl?: string, env?: any, emulator?: string }} place
 */
export async function scenario({ createFalClient, proxyUrl, env, emulator }) {
  const toEmulator = (/** @type {string} */ url, /** @type {any} */ init) =>
    fetch(String(url).replace(/^https:\/\/([a-z0-9.]*fal\.(?:run|ai|media))(?=\/)/, `${emulator}/$1`), init);
  const where = proxyUrl ? { proxyUrl } : { fetch: toEmulator };
  const fal = createFalClient(proxyUrl ? where : { ...where, env });

  const { data } = await fal.run("emulator/echo", { input: { a: 1 } });
  /** @type {string[]} */
  const statuses = [];
  const drawn = await fal.subscribe("fal-ai/flux/schnell", {
    input: { prompt: "the sea" },
    pollInterval: 40,
    onQueueUpdate: (/** @type {any} */ { status }) => void statuses.push(status),
  });
  let events = 0;
  for await (const _ of await fal.stream("fal-ai/any-llm", { input: { prompt: "the sea" } })) events += 1;
  const url = await fal.storage.upload(new Blob(["a file"], { type: "text/plain" }));

  // A key of nobody's: a browser has to refuse it before anything is sent, and elsewhere fal does.
  let refused = "taken";
  try {
    await createFalClient({ ...where, credentials: "nobody:0123456789abcdef" }).run("emulator/echo", { input: {} });
  } catch (/** @type {any} */ error) {
    refused = error.code ?? String(error);
  }
  return {
    echoed: data.input,
    pictures: drawn.data.images.length,
    last: statuses[statuses.length - 1],
    streamed: events > 1,
    uploaded: await (await fetch(url)).text(),
    refused,
  };
}
