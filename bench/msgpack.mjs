/** MessagePack of realtime frames, both ways, next to `@msgpack/msgpack`, which the official client uses. */

import * as theirs from "@msgpack/msgpack";

import { rowOf } from "./lib/rows.mjs";
import { alternate } from "./lib/stats.mjs";

/** Not by its name: what is built has no types. @type {any} */
const ours = await import(String(new URL("../target/modules/edge/realtime/msgpack.js", import.meta.url)));

/** Bytes that do not repeat. @param {number} size */
const bytes = (size) => Uint8Array.from({ length: size }, (_, index) => (index * 2654435761) >>> 24);

/** What a drawing app sends with each stroke, and what comes back. */
const SMALL = {
  prompt: "a cat in the rain, watercolour, soft light",
  seed: 6252023,
  strength: 0.65,
  guidance_scale: 1,
  num_inference_steps: 4,
  image_size: { width: 512, height: 512 },
  enable_safety_checker: true,
  sync_mode: true,
};
const IMAGE = {
  images: [{ content: bytes(256 * 1024), width: 512, height: 512, content_type: "image/jpeg" }],
  seed: 6252023,
  num_inference_steps: 4,
  request_id: "764cabcf-b745-4b3e-ae38-1200304cf45b",
  timings: { inference: 0.0721 },
};

/** @param {{ quick: boolean }} options */
export async function bench({ quick }) {
  const rounds = quick ? 1 : 60;
  const rows = [];
  for (const [name, frame, count] of /** @type {[string, any, number][]} */ ([
    ["a small frame", SMALL, 20_000],
    ["a frame with 256 kB", IMAGE, 1_000],
  ])) {
    const packed = theirs.encode(frame);
    const turn = (/** @type {(value: any) => any} */ work, /** @type {any} */ value) => () => {
      const began = performance.now();
      for (let left = quick ? 100 : count; left > 0; left -= 1) work(value);
      return ((performance.now() - began) * 1_000) / (quick ? 100 : count);
    };
    for (const verb of /** @type {const} */ (["encode", "decode"])) {
      const value = verb === "encode" ? frame : packed;
      const sides = { ours: turn(ours[verb], value), theirs: turn(theirs[verb], value) };
      rows.push(
        rowOf(`6. MessagePack, ${verb} ${name}`, "µs", await alternate(sides, { rounds, warm: 3 }), { most: 0.85 }),
      );
    }
  }
  return rows;
}
