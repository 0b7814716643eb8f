/** Apps that installed the package: each in a fresh folder, out of reach of everything that belongs to this repository. */

import { createHash } from "node:crypto";
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { path } from "../../../scripts/lib/run.mjs";
import { installed, npm } from "../../../scripts/lib/setup.mjs";
import { Skipped } from "./skipped.mjs";

/** A file under another name, without a copy of its bytes where that can be had. @param {string} from @param {string} to */
function link(from, to) {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** A folder a second time. @param {string} from @param {string} to */
function mirror(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) mirror(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else link(source, target);
  }
}

/** Packs the package, and returns what makes apps of it. */
export async function openConsumers() {
  const place = realpathSync(mkdtempSync(join(tmpdir(), "fal-wasm-matrix-")));
  const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", place];
  const [{ filename, version }] = JSON.parse(await npm(pack, {}));
  writeFileSync(`${place}/package.json`, "{}");
  await npm(["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", `./${filename}`], { cwd: place });
  /** What is installed once, though several want it at the same time. @type {Map<string, Promise<unknown>>} */
  const installing = new Map();

  /** @param {Record<string, string>} packages @returns {Promise<string>} */
  async function modulesOf(packages) {
    const list = Object.entries(packages).map((pair) => pair.join("@"));
    const digest = createHash("sha256").update(list.join()).digest("hex").slice(0, 8);
    const folder = `target/matrix/${list[0].replaceAll("/", "-")}-${digest}`;
    const work = installing.get(folder) ?? installed(folder, packages);
    installing.set(folder, work);
    await work.catch((/** @type {Error} */ error) => {
      if (/EBADPLATFORM/.test(error.message)) throw new Skipped("npm has it for other machines only");
      throw error;
    });
    return path(folder, "node_modules");
  }

  return {
    tarball: join(place, filename),
    /** The package as it is when it is installed. */
    installed: `${place}/node_modules/fal-wasm`,

    /**
     * An app: these files, the package, and other packages at these versions. Returns its folder.
     *
     * @param {string} name @param {Record<string, string | Uint8Array>} [files] Their places in it, and what they hold.
     * @param {Record<string, string>} [packages]
     */
    async consumer(name, files = {}, packages = {}) {
      const folder = mkdtempSync(join(place, `${name.replace(/\W+/g, "-")}-`));
      if (Object.keys(packages).length > 0) mirror(await modulesOf(packages), `${folder}/node_modules`);
      mirror(`${place}/node_modules/fal-wasm`, `${folder}/node_modules/fal-wasm`);
      const dependencies = { ...packages, "fal-wasm": version };
      const manifest = { name: "app", private: true, type: "module", dependencies };
      const all = { "package.json": JSON.stringify(manifest, null, 2), ...files };
      for (const [file, content] of Object.entries(all)) {
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        writeFileSync(join(folder, file), content);
      }
      return folder;
    },
    close: () => rmSync(place, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** The scenario, as a file for an app. */
export const scenario = readFileSync(new URL("scenario.js", import.meta.url), "utf8");
