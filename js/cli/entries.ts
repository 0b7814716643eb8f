/** Which build of the installed package each runtime gets. */

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import type { Finding } from "./types.ts";

/** Runtimes, the conditions that they or their bundlers set, and the build that is right for them. */
const RUNTIMES = {
  browser: { conditions: ["browser", "module", "import"], build: "browser" },
  worker: { conditions: ["worker", "browser", "import"], build: "browser" },
  "no condition": { conditions: [], build: "browser" },
  workerd: { conditions: ["workerd", "worker", "browser", "import"], build: "edge" },
  "edge-light": { conditions: ["edge-light", "browser", "import"], build: "edge" },
  deno: { conditions: ["deno", "node", "import"], build: "edge" },
  bun: { conditions: ["bun", "node", "import"], build: "edge" },
  node: { conditions: ["node", "import"], build: "edge" },
};

/** The target of an entry of `exports`: the first condition that holds wins. */
function resolve(target: unknown, conditions: string[]): string | undefined {
  if (typeof target === "string") return target;
  for (const [condition, next] of Object.entries(target ?? {})) {
    if (condition !== "default" && !conditions.includes(condition)) continue;
    const found = resolve(next, conditions);
    if (found) return found;
  }
  return undefined;
}

/** What `import "fal-wasm"` resolves to from this folder, by runtime. */
export function entries(project: string): { entries: Record<string, string>; findings: Finding[] } {
  const entries: Record<string, string> = {};
  const findings: Finding[] = [];
  const manifest = manifestFrom(project);
  if (!manifest) return { entries, findings };
  const { folder, exports } = manifest;
  for (const [runtime, { conditions, build }] of Object.entries(RUNTIMES)) {
    const file = resolve(exports?.["."], conditions) ?? "";
    const found = /\/(browser|edge)\//.exec(file)?.[1] ?? "none";
    entries[runtime] = found;
    if (found !== build || !existsSync(join(folder, file))) findings.push({ code: "wrong_entry", detail: runtime });
  }
  return { entries, findings };
}

interface Manifest {
  folder: string;
  exports?: Record<string, unknown>;
}

/** The manifest of the installed package; undefined when it is not installed. */
function manifestFrom(project: string): Manifest | undefined {
  try {
    const file = createRequire(join(project, "package.json")).resolve("fal-wasm/package.json");
    return { folder: dirname(file), exports: JSON.parse(readFileSync(file, "utf8")).exports };
  } catch {
    return undefined;
  }
}
