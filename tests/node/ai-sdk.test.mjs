/** The provider for the AI SDK, under the two versions of the SDK that are in use, behind our proxy and with a key. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import * as ai7 from "ai";
import * as ai6 from "ai6";

import { createFalClient } from "fal-wasm";
import { FalMediaError, createFal } from "fal-wasm/ai-sdk";
import { memoryLimits } from "fal-wasm/limits";
import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { failureOf, until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { byHeader, visitor } from "../lib/visitors.mjs";

/** @type {any} */ (globalThis).AI_SDK_LOG_WARNINGS = false;
const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

const client = createFalClient({ credentials: KEY, fetch: emulator.fetch });
/** The emulator's files are at a plain `http:` URL of this machine. @type {typeof fetch} */
const files = (url, init) => fetch(url, init);
const fal = createFal({ client, fetch: files });

const PNG = [137, 80, 78, 71];
const SIZE = { size: /** @type {const} */ ("512x512") };
const asPng = { fal: { outputFormat: "png" } };

/** A client whose model answers what `answer` in its input says: the emulator sends back every input. */
const answering = {
  subscribe: async (/** @type {string} */ id, /** @type {any} */ options) => {
    const result = await client.subscribe(id, options);
    const { answer, ...input } = result.data.input;
    return { ...result, data: { ...answer, input } };
  },
};
const echo = createFal({ client: /** @type {any} */ (answering), fetch: files });

for (const [name, sdk] of /** @type {[string, any][]} */ ([
  ["7", ai7],
  ["6", ai6],
])) {
  test(`AI SDK ${name}: an image, its metadata, and the request that made it`, async () => {
    const model = fal.image("fal-ai/flux/dev");
    const { image, providerMetadata, warnings } = await sdk.generateImage({
      model,
      prompt: "a cat in the rain",
      seed: 7,
      ...SIZE,
      providerOptions: asPng,
    });
    assert.deepEqual([...image.uint8Array.slice(0, 4)], PNG);
    const [made] = providerMetadata.fal.images;
    assert.equal(made.width, 512);
    assert.match(made.requestId, /^[0-9a-f-]{36}$/);
    assert.deepEqual(warnings, []);
  });

  test(`AI SDK ${name}: images are made by several calls, or by one that may`, async () => {
    let requests = 0;
    const made = async (/** @type {number} */ images, /** @type {any} */ settings) => {
      const url = "data:image/png;base64,iVBORw==";
      const result = await sdk.generateImage({
        model: echo.image("emulator/echo", { onEnqueue: () => (requests += 1), ...settings }),
        prompt: "a cat",
        n: 3,
        providerOptions: { fal: { answer: { images: Array(images).fill({ url }) } } },
      });
      return result.images.length;
    };
    assert.deepEqual([await made(1, {}), requests], [3, 3]);
    assert.deepEqual([await made(3, { maxImagesPerCall: 4 }), requests], [3, 4]);
  });

  test(`AI SDK ${name}: a video, speech and a transcript`, async () => {
    const video = await echo.videoModel("emulator/echo").doGenerate({
      prompt: "a cat walks",
      n: 1,
      aspectRatio: "16:9",
      resolution: "1280x720",
      duration: 5,
      fps: 24,
      seed: 1,
      image: { type: "file", mediaType: "image/png", data: new Uint8Array(PNG) },
      frameImages: undefined,
      inputReferences: undefined,
      generateAudio: true,
      providerOptions: { fal: { answer: { video: { url: "https://v3.fal.media/v.mp4" } }, negativePrompt: "dogs" } },
    });
    assert.deepEqual(video.videos, [{ type: "url", url: "https://v3.fal.media/v.mp4", mediaType: "video/mp4" }]);
    const { image_url, ...input } = /** @type {any} */ (video.providerMetadata).fal.input;
    assert.match(image_url, /^http/);
    assert.deepEqual(input, {
      prompt: "a cat walks",
      seed: 1,
      aspect_ratio: "16:9",
      resolution: "720p",
      duration: "5s",
      generate_audio: true,
      negative_prompt: "dogs",
    });
    assert.deepEqual(
      video.warnings.map((/** @type {any} */ warning) => warning.feature),
      ["fps"],
    );

    const url = `data:audio/mpeg;base64,${Buffer.from("sound").toString("base64")}`;
    const speech = await sdk.experimental_generateSpeech({
      model: echo.speech("emulator/echo"),
      text: "hello",
      voice: "anna",
      language: "de",
      providerOptions: { fal: { answer: { audio: { url } } } },
    });
    assert.equal(Buffer.from(speech.audio.uint8Array).toString(), "sound");
    assert.deepEqual(speech.responses[0].body.input, { text: "hello", voice: "anna" });
    assert.equal(speech.warnings[0].feature, "language");

    const chunks = [
      { text: "hello", timestamp: [0, 0.5] },
      { text: "world", timestamp: [0.5, 1] },
    ];
    const transcript = await sdk.experimental_transcribe({
      model: echo.transcription("emulator/echo"),
      audio: new TextEncoder().encode("ID3 sound"),
      providerOptions: {
        fal: { chunkLevel: "word", answer: { text: "hello world", chunks, inferred_languages: ["en"] } },
      },
    });
    assert.equal(transcript.text, "hello world");
    assert.deepEqual([transcript.language, transcript.durationInSeconds], ["en", 1]);
    assert.deepEqual(transcript.segments[1], { text: "world", startSecond: 0.5, endSecond: 1 });
    const heard = transcript.responses[0].body.input;
    assert.equal(heard.chunk_level, "word");
    assert.equal(await (await fetch(heard.audio_url)).text(), "ID3 sound");
  });

  test(`AI SDK ${name}: behind the proxy a visitor has the app's limits, and the SDK does not try again`, async () => {
    let calls = 0;
    const proxy = createFalProxy({
      authenticate: byHeader,
      allowedEndpoints: ["fal-ai/flux/**"],
      credentials: KEY,
      fetch: emulator.fetch,
      limits: { store: memoryLimits(), requests: { max: 1, windowSeconds: 3600 } },
      onDecision: ({ route }) => {
        if (route === "submit") calls += 1;
      },
    });
    const ann = createFal({ client: visitor(proxy, "ann", { retry: { maxRetries: 0 } }), fetch: files });
    const generate = () => sdk.generateImage({ model: ann.image("fal-ai/flux/dev"), prompt: "a cat", ...SIZE });
    assert.equal((await generate()).images.length, 1);
    // The SDK's own retries are left as they are.
    const error = await failureOf(generate());
    assert.deepEqual([error.name, error.code, error.status], ["ApiError", "rate_limited", 429]);
    assert.equal(calls, 2);
  });
}

