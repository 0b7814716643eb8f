/** What only this build says, by the numbers of `FailureKind`. */

import { FailureKind } from "../../core/wire.ts";
import type { Sentence } from "../../errors/messages.ts";

const KEY_REASONS = [
  "",
  "It has no colon: a key is an id and a secret, `id:secret`.",
  "It has more than one colon.",
  "There is nothing before its colon.",
  "There is nothing after its colon.",
  'It has white space inside. Leave out the word "Key", and check for a line break.',
  "It has a quotation mark or a character that is not printable ASCII.",
  "It is longer than any key.",
  "FAL_KEY_ID and FAL_KEY_SECRET are the two halves of one key, each without a colon.",
];

export const sentences: Record<number, Sentence> = {
  [FailureKind.CredentialsInBrowser]: () =>
    "A fal credential was given to code that runs where it could be read: this is not a server runtime that is known " +
    "to keep a secret. Nothing was sent. " +
    (/ jsdom\//.test(globalThis.navigator?.userAgent)
      ? "This is jsdom, which is a browser to this package: test a server's code in an environment of a server, with " +
        "`@jest-environment node` at the top of the file, or `// @vitest-environment node`."
      : "In a browser set `proxyUrl` instead. If the credential reached one, treat it as leaked: revoke it and make a " +
        "new one in the fal dashboard."),
  [FailureKind.CredentialsMissing]: ({ option }) =>
    option
      ? `One half of a fal key was found, and ${option} is missing, so nothing was sent. Set both FAL_KEY_ID and ` +
        "FAL_KEY_SECRET, or FAL_KEY with both halves in it."
      : "No fal key was found, so nothing was sent. Set the binding or environment variable FAL_KEY (or FAL_KEY_ID and " +
        "FAL_KEY_SECRET), and in a worker pass the bindings: createFalClient({ env }). An endpoint that needs no key is " +
        "named in `publicEndpoints`.",
  [FailureKind.CredentialsMalformed]: ({ reason = 0 }) =>
    `What was found as the fal key does not have the form of one, so nothing was sent. ${KEY_REASONS[reason]} Copy it again ` +
    "from the fal dashboard.",
  [FailureKind.ServerOnly]: ({ option }) =>
    option
      ? "The Platform APIs are about keys, bills and everything else of an account, so they are for servers, and no " +
        "proxy passes them on. Nothing was sent. Use them in your worker or on your server, and answer the browser yourself."
      : "HTTP over a WebSocket needs a key on its handshake, so it is for servers. Nothing was sent. Use `fal.stream` or " +
        "`fal.realtime` here, and `fal.ws` in your worker or on your server.",
  [FailureKind.ScopeRequired]: ({ option }) =>
    `${option} needs a key of scope ADMIN, and the client was told that its key has scope API. Nothing was sent. Make ` +
    "an ADMIN key at fal.ai/dashboard/keys, and give it to a client of its own: createPlatformClient({ credentials, " +
    'scope: "ADMIN" }).',
  [FailureKind.WebsocketMissing]: () =>
    "This runtime has no WebSocket that can carry a key, so nothing was sent. Use Node 22, or that of the package " +
    '"ws": createFalClient({ WebSocket }).',
};
