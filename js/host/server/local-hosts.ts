/**
 * Another server in fal's place, on this machine: `fal-wasm dev`, or what an app's own tests listen with. Any other machine is
 * refused, because the key goes along.
 *
 * `FAL_BASE_URL` stands for all of fal, each of whose hosts is a folder of it: `https://queue.fal.run/a/b` is at
 * `http://127.0.0.1:8787/queue.fal.run/a/b`. `FAL_RUN_HOST` and `FAL_QUEUE_RUN_HOST`, the variables of fal's Python client, name
 * one host each.
 */

import { invalidOption } from "../../client/checks.ts";
import { ambient } from "./credentials.ts";

/** Hosts by the variable that names what takes their place, each by both of its names: what is sent to the other has the key, too. */
const HOSTS: Record<string, readonly string[]> = {
  FAL_RUN_HOST: ["fal.run", "falrun.com"],
  FAL_QUEUE_RUN_HOST: ["queue.fal.run", "queue.falrun.com"],
};
const BASE_URL = "FAL_BASE_URL";
const VARIABLES = [BASE_URL, ...Object.keys(HOSTS)];

/** fal's hosts, in the URLs of requests. */
const FAL = /^https:\/\/((?:[a-z0-9-]+\.)*(?:fal\.(?:run|ai|media)|falrun\.com))(?=\/)/;

/** A host of this machine, its port, and a path to put in front of fal's. */
const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?(\/[\w-][\w.-]*)*$/;

type Env = Record<string, unknown> | undefined;

const refuse = (name: string, example: string): never =>
  invalidOption(name, `has a value it cannot have: ${example}. Calls take the key along, so it stays on this machine.`);

/** Where all of fal is, without a slash at the end; undefined where that is not said. */
function baseUrl(value: unknown): string | undefined {
  if (value === undefined || value === "") return undefined;
  const url = String(value).replace(/\/$/, "");
  const isLocal = url.startsWith("http://") && LOOPBACK.test(url.slice("http://".length));
  return isLocal ? url : refuse(BASE_URL, "a URL of this machine, such as http://127.0.0.1:8787");
}

/** What takes the place of fal's hosts, by their names; undefined when nothing does. Throws that a variable names another machine. */
function placesIn(
  env: Exclude<Env, undefined>,
): { base: string | undefined; hosts: Record<string, string> } | undefined {
  if (VARIABLES.every((name) => !env[name])) return undefined;
  const base = baseUrl(env[BASE_URL]);
  const hosts: Record<string, string> = {};
  const named = Object.keys(HOSTS).filter((name) => env[name]);
  for (const [name, both] of Object.entries(HOSTS)) {
    const value = env[name];
    if (value && LOOPBACK.test(String(value))) for (const host of both) hosts[host] = `http://${String(value)}`;
    else if (value) refuse(name, "a host of this machine, such as 127.0.0.1:8787 or localhost:8787/queue");
    else if (named.length > 0 && base === undefined)
      invalidOption(name, "has to be set, too: else calls of the one go to this machine, and of the other to fal.");
  }
  return { base, hosts };
}

/** Throws that a variable names another machine, or that only one of the two hosts has one. */
export const checkLocalHosts = (env: Env = ambient()): void => void placesIn(env);

/** Where a request goes: as it was addressed, or to this machine. */
export function localised(url: string, env: Env = ambient()): string {
  const places = placesIn(env);
  if (!places) return url;
  const { base, hosts } = places;
  return url.replace(FAL, (origin, host: string) => hosts[host] ?? (base === undefined ? origin : `${base}/${host}`));
}
