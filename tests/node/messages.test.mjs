/** Every sentence of every failure, in both builds: it reads as one, and names nothing that only the source knows. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { FAILURE_CODES } from "../../target/modules/edge/core/wire.js";

/** Names a user of the package or of the platform knows. */
const KNOWN =
  /\b(WebAssembly|WebSocket|BigInt|JavaScript|AbortError|createFalClient|createFalProxy|createPlatformClient|proxyUrl|outboxFrames|outboxBytes|publicEndpoints|requestId)\b/g;
/** A name of the source's own: two words without a space between them. */
const IDENTIFIER = /\b[A-Za-z]+[a-z][A-Z]\w*\b/;

/** How many reasons a failure can have; the others have one sentence. @type {Record<string, number>} */
const REASONS = { invalid_endpoint_id: 4, file_unreadable: 4, proxy_url_invalid: 8, credentials_malformed: 9 };

for (const [build, modules, host] of [
  ["browser", "dist/browser", "browser"],
  ["edge", "target/modules/edge", "server"],
]) {
  test(`the sentences of the ${build} build name nothing that only the source knows`, async () => {
    const { failure } = await import(`../../${modules}/host/${host}/host.js`);
    const cause = new Error("x");
    for (const [kind, code] of FAILURE_CODES.entries()) {
      for (let reason = 0; reason < (REASONS[code] ?? 1); reason += 1) {
        const facts = {
          reason,
          option: "GET /v1/models",
          endpoint: "a/b",
          attempts: 2,
          requestId: "r",
          status: 500,
          cause,
        };
        const error = failure(kind, facts);
        if (error === cause) continue;
        const { message } = error;
        assert.match(message, /^[A-Z`af].*[.!?]$/s, `${code}: ${message}`);
        assert.doesNotMatch(message.replace(KNOWN, ""), IDENTIFIER, `${code}: ${message}`);
      }
    }
  });
}
