/** Where builds are, and who gets to read them. */

import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";

/** Folders that builds are written to, of the frameworks that are in use. */
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

/** What is no part of a build: packages, history, and what bundlers keep for themselves. */
const SKIPPED = /(^|\/)(node_modules|\.git|\.next\/(dev\/)?cache)$/;

/** Folders whose files are handed to everybody, and folders within them whose files run on the server. */
const SERVED = /(^|\/)(_site|assets|client|out|public|static|storybook-static|www)\//;
const RUN = /(^|\/)(_worker\.js|functions|server|ssr)(\/|$)/;

/**
 * @typedef {object} Build
 * @property {string} path
 * @property {string} name Below the project.
 * @property {string} project
 */

/**
 * @typedef {object} File
 * @property {string} path
 * @property {string} name Below the project, with slashes.
 * @property {number} size
 * @property {boolean} served Whether browsers get it.
 */

/** The nearest folder with a package.json, from here upwards; else this one. @param {string} folder */
export function projectOf(folder) {
  const here = resolve(folder);
  for (let place = here; ; place = dirname(place)) {
    if (existsSync(join(place, "package.json"))) return place;
    if (place === dirname(place)) return here;
  }
}

/** A path below another, with slashes. @param {string} from @param {string} to */
export const below = (from, to) => relative(from, to).split(sep).join("/") || ".";

/** The builds of a project, or the folder itself when it is one. @param {string} folder @returns {Build[]} */
export function buildsOf(folder) {
  const here = resolve(folder);
  const project = projectOf(folder);
  const isFolder = (/** @type {string} */ path) => statSync(path, { throwIfNoEntry: false })?.isDirectory();
  const found = BUILDS.map((name) => join(here, name)).filter(isFolder);
  const isProject = existsSync(join(here, "package.json")) || (found.length > 0 && !BUILDS.includes(basename(here)));
  return (isProject ? found : [here]).map((path) => ({ path, name: below(project, path), project }));
}

/** All files of a build. Links are not followed: what they lead to is a file of its own, or not of this build. @param {Build} build */
export function* filesOf({ path, project }) {
  const hasPage = list(path)?.some(({ name }) => name.endsWith(".html"));
  for (const file of walk(path)) {
    const name = below(project, file);
    const served = (hasPage === true || SERVED.test(name)) && !RUN.test(below(path, file));
    yield { path: file, name, size: statSync(file).size, served };
  }
}

/** What is in a folder, in order. @param {string} folder */
function list(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch {
    return undefined;
  }
}

/** All files below a folder. One that cannot be looked into comes by itself: it cannot be read as a file either. @param {string} folder @returns {Generator<string>} */
function* walk(folder) {
  const entries = list(folder);
  if (!entries) yield folder;
  for (const entry of entries ?? []) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.test(path.split(sep).join("/"))) yield* walk(path);
    if (entry.isFile()) yield path;
  }
}
