/**
 * Another server in place of fal's, on this machine: for the tests of an app, against the emulator or a server of its own. The
 * variables are those of fal's Python client. Any other machine is refused, because the key goes along.
 */

import { invalidOption } from "../../client/checks.ts";
import { ambient } from "./credentials.ts";

/** What a URL begins with, and the variable that names what takes its place. */
const VARIABLES: [origin: RegExp, name: string][] = [
  [/^https:\/\/fal\.run(?=\/)/, "FAL_RUN_HOST"],
  [/^https:\/\/queue\.fal\.run(?=\/)/, "FAL_QUEUE_RUN_HOST"],
];

/** A host of this machine, its port, and a path to put in front of fal's. */
const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?(\/[\w.-]+)*$/;

type Env = Record<string, unknown> | undefined;

/** Throws that a variable names another machine, or that only one of the two is set: the other calls would go to fal. */
export function checkLocalHosts(env: Env = ambient()): void {
  const hosts = VARIABLES.map(([, name]) => [name, env[name]] as const);
  if (hosts.every(([, host]) => !host)) return;
  for (const [name, host] of hosts) {
    if (!host)
      invalidOption(name, "has to be set, too: else calls of the one go to this machine, and of the other to fal.");
    if (!LOOPBACK.test(String(host)))
      invalidOption(
        name,
        "has a value it cannot have: a host of this machine, such as 127.0.0.1:8787 or localhost:8787/queue.",
      );
  }
}

/** Where a request goes: as it was addressed, or to this machine. */
export function localised(url: string, env: Env = ambient()): string {
  for (const [origin, name] of VARIABLES)
    if (env[name] && origin.test(url)) return url.replace(origin, `http://${String(env[name])}`);
  return url;
}
