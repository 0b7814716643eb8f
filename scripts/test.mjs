/** `npm test`: every test there is, place by place, and a table of what ran. */

import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync, rmSync } from "node:fs";

import { build } from "./build.mjs";
import { emulatorPackage } from "./lib/emulator-package.mjs";
import { UserError, path, say, script } from "./lib/run.mjs";
import {
  chromium,
  emulator,
  firefox,
  npmPackages,
  python,
  redis,
  runtimes,
  rustComponents,
  webkit,
} from "./lib/setup.mjs";
import { files } from "./lib/stamp.mjs";
import { CLIENT } from "../tests/lib/rust-client.mjs";
import { rustWeb } from "../tests/lib/rust-web.mjs";

/** Where everything that was said is kept; the last group looks for the key in it. */
const LOGS = path("target/test-logs");

/** Every feature set that is published or that a native program may choose. */
const FEATURES = ["", "server"];
const WASM = ["--target", "wasm32-unknown-unknown"];

/** @typedef {{ program: string, args: string[], env?: Record<string, string> }} Command */
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
  cargo("clippy", "--locked", ...WASM, "-p", "fal-wasm-session", "--", "-D", "warnings"),
  cargo("clippy", "--locked", "--all-targets", "-p", "fal-wasm-wire", "--", "-D", "warnings"),
  cargo("clippy", "--locked", "--all-targets", ...CLIENT, "--", "-D", "warnings"),
  // A page has less than all features, a worker as much as the documentation on docs.rs.
  ...[["--features", "web"], ["--all-features"]].map((features) =>
    cargo("clippy", "--locked", ...WASM, "-p", "fal-wasm-client", ...features, "--", "-D", "warnings"),
  ),
  ...FEATURES.map((features) => cargo("doc", "--locked", "--no-deps", "-p", "fal-wasm", "--features", features)),
  cargo("doc", "--locked", "--no-deps", ...CLIENT),
  node(path("node_modules/prettier/bin/prettier.cjs"), "--check", "--log-level", "warn", "."),
  ...[
    "js/tsconfig.browser.json",
    "js/tsconfig.server.json",
    "js/tsconfig.cli.json",
    "emulator/npm",
    "scripts",
    "bench",
  ].map((project) => node(path("node_modules/typescript/bin/tsc"), "-p", project)),
  node(path("scripts/lib/wire.mjs"), "--check"),
  node(path("scripts/lib/crate.mjs")),
  node(path("scripts/size.mjs")),
];

/** @type {Command[]} */
const NATIVE = [
  cargo("test", "--locked", "--features", "server"),
  cargo("test", "--locked", "-p", "fal-wasm-module", "--features", "edge"),
  cargo("test", "--locked", ...EMULATOR),
  // The same tests for the server of the npm package.
  {
    ...cargo("test", "--locked", "-p", "fal-emulator", "--test", "server"),
    env: { FAL_EMULATOR_SERVER: `${process.execPath} ${path("emulator/npm/dist/cli.js")}` },
  },
  cargo("test", "--locked", ...CLIENT),
];

/**
 * What is run, two at a time, as each waits much for what it tests; after all of them comes `canary`. Long ones first, and the
 * two that compile after each other. Most are the folders of their tests.
 */
const GROUPS = [
  "checks",
  "matrix",
  "native",
  "node",
  "workerd",
  "adapters",
  "no-wasm",
  "chromium",
  "clients",
  "browsers",
  "scenarios",
  "docs",
  "doctor",
  "package",
  "bench",
  "e2e",
  "clients, native emulator",
  "runtimes",
  "examples",
];

/**
 * Runs a command and keeps what it says.
 *
 * @param {Command} command @param {string} log
 * @returns {Promise<{ code: number, output: string }>}
 */
function keep({ program, args, env: more }, log) {
  const file = createWriteStream(`${LOGS}/${log}.log`, { flags: "a" });
  // As in CI, wherever it runs: some tools write in colors there, or ask nothing.
  const env = {
    ...process.env,
    CI: "true",
    CARGO_TERM_COLOR: "never",
    RUSTDOCFLAGS: "-D warnings",
    TEST_LOGS: LOGS,
    ...more,
  };
  // Nobody's own key takes part: no test talks to fal.
  for (const name of ["FAL_KEY", "FAL_KEY_ID", "FAL_KEY_SECRET"]) Reflect.deleteProperty(env, name);
  const child = spawn(program, args, { cwd: path("."), env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      output += chunk;
      file.write(chunk);
    });
  return new Promise((done) => child.on("close", (code) => file.end(() => done({ code: code ?? 1, output }))));
}

