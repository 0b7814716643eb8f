/** What fal's page about authenticating with the Platform APIs prints, word for word but for keys and host. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, test } from "node:test";
import { promisify } from "node:util";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { which } from "../../scripts/lib/run.mjs";
import { python } from "../../scripts/lib/setup.mjs";
import { ACCOUNTS, ADMIN_KEY, KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());
const interpreter = await python();

/** Runs a program; what it wrote. @param {string} program @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
const run = async (program, args, env = process.env) => (await promisify(execFile)(program, args, { env })).stdout;

/** As printed, with the keys of this run, at the emulator. @param {string} text */
const here = (text) =>
  text
    .replaceAll("YOUR_ADMIN_API_KEY", ADMIN_KEY)
    .replaceAll("YOUR_API_KEY", KEY)
    .replaceAll("https://api.fal.ai/", `${emulator.url}/api.fal.ai/`);

const LIST = String.raw`curl -X GET "https://api.fal.ai/v1/models?limit=10" \
  -H "Authorization: Key YOUR_API_KEY"`;

const USAGE = String.raw`curl -X GET "https://api.fal.ai/v1/models/usage" \
  -H "Authorization: Key YOUR_ADMIN_API_KEY"`;

const PYTHON = `import requests

headers = {
    "Authorization": "Key YOUR_API_KEY"
}

response = requests.get(
    "https://api.fal.ai/v1/models",
    headers=headers,
    params={"limit": 10}
)

print(response.json())
`;

const skip = which("curl") ? false : "there is no curl";

test("curl lists models with a key of scope API, and usage with one of scope ADMIN", { skip }, async () => {
  const shell = (/** @type {string} */ command) => run("sh", ["-c", here(command).replace("curl", "curl --silent")]);
  const { models } = JSON.parse(await shell(LIST));
  assert.equal(models.length, 10);
  assert.ok(Array.isArray(JSON.parse(await shell(USAGE)).time_series));
  const { error } = JSON.parse(await shell(USAGE.replace("YOUR_ADMIN_API_KEY", "YOUR_API_KEY")));
  assert.equal(error.type, "authorization_error");
});

test("the Python program prints models", async () => {
  const printed = await run(interpreter.program, ["-c", here(PYTHON)], { ...process.env, ...interpreter.env });
  assert.match(printed, /'models': \[\{.*'endpoint_id': 'fal-ai\/flux\/dev'/);
});
