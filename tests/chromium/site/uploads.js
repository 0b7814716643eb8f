/** Files from a page: each through the app's own proxy to its place, and straight there. */

import { createFalClient } from "./fal-wasm/index.js";

const { storage, run } = createFalClient({ proxyUrl: "/api/fal/proxy", retry: { baseDelay: 1 } });
const MIB = 1024 * 1024;

/** Bytes that do not repeat from part to part. */
function bytes(size) {
  const all = new Uint8Array(size);
  for (let at = 0; at < size; at += 4096) all[at] = (at / 4096) % 251;
  return all;
}

async function hashOf(content) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function large() {
  const content = bytes(95 * MIB);
  const loaded = [];
  const file = new File([content], 'a "large" one.bin');
  const url = await storage.upload(file, { onProgress: (progress) => loaded.push(progress.loaded) });
  return { url, sha256: await hashOf(content), loaded };
}

export async function stream() {
  const content = bytes(25 * MIB + 1);
  const { body } = new Response(content);
  return { url: await storage.upload(body, { size: content.length }), sha256: await hashOf(content) };
}

export async function small() {
  const files = [
    "data:text/plain;base64,aGVsbG8=",
    new TextEncoder().encode("hello"),
    new Blob(["hello"], { type: "odd" }),
  ];
  return Promise.all(files.map((file) => storage.upload(file)));
}

export async function left() {
  const controller = new AbortController();
  const options = { abortSignal: controller.signal, onProgress: () => controller.abort() };
  return storage.upload(new Blob([bytes(95 * MIB)]), options).catch(({ name, code }) => [name, code]);
}

export async function refused() {
  const { code, status, part, message } = await storage.upload(new Blob([bytes(95 * MIB)])).catch((error) => error);
  return { code, status, part: typeof part, message };
}

export async function ofAnInput() {
  const [file, view] = [new Blob(["x"]), new Uint8Array([1, 2])];
  const { data } = await run("emulator/echo", { input: { a: file, b: [file, view] } });
  return data.input;
}

export const codeOf = (file) => storage.upload(file).catch(({ code }) => code);

/** An input of everything that a page has files in; returns what the model was sent. */
export async function inInput() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 2, height: 2 });
  const offscreen = new OffscreenCanvas(2, 2);
  offscreen.getContext("2d");
  const frame = document.body.appendChild(document.createElement("iframe"));
  const transfer = new DataTransfer();
  for (const text of ["hello", "hallo!"]) transfer.items.add(new File([text], text));
  const input = {
    canvas,
    offscreen,
    foreign: new frame.contentWindow.File(["hello"], "foreign"),
    list: transfer.files,
    url: URL.createObjectURL(new Blob(["hello"])),
  };
  const { data } = await run("emulator/echo", { input });
  const image = await run("emulator/echo", { input: { deep: [document.createElement("img")] } }).catch(
    (error) => error,
  );
  return { input: data.input, image: [image.code, image.message] };
}
