/**
 * A file of 512 MiB on its way to fal's storage, 40 ms away, over connections that carry 20 MB/s each; and how much memory that takes.
 * The file is on disk (`fs.openAsBlob`), and each client is called as its README says.
 */

import { openAsBlob } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startEmulator } from "../scripts/lib/emulator.mjs";
import { ACCOUNTS } from "../tests/lib/keys.mjs";
import { clientsWith } from "./lib/clients.mjs";
import { forgetPeak, peakOf, rssOf } from "./lib/process.mjs";
import { ROUND_TRIP_MS, measuredRoundTrip, startRelay } from "./lib/relay.mjs";
import { rowOf } from "./lib/rows.mjs";
import { alternate, collect, msOf } from "./lib/stats.mjs";

const MIB = 1024 * 1024;
const BYTES_PER_SECOND = 20e6;

/** @param {{ quick: boolean }} options */
export async function bench({ quick }) {
  const [rounds, mib] = quick ? [1, 95] : [3, 512];
  const folder = await mkdtemp(join(tmpdir(), "fal-wasm-bench-"));
  const emulator = await startEmulator({ keys: ACCOUNTS });
  const relay = await startRelay(emulator.url, { roundTripMs: ROUND_TRIP_MS, bytesPerSecond: BYTES_PER_SECOND });
  try {
    await emulator.control({ storage: { hash_only: true } });
    const file = await open(join(folder, "film.mp4"), "w");
    await file.truncate(mib * MIB);
    await file.close();
    const blob = await openAsBlob(join(folder, "film.mp4"), { type: "video/mp4" });
    const { ours, theirs } = clientsWith(relay.fetch);
    /** @type {Record<string, number[]>} */
    const memory = { ours: [], theirs: [] };
    const upload = (/** @type {"ours" | "theirs"} */ side, /** @type {any} */ client) => async () => {
      collect();
      const before = rssOf(process.pid);
      forgetPeak(process.pid);
      await emulator.control({ reset: true, storage: { hash_only: true } });
      const ms = await msOf(() => client.storage.upload(blob));
      memory[side]?.push(peakOf(process.pid) - before);
      const { files } = await emulator.seen();
      if (files[0]?.size !== blob.size) throw new Error(`${side} did not upload the file.`);
      return ms / 1_000;
    };
    const sides = { ours: upload("ours", ours), theirs: upload("theirs", theirs) };
    // Node's own fetch takes some 80 MiB at the first files of this size, whoever calls it, and gives nothing back. That is the baseline.
    for (const client of Object.values(clientsWith(emulator.fetch)))
      await client.storage.upload(blob.slice(0, 95 * MIB));
    const samples = await alternate(sides, { rounds, warm: 0 });
    const away = Math.round(await measuredRoundTrip(`${relay.url}/__control`));
    const worst = (/** @type {string} */ side) => [Math.max(...(memory[side] ?? []))];
    const [most, name] = [{ most: 64, alone: true }, `5. upload of ${mib} MiB`];
    return [
      rowOf(`${name}, ${away} ms away, 20 MB/s a connection`, "s", samples, { most: 0.3 }),
      rowOf(`${name}, peak memory above baseline`, "MiB", { ours: worst("ours"), theirs: worst("theirs") }, most),
    ];
  } finally {
    relay.stop();
    emulator.stop();
    await rm(folder, { recursive: true });
  }
}
