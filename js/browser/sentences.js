/** What this build says about credentials, by the numbers of `FailureKind`. */

const REASONS = [
  "",
  "It is empty.",
  "It begins with two slashes; write the scheme, or a path.",
  "It must be relative, https:, or http: on this machine.",
  "It carries a user name or password.",
  "Its host is missing or not written in plain ASCII.",
  "It has white space, a control character or a backslash.",
  "It is one of fal's own hosts. Those need a key; a browser talks to your proxy.",
];

const SAMPLE = 'fal.config({ proxyUrl: "/api/fal/proxy" })';

/** @type {Record<number, [code: string, sentence: import("./errors.js").Sentence]>} */
export const sentences = {
  1: [
    "credentials_in_browser",
    () =>
      "A fal credential was given to code that runs in a browser, where everybody can read it. Nothing was sent. " +
      `Remove it and talk to your own proxy instead: ${SAMPLE}. ` +
      "Treat the key as leaked: revoke it and make a new one in the fal dashboard.",
  ],
  2: [
    "proxy_url_missing",
    () =>
      `In a browser this client talks only to your own proxy, and none is set. Before the first call: ${SAMPLE}. ` +
      'On your server, answer that URL with createFalProxy({ ... }) from "fal-wasm/proxy".',
  ],
  3: [
    "proxy_url_invalid",
    ({ reason = 0 }) => `\`proxyUrl\` cannot be used. ${REASONS[reason]} For example: ${SAMPLE}.`,
  ],
};
