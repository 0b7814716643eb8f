/** The login of fal's own command line, where there is no key: what `fal auth login` has left on this computer. */

import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { type PlatformClient, createPlatformClient } from "../entries/server/platform.ts";

const { env } = process;

/** When a token ends, in milliseconds since 1970; undefined when it does not say. */
function endOf(token: string): number | undefined {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    return typeof exp === "number" ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/** The access token on the second line of the file; the first one renews it, and is left alone. */
function loginToken(): string | undefined {
  try {
    const file = join(env.FAL_HOME_DIR || join(homedir(), ".fal"), "auth0_token");
    return readFileSync(file, "utf8").split("\n")[1]?.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** A client with the key in the environment or, where there is none, with the login. */
export function clientOf(): PlatformClient {
  const forced = env.FAL_FORCE_AUTH_BY_USER === "1";
  const hasKey = !forced && Boolean(env.FAL_KEY || env.FAL_KEY_ID || env.FAL_KEY_SECRET);
  if (hasKey) return createPlatformClient();
  const token = loginToken();
  const end = token === undefined ? undefined : endOf(token);
  if (end !== undefined && end <= Date.now()) {
    throw new Error(
      "There is no key in the environment, and the login of `fal auth login` has ended: run it again, or set FAL_KEY.",
    );
  }
  if (forced && token === undefined)
    throw new Error("FAL_FORCE_AUTH_BY_USER is 1, and there is no login: run `fal auth login`.");
  return createPlatformClient(
    token === undefined ? {} : { env: { FAL_BASE_URL: env.FAL_BASE_URL }, loginToken: token },
  );
}
