/** Which framework a folder holds an app of, and how its files are spelled. */

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { UsageError } from "../arguments.ts";
import { type Dialect, FRAMEWORKS, type Framework } from "./templates.ts";

export interface App extends Dialect {
  folder: string;
  framework: Framework;
  /** The folder of its sources, below its own; empty when that is its own. */
  sources: string;
  /** Whether it has the package. */
  isInstalled: boolean;
  /** Whether it has the emulator. */
  hasEmulator: boolean;
  /** How packages are added to it. */
  add: string;
}

interface Manifest {
  type?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const ADDING: Record<string, string> = {
  "pnpm-lock.yaml": "pnpm add",
  "yarn.lock": "yarn add",
  "bun.lock": "bun add",
  "bun.lockb": "bun add",
};

function manifestOf(folder: string): Manifest {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  } catch {
    throw new UsageError(`There is no package.json that can be read in ${folder}: run this in the folder of an app.`);
  }
}

/** What a framework is known by. */
const SIGNS: Record<Framework, { packages: string[]; files?: RegExp }> = {
  next: { packages: ["next"] },
  sveltekit: { packages: ["@sveltejs/kit"] },
  hono: { packages: ["hono"] },
  workers: { packages: ["wrangler"], files: /^wrangler\.(jsonc?|toml)$/ },
  express: { packages: ["express"] },
  vite: { packages: ["vite"], files: /^vite\.config\.[cm]?[jt]s$/ },
};

/** Those that bring, or stand on, others. */
const WITH: Partial<Record<Framework, Framework[]>> = {
  next: ["vite", "workers", "express", "hono"],
  sveltekit: ["vite", "workers"],
  hono: ["workers"],
};

function frameworkOf(packages: Record<string, string>, files: string[]): Framework {
  const signed = FRAMEWORKS.filter(
    (name) =>
      SIGNS[name].packages.some((one) => one in packages) || files.some((file) => SIGNS[name].files?.test(file)),
  );
  const found = signed.filter((name) => !signed.some((other) => WITH[other]?.includes(name)));
  const [framework] = found;
  if (!framework)
    throw new UsageError(
      `No framework that is known here was found: say --framework with one of ${FRAMEWORKS.join(", ")}, or see the README for others.`,
    );
  if (found.length > 1)
    throw new UsageError(`The app uses ${found.join(" and ")}: say where the proxy goes with --framework.`);
  return framework;
}

/** The folder of the sources: `src`, when what begins the app is in there. */
function sourcesOf(folder: string, framework: Framework): string {
  if (framework === "sveltekit") return "src";
  if (framework !== "next") return existsSync(join(folder, "src")) ? "src" : "";
  for (const sources of ["", "src"]) if (existsSync(join(folder, sources, "app"))) return sources;
  throw new UsageError(
    "This Next.js has no App Router (no app/ or src/app/). For API routes: export default toNodeHandler(proxy), as the README says.",
  );
}

export function detect(folder: string, given?: Framework): App {
  const { type, dependencies, devDependencies } = manifestOf(folder);
  const packages = { ...dependencies, ...devDependencies };
  const files = readdirSync(folder);
  const framework = given ?? frameworkOf(packages, files);
  const typed = files.some((file) => /^tsconfig(\.\w+)?\.json$/.test(file));
  const { packages: names, files: pattern } = SIGNS.workers;
  const [, add = "npm install"] = Object.entries(ADDING).find(([lock]) => files.includes(lock)) ?? [];
  return {
    folder,
    framework,
    typed,
    // Only Express runs as it is written, without a bundler.
    commonjs: framework === "express" && !typed && type !== "module",
    sources: sourcesOf(folder, framework),
    major: Number(/\d+/.exec(packages[SIGNS[framework].packages[0] ?? ""] ?? "")?.[0] ?? Infinity),
    isInstalled: "fal-wasm" in packages,
    hasEmulator: "fal-emulator" in packages,
    isConfigured: files.some((file) => SIGNS.vite.files?.test(file)),
    add,
    onWorkers: names.some((name) => name in packages) || files.some((file) => pattern?.test(file)),
  };
}