/** @param {Command[]} commands @returns {Promise<Count>} */
async function check(commands) {
  const count = { passed: 0, failed: 0 };
  for (const command of commands) {
    const { code, output } = await keep(command, "checks");
    count[code === 0 ? "passed" : "failed"] += 1;
    if (code !== 0) say(`${command.program} ${command.args.join(" ")}\n${output}`);
  }
  return count;
}

/** @param {Command[]} commands @returns {Promise<Count>} */
async function native(commands) {
  const count = { passed: 0, failed: 0 };
  for (const command of commands) {
    const { code, output } = await keep(command, "native");
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
 * How long a file of tests may take, in milliseconds: three times what the longest takes on two busy cores. The matrix is one
 * file, and installs its tools when it is new.
 *
 * @param {string} place
 */
const limit = (place) => (place === "matrix" ? 1_800_000 : 600_000);

/** @param {string} place */
const testsOf = (place) => files(path("tests", place)).filter((file) => file.endsWith(".test.mjs"));

/** What is also run against the server of Rust; everything else has that of the npm package, and the model is the same. */
const BOTH = ["official-js", "official-js-realtime", "official-python"].map((name) =>
  path("tests/clients", `${name}.test.mjs`),
);

/**
 * @param {string} place @param {string[]} [tests] @param {Record<string, string>} [env]
 * @returns {Promise<Count>}
 */
async function inPlace(place, tests = testsOf(place), env = {}) {
  const tap = `${LOGS}/${place}.tap`;
  const reporters = [
    ["spec", "stdout"],
    ["tap", tap],
  ].flatMap(([reporter, destination]) => [`--test-reporter=${reporter}`, `--test-reporter-destination=${destination}`]);
  const command = node("--test", `--test-timeout=${limit(place)}`, ...reporters, ...tests);
  const { code, output } = await keep({ ...command, env }, place);
  say(output);
  const report = readFileSync(tap, "utf8");
  const number = (/** @type {string} */ name) => Number(new RegExp(`^# ${name} (\\d+)$`, "m").exec(report)?.[1] ?? 0);
  const failed = number("fail") + number("cancelled");
  return { passed: number("pass"), failed: code === 0 ? failed : Math.max(1, failed) };
}

/** The groups that are no folder of tests. @type {Record<string, () => Promise<Count>>} */
const OTHERS = {
  checks: () => check(CHECKS),
  native: () => native(NATIVE),
  "clients, native emulator": () => inPlace("clients-native", BOTH, { EMULATOR_SERVER: "native" }),
};

await script(async () => {
  rmSync(LOGS, { recursive: true, force: true });
  mkdirSync(LOGS, { recursive: true });
  await npmPackages({ tests: true });
  await build();
  await rustComponents();
  await emulator();
  await emulatorPackage();
  await chromium();
  await python();
  await redis();
  await runtimes();
  // One after the other: cargo puts both into the same file.
  for (const place of /** @type {const} */ (["page", "worker"])) await rustWeb(place);
  // Where these two cannot be had, what needs them is skipped, and says so.
  for (const get of [firefox, webkit]) {
    await get().catch((error) => {
      if (!(error instanceof UserError)) throw error;
      say(error.message);
    });
  }

  /** @type {({ place: string, seconds: number } & Count)[]} */
  const rows = [];
  const group = async (/** @type {string} */ place) => {
    say(`${place} …`);
    const began = Date.now();
    const count = await (OTHERS[place]?.() ?? inPlace(place));
    const seconds = Math.round((Date.now() - began) / 1000);
    rows.push({ place, ...count, seconds });
    say(`${place}: ${count.passed} passed, ${count.failed} failed, ${seconds} s\n`);
  };
  const left = [...GROUPS];
  const worker = async () => {
    for (let name = left.shift(); name; name = left.shift()) await group(name);
  };
  await Promise.all([worker(), worker()]);
  // It looks through what all the others said.
  await group("canary");

  say("");
  console.table(Object.fromEntries(rows.map(({ place, ...row }) => [place, row])));
  const sum = (/** @type {"passed" | "failed"} */ name) => rows.reduce((total, row) => total + row[name], 0);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  if (sum("failed") > 0 || rows.some(({ passed }) => passed === 0)) process.exitCode = 1;
});
