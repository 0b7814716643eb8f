/** What only this build says, by the numbers of `FailureKind`. */

import { FailureKind } from "../../core/wire.ts";
import type { Sentence } from "../../errors/messages.ts";

export const sentences: Record<number, Sentence> = {
  [FailureKind.CredentialsInBrowser]: () =>
    "A fal credential was given to code that runs in a browser, where everybody can read it. Nothing was sent. " +
    'Remove it and talk to your own proxy instead: fal.config({ proxyUrl: "/api/fal/proxy" }). ' +
    "Treat the key as leaked: revoke it and make a new one in the fal dashboard.",
  [FailureKind.ServerOnly]: ({ option }) =>
    option
      ? "The Platform APIs need your fal key, so they are for servers. Use `fal.platform` in your worker or on your server."
      : "`fal.ws` needs your fal key, so it is for servers. Nothing was sent. Use `fal.stream` or `fal.realtime` here.",
};
