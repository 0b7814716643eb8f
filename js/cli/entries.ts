/** Which build of this package each place gets. */

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Places, the conditions that their bundlers and runtimes set, and the build that belongs there. */
const PLACES = {
  browser: { conditions: ["browser", "module", "import"], build: "browser" },
  worker: { conditions: ["worker", "browser", "import"], build: "browser" },
  "no condition": { conditions: [], build: "browser" },
  workerd: { conditions: ["workerd", "worker", "browser", "import"], build: "edge" },
  "edge-light": { conditions: ["edge-light", "browser", "import"], build: "edge" },
  deno: { conditions: ["deno", "node", "import"], build: "edge" },
  bun: { conditions: ["bun", "node", "import"], build: "edge" },
  node: { conditions: ["node", "import"], build: "edge" },
};

/** The target of an entry of `exports`: the first condition that holds counts. @param {any} target @param {string[]} conditions @returns {string | undefined} */
function resolve(target, conditions) {
  if (typeof target === "string") return target;
  for (const [condition, next] of Object.entries(target ?? {})) {
    if (condition !== "default" && !conditions.includes(condition)) continue;
    const found = resolve(next, conditions);
    if (found) return found;
  }
  return undefined;
}

/** What `fal-wasm` leads to, from this folder. @param {string} project */
export function entries(project) {
  /** @type {Record<string, string>} */
  const entries = {};
  /** @type {import("./examine.ts").Finding[]} */
  const findings = [];
  const manifest = manifestFrom(project);
  if (!manifest) return { entries, findings };
  const { folder, exports } = manifest;
  for (const [place, { conditions, build }] of Object.entries(PLACES)) {
    const file = resolve(exports?.["."], conditions) ?? "";
    entries[place] = /\/(browser|edge)\//.exec(file)?.[1] ?? "none";
    if (entries[place] !== build || !existsSync(join(folder, file)))
      findings.push({ code: "wrong_entry", detail: place });
  }
  return { entries, findings };
}

/** The package as it is installed; undefined when it is not. @param {string} project */
function manifestFrom(project) {
  try {
    const file = createRequire(join(project, "package.json")).resolve("fal-wasm/package.json");
    return { folder: dirname(file), exports: JSON.parse(readFileSync(file, "utf8")).exports };
  } catch {
    return undefined;
  }
}