test("who gives up cancels the request, which nobody would fetch", async () => {
  const controller = new AbortController();
  const model = fal.image("emulator/slow", { onEnqueue: () => setImmediate(() => controller.abort()) });
  const options = { model, prompt: "a cat", abortSignal: controller.signal, maxRetries: 0 };
  const error = await failureOf(ai7.generateImage(options));
  assert.equal(error.name, "AbortError");
  await until(async () => JSON.stringify(await emulator.seen()).includes("/cancel"));
});

test("a result whose file cannot be had is kept: it is paid for", async () => {
  const missing = createFal({ client, fetch: async () => new Response("", { status: 404 }) });
  const image = (/** @type {any} */ provider, id = "fal-ai/flux/dev") =>
    failureOf(ai7.generateImage({ model: provider.image(id), prompt: "a cat", ...SIZE }));
  const error = await image(missing);
  assert.ok(error instanceof FalMediaError);
  assert.match(error.message, /could not be fetched\. The result is in `body`/);
  assert.equal(/** @type {any} */ (error.body).images.length, 1);
  assert.match(error.requestId, /^[0-9a-f-]{36}$/);
  assert.match((await image(echo, "emulator/echo")).message, /names no image/);
});

test("a model cannot send the app to a place inside of its network", async () => {
  const error = await failureOf(
    ai7.generateImage({ model: createFal({ client }).image("fal-ai/flux/dev"), prompt: "a cat", ...SIZE }),
  );
  assert.ok(error instanceof FalMediaError);
  assert.match(error.message, /not at an `https:` URL/);
});

test("editing: files are uploaded, one as image_url, several as image_urls", async () => {
  const file = (/** @type {number} */ byte) => ({
    type: "file",
    mediaType: "image/png",
    data: new Uint8Array([...PNG, byte]),
  });
  const call = async (/** @type {any[]} */ given, fields = {}) => {
    const { providerMetadata } = await echo.image("emulator/echo").doGenerate(
      /** @type {any} */ ({
        prompt: "hat",
        n: 1,
        aspectRatio: "16:9",
        files: given,
        mask: file(9),
        providerOptions: { fal: { answer: { image: { url: "data:image/png;base64,iVBORw==" } }, ...fields } },
      }),
    );
    return /** @type {any} */ (providerMetadata).fal.input;
  };
  const one = await call([file(1)]);
  assert.deepEqual([one.image_size, one.aspect_ratio, one.image_urls], ["landscape_16_9", "16:9", undefined]);
  assert.match(one.image_url, /^http/);
  assert.match(one.mask_url, /^http/);
  assert.equal(
    (await call([file(1), { type: "url", url: "https://a.example/b.png" }])).image_urls[1],
    "https://a.example/b.png",
  );
  const list = await call([file(1)], { useMultipleImages: true });
  assert.deepEqual([list.image_urls.length, list.image_url, list.useMultipleImages], [1, undefined, undefined]);
});

test("it works in a registry, and says what it is not for", () => {
  const registry = ai7.createProviderRegistry({ fal });
  assert.equal(ai6.createProviderRegistry({ fal }).speechModel("fal:a/b").provider, "fal.speech");
  assert.equal(registry.imageModel("fal:fal-ai/flux/dev").modelId, "fal-ai/flux/dev");
  assert.throws(() => fal.languageModel("a/b"), /has no `languageModel`.*`fal.stream`/);
  assert.throws(() => createFal(/** @type {any} */ ({})), /needs a `client`/);
  assert.throws(() => createFal(/** @type {any} */ ({ client, fetsh: files })), /`fetsh` .* did you mean `fetch`/);
});
