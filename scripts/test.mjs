/** `npm test`: every test there is, place by place, and a table of what ran. */

import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync, rmSync } from "node:fs";

import { build } from "./build.mjs";
import { UserError, path, say, script } from "./lib/run.mjs";
import { chromium, emulator, firefox, npmPackages, python, redis, rustComponents, webkit } from "./lib/setup.mjs";
import { files } from "./lib/stamp.mjs";

/** Where everything that was said is kept; the last group looks for the key in it. */
const LOGS = path("target/test-logs");

/** Every feature set that is published or that a native program may choose. */
const FEATURES = ["", "server"];
const WASM = ["--target", "wasm32-unknown-unknown"];

/** @typedef {{ program: string, args: string[] }} Command */
/** @typedef {{ passed: number, failed: number }} Count */

const cargo = (/** @type {string[]} */ ...args) => ({ program: "cargo", args });
const node = (/** @type {string[]} */ ...args) => ({ program: process.execPath, args });

const EMULATOR = ["-p", "fal-emulator", "-p", "fal-emulator-painter"];

/** Each of these passes or fails as one. @type {Command[]} */
const CHECKS = [
  cargo("fmt", "--all", "--check"),
  ...FEATURES.map((features) =>
    cargo("clippy", "--locked", "--all-targets", "--features", features, "--", "-D", "warnings"),
  ),
  ...["browser", "edge"].map((build) =>
    cargo("clippy", "--locked", ...WASM, "-p", "fal-wasm-module", "--features", build, "--", "-D", "warnings"),
  ),
  cargo("clippy", "--locked", "--tests", "-p", "fal-wasm-module", "--features", "edge", "--", "-D", "warnings"),
  cargo("clippy", "--locked", "--all-targets", ...EMULATOR, "--", "-D", "warnings"),
  cargo("clippy", "--locked", "--all-targets", "-p", "fal-wasm-wire", "--", "-D", "warnings"),
  ...FEATURES.map((features) => cargo("doc", "--locked", "--no-deps", "-p", "fal-wasm", "--features", features)),
  node(path("node_modules/prettier/bin/prettier.cjs"), "--check", "--log-level", "warn", "."),
  ...["js/tsconfig.browser.json", "js/tsconfig.server.json", "js/tsconfig.cli.json", "scripts", "bench"].map(
    (project) => node(path("node_modules/typescript/bin/tsc"), "-p", project),
  ),
  node(path("scripts/lib/wire.mjs"), "--check"),
  node(path("scripts/lib/crate.mjs")),
  node(path("scripts/size.mjs")),
];

/** @type {Command[]} */
const NATIVE = [
  cargo("test", "--locked", "--features", "server"),
  cargo("test", "--locked", "-p", "fal-wasm-module", "--features", "edge"),
  cargo("test", "--locked", ...EMULATOR),
];

/** Places, by the folders of their tests. */
const PLACES = [
  "chromium",
  "browsers",
  "workerd",
  "node",
  "runtimes",
  "adapters",
  "examples",
  "scenarios",
  "no-wasm",
  "clients",
  "package",
  "matrix",
  "doctor",
  "bench",
  "e2e",
  "canary",
];

/**
 * Runs a command and keeps what it says.
 *
 * @param {Command} command @param {string} log @param {boolean} show
 * @returns {Promise<{ code: number, output: string }>}
 */
function keep({ program, args }, log, show) {
  const file = createWriteStream(`${LOGS}/${log}.log`, { flags: "a" });
  const env = { ...process.env, CARGO_TERM_COLOR: "never", RUSTDOCFLAGS: "-D warnings", TEST_LOGS: LOGS };
  // Nobody's own key takes part: no test talks to fal.
  for (const name of ["FAL_KEY", "FAL_KEY_ID", "FAL_KEY_SECRET"]) Reflect.deleteProperty(env, name);
  const child = spawn(program, args, { cwd: path("."), env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const [stream, target] of /** @type {const} */ ([
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ])) {
    stream.on("data", (chunk) => {
      output += chunk;
      file.write(chunk);
      if (show) target.write(chunk);
    });
  }
  return new Promise((done) => child.on("close", (code) => file.end(() => done({ code: code ?? 1, output }))));
}

/** @param {Command[]} commands @returns {Promise<Count>} */
async function check(commands) {
  const count = { passed: 0, failed: 0 };
  for (const command of commands) {
    const { code, output } = await keep(command, "checks", false);
    count[code === 0 ? "passed" : "failed"] += 1;
    if (code !== 0) say(`${command.program} ${command.args.join(" ")}\n${output}`);
  }
  return count;
}

/** @param {Command[]} commands @returns {Promise<Count>} */
async function native(commands) {
  const count = { passed: 0, failed: 0 };
  for (const command of commands) {
    const { code, output } = await keep(command, "native", false);
    for (const [, passed, failed] of output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed/gm)) {
      count.passed += Number(passed);
      count.failed += Number(failed);
    }
    if (code === 0) continue;
    say(output);
    count.failed ||= 1;
  }
  return count;
}

/**
 * How long a file of tests may take, in milliseconds: ten times what it takes, so that it holds on a slow and busy machine.
 * The matrix is one file, and installs its tools when it is new.
 *
 * @param {string} place
 */
const limit = (place) => (place === "matrix" ? 3_600_000 : 1_200_000);

/** @param {string} place @returns {Promise<Count>} */
async function inPlace(place) {
  const tap = `${LOGS}/${place}.tap`;
  const reporters = [
    ["spec", "stdout"],
    ["tap", tap],
  ].flatMap(([reporter, destination]) => [`--test-reporter=${reporter}`, `--test-reporter-destination=${destination}`]);
  const tests = files(path("tests", place)).filter((file) => file.endsWith(".test.mjs"));
  const { code } = await keep(node("--test", `--test-timeout=${limit(place)}`, ...reporters, ...tests), place, true);
  const report = readFileSync(tap, "utf8");
  const number = (/** @type {string} */ name) => Number(new RegExp(`^# ${name} (\\d+)$`, "m").exec(report)?.[1] ?? 0);
  const failed = number("fail") + number("cancelled");
  return { passed: number("pass"), failed: code === 0 ? failed : Math.max(1, failed) };
}

await script(async () => {
  rmSync(LOGS, { recursive: true, force: true });
  mkdirSync(LOGS, { recursive: true });
  await npmPackages();
  await build();
  await rustComponents();
  await emulator();
  await chromium();
  await python();
  await redis();
  // Where these two cannot be had, what needs them is skipped, and says so.
  for (const get of [firefox, webkit]) {
    await get().catch((error) => {
      if (!(error instanceof UserError)) throw error;
      say(error.message);
    });
  }

  /** @type {[string, () => Promise<Count>][]} */
  const groups = [
    ["checks", () => check(CHECKS)],
    ["native", () => native(NATIVE)],
    ...PLACES.map((place) => /** @type {[string, () => Promise<Count>]} */ ([place, () => inPlace(place)])),
  ];
  /** @type {({ place: string, seconds: number } & Count)[]} */
  const rows = [];
  for (const [place, work] of groups) {
    say(`\n${place} …`);
    const began = Date.now();
    rows.push({ place, ...(await work()), seconds: Math.round((Date.now() - began) / 1000) });
  }
  say("");
  console.table(Object.fromEntries(rows.map(({ place, ...row }) => [place, row])));
  const sum = (/** @type {"passed" | "failed"} */ name) => rows.reduce((total, row) => total + row[name], 0);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  if (sum("failed") > 0 || rows.some(({ passed }) => passed === 0)) process.exitCode = 1;
});
