/** A worker: its own file, which takes the route of the proxy, and its assets, which take the client. */

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";

import { fieldsOf, readJson } from "../json.ts";
import { PATH } from "./templates.ts";

/** What `wrangler.jsonc` says: the file of the worker, and the folder of what a page gets as it is. */
export function workerOf(folder: string): { main?: string; assets?: string } {
  const file = ["wrangler.jsonc", "wrangler.json"].find((name) => existsSync(join(folder, name)));
  const { main, assets } = fieldsOf(file && readJson(join(folder, file)));
  const { directory } = fieldsOf(assets);
  const inside = (given: unknown) => {
    const place = typeof given === "string" ? posix.normalize(given).replace(/\/$/, "") : "..";
    return /^(\.\.|\/)/.test(place) ? undefined : place;
  };
  return { main: inside(main), assets: inside(directory) };
}

/** A worker that is an object, and whose `fetch` comes first and has the names of `npm create cloudflare`. */
const FETCH =
  /^export default \{\s+(?:async )?fetch\(request(?:: Request)?, env(?:: \w+)?, ctx(?:: ExecutionContext)?\)(?:: Promise<Response>)? \{(\s*\n[ \t]*)/gm;

/** What is put into a worker, in the order of its lines. */
export interface Route {
  lines: string[];
  /** All of the file, with them. */
  text: string;
}

/**
 * The worker with the route of the proxy, when there is one place for it that is plain to see.
 *
 * @param from Where the proxy is, as the worker imports it.
 */
export function routeIn(text: string, from: string): Route | undefined {
  const [found, ...others] = text.matchAll(FETCH);
  if (!found || others.length > 0) return undefined;
  const [begin, gap = ""] = found;
  const imported = `import { falProxy } from "${from}";`;
  const route = `if (new URL(request.url).pathname === "${PATH}") return falProxy(request, env, ctx);`;
  return {
    lines: [imported, route],
    text: `${imported}\n${text.slice(0, found.index)}${begin}${route}${gap}${text.slice(found.index + begin.length)}`,
  };
}

/** Whether a worker has it. */
export const hasRoute = (text: string): boolean => text.includes("falProxy(");

/** Where the browser build lies beside the command. */
const BROWSER = new URL("../../browser/", import.meta.url);

/** The client for a page that nothing bundles: the modules of the package, and their texts. */
export const clientFiles = (): { file: string; text: string }[] =>
  readdirSync(BROWSER, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".js") && file !== "server-only.js")
    .sort()
    .map((file) => ({ file, text: readFileSync(new URL(file, BROWSER), "utf8") }));

/** How a page imports its client, and that the package. */
export const FROM_PAGE = "./fal.js";
const FROM_CLIENT = "./fal-wasm/index.js";

/** The client of such a page. */
export const PAGE_CLIENT = `// Beside it is the client as it is in the package: after an update of that, remove the folder and run \`npx fal-wasm init\` again.
import { createFalClient } from "${FROM_CLIENT}";

/** It holds no key: the proxy does. */
export const fal = createFalClient({ proxyUrl: "${PATH}" });
`;
