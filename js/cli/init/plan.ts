/** What is to be written into an app. A file that is there is never changed, but that lines are added: at its end, or a route to a worker. */

import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

import { KEY as EMULATORS_KEY, PORT } from "../emulator.ts";
import type { App } from "./detect.ts";
import { CLIENT, PATH, TEMPLATES } from "./templates.ts";
import { FROM_PAGE, PAGE_CLIENT, clientFiles, hasRoute, routeIn, workerOf } from "./worker.ts";

/** One file: `text` is all of it, or what is added to it. */
export interface Change {
  file: string;
  text: string;
  /** Whether it is added to what is there. */
  isAdded: boolean;
  /** Where lines are put into the middle of a file: what it was, and what it becomes. `text` is those lines. */
  within?: { was: string; text: string };
  /** The folder that it is copied with, which is shown instead of it. */
  copied?: string;
}

export interface Plan {
  changes: Change[];
  /** Files that would be written and are there, with something else in them. */
  kept: string[];
  /** What is left to do by hand. */
  left: string[];
}

const KEY = `# Your key of https://fal.ai/dashboard/keys. Servers read it; no name that begins with VITE_, NEXT_PUBLIC_ or PUBLIC_ may hold it.
FAL_KEY=
`;

/** Those of `fal-wasm dev`. */
const EMULATOR = `# The emulator of \`npx fal-wasm dev\`. For fal itself: your key of https://fal.ai/dashboard/keys, and no address.
FAL_BASE_URL=http://127.0.0.1:${PORT}
FAL_KEY=${EMULATORS_KEY}
`;

const HAS_KEY = /^\s*(export\s+)?FAL_KEY\s*=/m;

/** Whether git leaves a file of this folder out, as far as the lines of a `.gitignore` say. */
export function isIgnored(name: string, lines: string): boolean {
  let ignored = false;
  for (const line of lines.split(/\r?\n/).map((line) => line.trim())) {
    if (!line || line.startsWith("#")) continue;
    const isTaken = line.startsWith("!");
    const glob = line.replace(/^!/, "").replace(/^(\*\*)?\//, "");
    const pattern = glob
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replace(/\*+/g, "[^/]*")
      .replace(/\?/g, "[^/]");
    if (new RegExp(`^${pattern}$`).test(name)) ignored = !isTaken;
  }
  return ignored;
}

/** @param onEmulator Whether it begins with the emulator instead of a key. */
export function planOf(app: App, onEmulator = false): Plan {
  const { proxy, more, client, env: usual, left } = TEMPLATES[app.framework];
  const env = app.framework === "hono" && !app.onWorkers ? ".env" : usual;
  const plan: Plan = { changes: [], kept: [], left: [] };
  const read = (file: string) => {
    const place = join(app.folder, file);
    return existsSync(place) ? readFileSync(place, "utf8") : undefined;
  };
  const create = (file: string, text: string) => {
    const there = read(file);
    if (there === undefined) plan.changes.push({ file, text, isAdded: false });
    else if (there !== text) plan.kept.push(file);
  };
  const add = (file: string, text: string) => {
    const there = read(file);
    const gap = there && !there.endsWith("\n") ? "\n" : "";
    plan.changes.push({ file, text: gap + text, isAdded: there !== undefined });
  };

  const ending = app.typed ? ".ts" : ".js";
  // Vite's configuration stands in the folder of the app, and what it imports beside it.
  const isBeside = app.framework === "vite";
  const file = posix.join(isBeside ? "" : app.sources, proxy.file) + ending;
  create(file, proxy.text(app));
  const wanted = more?.text(app);
  const moreFile = more && posix.join(isBeside ? "" : app.sources, more.file) + ending;
  if (moreFile && wanted) create(moreFile, wanted);
  if (client) create(posix.join(app.sources, client) + ending, CLIENT);
  let isRouted = false;
  const { main, assets } = app.framework === "workers" ? workerOf(app.folder) : {};
  const was = main && read(main);
  if (main && was !== undefined) {
    const from = posix.relative(posix.dirname(main), posix.join(app.sources, proxy.file));
    const route = hasRoute(was) ? undefined : routeIn(was, from.startsWith(".") ? from : `./${from}`);
    if (route)
      plan.changes.push({
        file: main,
        text: `${route.lines.join("\n")}\n`,
        isAdded: true,
        within: { was, text: route.text },
      });
    isRouted = hasRoute(was) || route !== undefined;
  }
  if (assets) {
    create(posix.join(assets, "fal.js"), PAGE_CLIENT);
    const copied = posix.join(assets, "fal-wasm");
    const files = clientFiles().map(({ file, text }) => ({ file: posix.join(copied, file), text }));
    // Of one version, or none.
    if (files.some(({ file, text }) => ![undefined, text].includes(read(file)))) plan.kept.push(copied);
    else
      plan.changes.push(
        ...files.filter(({ file }) => read(file) === undefined).map((file) => ({ ...file, isAdded: false, copied })),
      );
  }
  // First of the two: at no time is a file for a key there that git would take.
  if (!isIgnored(env, read(".gitignore") ?? "")) add(".gitignore", `${env}\n`);
  const hasKey = HAS_KEY.test(read(env) ?? "");
  if (!hasKey) add(env, onEmulator ? EMULATOR : KEY);

  if (!app.isInstalled) plan.left.push(`${app.add} fal-wasm`);
  // Bundlers find a file without its ending; Node does not, and knows the JavaScript that TypeScript becomes.
  const from = posix.basename(file, app.framework === "express" || isBeside ? "" : ending);
  if (more?.left && plan.kept.some((kept) => kept === moreFile)) plan.left.push(more.left);
  if (!isRouted) plan.left.push(...left(`./${isBeside ? from : from.replace(/\.ts$/, ".js")}`, app));
  if (app.framework !== "vite") plan.left.push(`Say who is signed in: \`authenticate\` in ${file}.`);
  if (env === ".env") plan.left.push("Start it with the file of the key: node --env-file=.env …");
  if (onEmulator && !hasKey)
    plan.left.push(...(app.hasEmulator ? [] : [`${app.add} fal-emulator`]), "npx fal-wasm dev");
  else plan.left.push(`Your key into ${env}, or those lines that an emulator of fal prints: npx fal-wasm dev.`);
  if (assets) plan.left.push(`In the page, in a module: import { fal } from "${FROM_PAGE}";`);
  else if (!client) plan.left.push(`In the page: createFalClient({ proxyUrl: "${PATH}" }).`);
  return plan;
}
