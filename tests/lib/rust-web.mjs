/** The Rust client in WebAssembly: a program with it (`client/tests/web`), built for a page or for a worker. */

import { path, run, say } from "../../scripts/lib/run.mjs";
import { unlessMade } from "../../scripts/lib/stamp.mjs";
import { bindForWeb } from "../../scripts/lib/wasm-pack.mjs";

const SOURCES = ["src", "client", "tools", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "tests/lib/rust-web.mjs"];
const WASM = "wasm32-unknown-unknown";

/**
 * Builds it, as its users do: cargo, then wasm-bindgen for the web.
 *
 * @param {"page" | "worker"} place
 * @returns {Promise<string>} The folder with `client.js` and `client_bg.wasm`.
 */
export async function rustWeb(place) {
  const out = `target/rust-web/${place}`;
  await unlessMade(`rust-web-${place}`, SOURCES, [`${out}/client.js`], async () => {
    say(`Compiling the Rust client for a ${place} …`);
    const flags = ["--locked", "--target", WASM, "-p", "fal-wasm-client-web", "--features", place];
    await run("cargo", ["build", ...flags], { quiet: true, env: { CARGO_PROFILE_DEV_DEBUG: "0" } });
    await bindForWeb(path("target", WASM, "debug/fal_wasm_client_web.wasm"), path(out), "client");
  });
  return path(out);
}

/** What must be true of a program's report wherever it was made. @param {any} report @param {any} seen */
export function problems(report, seen) {
  const { told, requestId, echo, resumed, words, url, loaded, file, strokes, own, refused, otherType } = report;
  const { tooLarge, unsendable } = report;
  /** @type {[string, boolean][]} */
  const claims = [
    ["the job is told first", told[0] === requestId],
    ["statuses come", told.at(-1) === "COMPLETED"],
    ["an input comes back", echo.text === "hello" && echo.number === 0.5],
    ["a job that was kept is picked up", resumed.text === "hello"],
    [
      "words come in order",
      words.length > 2 &&
        words.every((/** @type {string} */ word, /** @type {number} */ index) =>
          word.startsWith(words[index - 1] ?? ""),
        ),
    ],
    ["a file is stored", seen.files.some((/** @type {any} */ stored) => stored.url === url)],
    ["a file of an input is stored", seen.files.some((/** @type {any} */ stored) => stored.url === file)],
    ["progress is told", loaded.length === 1 && loaded[0] === 5],
    ["strokes come back in order", String(strokes) === "0.5,1,1.5"],
    ["one socket was opened, and is closed", seen.sockets.length === 1 && seen.sockets[0].closed_ms !== null],
    [
      "its token was asked for once",
      seen.requests.filter((/** @type {any} */ { path }) => path === "/tokens/realtime").length === 1,
    ],
    ["a refusal has fal's name", refused.code === "content_policy_violation" && !refused.retryable],
    ["an error names its request", Boolean(refused.requestId)],
    ["no prompt is printed", ![refused, otherType].some(({ text }) => text.includes("secret prompt"))],
    ["what is paid for is kept", otherType.code === "unexpected_type" && otherType.body.includes("secret prompt")],
    ["an error says what is missing", otherType.text.includes(": the field `output` is missing. It is in `body()`.")],
    ["a value of JavaScript is sent and read as it is", own === '[{"a":1.5},null]'],
    [
      "what no whole number of JavaScript is read from is kept, and not printed",
      tooLarge.code === "unexpected_type" &&
        tooLarge.body.includes("9007199254740992") &&
        tooLarge.text.includes(": expected u64. It is in `body()`."),
    ],
    ["a whole number that JavaScript has none for is not sent", unsendable.code === "invalid_input"],
    ["each job was bought once", seen.jobs.length === 3],
    ["no bytes went with a key", seen.uploads.every((/** @type {any} */ upload) => !upload.authorization)],
  ];
  return claims.filter(([, isTrue]) => !isTrue).map(([claim]) => claim);
}
