/** Where builds are, and which of their files browsers get. */

import { type Dirent, existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";

/** Output folders of common frameworks. */
const BUILDS = [
  ".netlify",
  ".next",
  ".output",
  ".svelte-kit/output",
  ".vercel/output",
  "_site",
  "build",
  "dist",
  "out",
  "public",
  "storybook-static",
  "www",
];

/** Never part of a build: packages, history, and the caches of bundlers. */
const SKIPPED = /(^|\/)(node_modules|\.git|\.next\/(dev\/)?cache)$/;

/** Folders whose files everybody can download, and folders inside them whose files run on the server. */
const SERVED = /(^|\/)(_site|assets|client|out|public|static|storybook-static|www)\//;
const RUN = /(^|\/)(_worker\.js|functions|server|ssr)(\/|$)/;

export interface BuildDir {
  path: string;
  /** Path inside the project. */
  name: string;
  project: string;
}

export interface BuildFile {
  path: string;
  /** Path inside the project, with slashes. */
  name: string;
  size: number;
  /** Whether browsers get it. */
  served: boolean;
}

/** The nearest folder with a package.json, from here upwards; this folder when there is none. */
export function projectOf(folder: string): string {
  const start = resolve(folder);
  for (let current = start; ; current = dirname(current)) {
    if (existsSync(join(current, "package.json"))) return current;
    if (current === dirname(current)) return start;
  }
}

/** A path relative to a folder, with slashes. */
export const below = (folder: string, path: string): string => relative(folder, path).split(sep).join("/") || ".";

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** The build folders of a project, or the folder itself when it is one. */
export function buildDirs(folder: string): BuildDir[] {
  const here = resolve(folder);
  const project = projectOf(folder);
  const found = BUILDS.map((name) => join(here, name)).filter(isFolder);
  const isProject = existsSync(join(here, "package.json")) || (found.length > 0 && !BUILDS.includes(basename(here)));
  return (isProject ? found : [here]).map((path) => ({ path, name: below(project, path), project }));
}

/** All files of a build. Links are not followed: their target is a file of its own, or does not belong to this build. */
export function* filesOf({ path, project }: BuildDir): Generator<BuildFile> {
  const hasPage = list(path)?.some(({ name }) => name.endsWith(".html"));
  for (const file of walk(path)) {
    const name = below(project, file);
    const served = (hasPage === true || SERVED.test(name)) && !RUN.test(below(path, file));
    yield { path: file, name, size: statSync(file).size, served };
  }
}

/** The entries of a folder, sorted by name; undefined when it cannot be read. */
function list(folder: string): Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch {
    return undefined;
  }
}

/** All files below a folder. An unreadable folder is yielded itself: reading it as a file fails, which is reported. */
function* walk(folder: string): Generator<string> {
  const entries = list(folder);
  if (!entries) yield folder;
  for (const entry of entries ?? []) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.test(path.split(sep).join("/"))) yield* walk(path);
    if (entry.isFile()) yield path;
  }
}
