/** Getting what is missing. Everything goes into this folder; only the Rust target and the browsers are the machine's. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { UserError, path, run, runOrAgain, say, which } from "./run.mjs";
import { unlessMade } from "./stamp.mjs";

/** Tools are built apart from the crate, and quickly rather than well: they run for a tenth of a second. */
const TOOLS = ["--target-dir", path("target/tools-build")];
/** Without what a compiler spends a quarter of its time on. */
const QUICKLY = {
  CARGO_INCREMENTAL: "0",
  CARGO_PROFILE_DEV_DEBUG: "0",
  CARGO_PROFILE_DEV_DEBUG_ASSERTIONS: "false",
  CARGO_PROFILE_DEV_OVERFLOW_CHECKS: "false",
  CARGO_PROFILE_DEV_PANIC: "abort",
};

/** Runs npm: under `npm run` the one in use, on every platform. @param {string[]} args @param {import("./run.mjs").RunOptions} options */
export function npm(args, options) {
  const inUse = process.env.npm_execpath;
  return inUse ? runOrAgain(process.execPath, [inUse, ...args], options) : runOrAgain("npm", args, options);
}

const LOCK = ["package-lock.json"];
const INSTALLED = ["node_modules/.package-lock.json"];

/**
 * The packages of package-lock.json. Where there are none yet, the build and the demo get only what they need, in half the time.
 *
 * @param {{ tests?: boolean }} [options] `tests`: those of `tests/packages`, too.
 */
export async function npmPackages({ tests = false } = {}) {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new UserError(`Node ${process.versions.node} is too old: install Node 20.19 or newer.`);
  }
  const lean = !tests && !existsSync(path("node_modules"));
  const install = async () => {
    say("Installing npm packages (npm ci) …");
    await npm(["ci", "--loglevel=error", ...(lean ? ["--workspaces=false"] : [])], { deadline: 300_000, quiet: false });
  };
  if (!tests) return unlessMade("npm", LOCK, INSTALLED, install);
  await unlessMade("npm-tests", LOCK, [...INSTALLED, "node_modules/fal-wasm-tests"], async () => {
    await install();
    // Nor is there anything left to do for the build.
    await unlessMade("npm", LOCK, INSTALLED, async () => {});
  });
}

/** The packages with the programs themselves, for this machine: npm may be set to run no install scripts. */
const MACHINE = `${process.platform}-${process.arch}`;
const DENO = `@deno/${MACHINE}${process.platform === "linux" ? "-glibc" : ""}`;
/** The server runtimes that open sockets in ways of their own, apart from the packages: one of them is another Node. */
const RUNTIMES = { [`node-${MACHINE}`]: "24.9.0", [DENO]: "2.9.6", [`@oven/bun-${MACHINE}`]: "1.4.5" };

/** Gets those runtimes; returns where they are. @returns {Promise<{ node: string, deno: string, bun: string }>} */
export async function runtimes() {
  await installed("target/runtimes", RUNTIMES);
  const inside = (/** @type {string} */ name) => path("target/runtimes/node_modules", exe(name));
  return {
    node: inside(`node-${MACHINE}/bin/node`),
    deno: inside(`${DENO}/deno`),
    bun: inside(`@oven/bun-${MACHINE}/bin/bun`),
  };
}

/** A framework that is as large as everything else together. */
const NEXT = { next: "16.4.6", react: "19.3.1", "react-dom": "19.3.1" };

/** Gets Next.js; returns where its program is. @returns {Promise<string>} */
export const next = async () => (await installed("target/next", NEXT))("next");

/** The frameworks in whose routes the proxy is mounted, each with what builds and serves its app. */
const FRAMEWORKS = {
  sveltekit: {
    "@sveltejs/kit": "3.2.0",
    "@sveltejs/adapter-node": "6.0.1",
    "@sveltejs/vite-plugin-svelte": "7.3.1",
    svelte: "5.57.3",
    vite: "8.3.8",
  },
  astro: { astro: "7.3.5", "@astrojs/node": "11.1.6" },
  "react-router": {
    "react-router": "8.4.0",
    "@react-router/dev": "8.4.0",
    "@react-router/node": "8.4.0",
    "@react-router/serve": "8.4.0",
    isbot: "5.2.3",
    react: "19.3.1",
    "react-dom": "19.3.1",
    vite: "8.3.8",
  },
  nitropack: { nitropack: "2.13.6" },
  nitro: { nitro: "3.0.0" },
};

/** Gets a framework; returns where its programs are. @param {keyof typeof FRAMEWORKS} name */
export const framework = (name) => installed(`target/frameworks/${name}`, FRAMEWORKS[name]);

/** What makes the site of the documentation. */
const SITE = { vitepress: "1.6.4", "axe-core": "4.14.1" };

/** Gets VitePress; returns where its program is. */
export const vitepress = async () => (await installed("target/site-tools", SITE))("vitepress");

/** What makes types. It wants an older TypeScript than the one that checks this project. */
const TYPE_MAKER = { "openapi-typescript": "7.13.0", typescript: "5.9.3" };

/** Gets openapi-typescript. @returns {Promise<any>} */
export async function openapiTypescript() {
  await installed("target/generate", TYPE_MAKER);
  return import(pathToFileURL(path("target/generate/node_modules/openapi-typescript/dist/index.mjs")).href);
}

/** Installs packages into a folder of their own; returns where their programs are. @param {string} place @param {Record<string, string>} packages */
export async function installed(place, packages) {
  const folder = path(place);
  const list = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
  const stamp = `${folder}/${list.join("-").replaceAll("/", "-")}`;
  if (!existsSync(stamp)) {
    say(`Installing ${list.join(", ")} into ${place} …`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/package.json`, "{}");
    await npm(["install", "--no-audit", "--no-fund", "--loglevel=error", ...list], { cwd: folder });
    writeFileSync(stamp, "");
  }
  return (/** @type {string} */ name) => `${folder}/node_modules/.bin/${exe(name)}`;
}

/** Rust with the WebAssembly target. */
export async function rust() {
  if (!which("cargo"))
    throw new UserError("Rust is missing: install rustup and the stable toolchain from https://rustup.rs.");
  await toolchain();
}

/** Builds the wasm-bindgen of Cargo.lock; returns where it is. */
export async function wasmBindgen() {
  const program = "target/tools-build/debug/" + exe("wasm-bindgen");
  await unlessMade("wasm-bindgen", ["tools/wasm-bindgen", "Cargo.lock"], [program], async () => {
    say("Building the pinned wasm-bindgen (half a minute) …");
    await run("cargo", ["build", "--locked", ...TOOLS, "-p", "wasm-bindgen-pinned"], { quiet: true, env: QUICKLY });
  });
  return path(program);
}

/** The toolchain of rust-toolchain.toml with its target and components. rustup may be set not to install by itself. */
async function toolchain() {
  const find = () => run("rustc", ["--print", "sysroot"], { quiet: true });
  const sysroot = (await find().catch(() => installToolchain().then(find))).trim();
  const target = "wasm32-unknown-unknown";
  if (existsSync(`${sysroot}/lib/rustlib/${target}`)) return;
  if (!which("rustup")) {
    throw new UserError(
      `The Rust target ${target} is missing: install it, for example with "rustup target add ${target}".`,
    );
  }
  say(`Adding the Rust target ${target} …`);
  await run("rustup", ["target", "add", target], { quiet: true });
}

/** The toolchain itself, where rustup is set not to install what is asked for. */
async function installToolchain() {
  const [, channel = ""] = /channel = "(.+)"/.exec(readFileSync(path("rust-toolchain.toml"), "utf8")) ?? [];
  if (!which("rustup")) throw new UserError(`Rust ${channel} is missing: install it with rustup (https://rustup.rs).`);
  say(`Installing Rust ${channel} …`);
  await run("rustup", ["toolchain", "install", channel, "--profile", "minimal"]);
}

/** rustfmt and clippy, for the checks. */
export async function rustComponents() {
  for (const name of ["rustfmt", "clippy"]) {
    const tool = name === "clippy" ? "cargo-clippy" : name;
    const works = await run(tool, ["--version"], { quiet: true }).then(
      () => true,
      () => false,
    );
    if (works) continue;
    say(`Adding the Rust component ${name} …`);
    await run("rustup", ["component", "add", name], { quiet: true });
  }
}

/** Builds the emulator and returns where it is. */
export async function emulator() {
  const binary = "target/release/" + exe("fal-emulator");
  await unlessMade("emulator", ["emulator", "tests/data/platform-shapes.json", "Cargo.lock"], [binary], async () => {
    say("Building the emulator (a minute or two) …");
    await run("cargo", ["build", "--locked", "--release", "-p", "fal-emulator"]);
  });
  return path(binary);
}

/**
 * A Python with the packages of tests/clients, which are installed into target/python.
 *
 * @returns {Promise<{ program: string, env: Record<string, string> }>}
 */
export async function python() {
  if (!which("python3")) await fromDebian("python3", "Python 3 is missing: install it");
  const works = await run("python3", ["-m", "pip", "--version"], { quiet: true }).then(
    () => true,
    () => false,
  );
  if (!works) await fromDebian("python3-pip", "pip is missing: install it for python3");
  const list = "tests/clients/requirements.txt";
  await unlessMade("python", [list], ["target/python/fal_client"], async () => {
    say("Installing the Python client into target/python …");
    const flags = ["--quiet", "--disable-pip-version-check", "--no-warn-script-location", "--root-user-action=ignore"];
    await run(
      "python3",
      ["-m", "pip", "install", ...flags, "--upgrade", "--target", path("target/python"), "-r", path(list)],
      {
        quiet: true,
      },
    );
  });
  return { program: "python3", env: { PYTHONPATH: path("target/python"), PYTHONDONTWRITEBYTECODE: "1" } };
}

/** Installs packages where that can be done without asking anybody. @param {string} names @param {string} missing */
async function fromDebian(names, missing) {
  const debian = existsSync("/etc/debian_version") && !/ubuntu/i.test(readFileSync("/etc/os-release", "utf8"));
  if (!debian || process.getuid?.() !== 0)
    throw new UserError(`${missing} ("sudo apt-get install ${names}" on Debian).`);
  say(`Installing ${names} (apt-get install) …`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  // Somebody else may be installing, too.
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  await run("apt-get", [...wait, "update", "-qq"], { quiet: true, env });
  const install = ["install", "-y", "-qq", "--no-install-recommends", ...names.split(" ")];
  await run("apt-get", [...wait, ...install], { quiet: true, env });
}

/**
 * A program: the one that a variable of the environment names, one that is installed, else Debian's.
 *
 * @param {string} what @param {{ variable: string, find: () => string | undefined, packages: string }} where
 */
async function program(what, { variable, find, packages }) {
  const there = process.env[variable] ?? find();
  if (there) return there;
  await fromDebian(packages, `${what} is missing: install it, or set ${variable} to where it is`);
  const place = find();
  if (!place) throw new UserError(`${what} was installed but cannot be found: set ${variable} to where it is.`);
  return place;
}

/** Where programs are: in `PATH` by one of these names, or in one of these places. @param {string[]} names @param {string[]} [places] */
const among = (names, places = []) => names.map(which).find(Boolean) ?? places.find((place) => existsSync(place));

const CHROMIUM = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
const CHROMIUM_ELSEWHERE = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** A Chromium or Chrome. @returns {Promise<string>} */
export const chromium = () =>
  program("Chromium", {
    variable: "CHROMIUM",
    find: () => among(CHROMIUM, CHROMIUM_ELSEWHERE),
    packages: "chromium fonts-liberation",
  });

const FIREFOX_ELSEWHERE = [
  "/Applications/Firefox.app/Contents/MacOS/firefox",
  "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
];

/** A Firefox. @returns {Promise<string>} */
export const firefox = () =>
  program("Firefox", {
    variable: "FIREFOX",
    find: () => among(["firefox-esr", "firefox"], FIREFOX_ELSEWHERE),
    packages: "firefox-esr",
  });

/** WebKitGTK: its driver, which brings a browser, and a screen for it that nobody sees. */
export const webkit = async () => ({
  driver: await program("WebKitGTK's driver", {
    variable: "WEBKIT_DRIVER",
    find: () => which("WebKitWebDriver"),
    packages: "webkit2gtk-driver",
  }),
  screen: await program("Xvfb", { variable: "XVFB", find: () => which("Xvfb"), packages: "xvfb" }),
});

/** A Redis server. @returns {Promise<string>} */
export const redis = () =>
  program("Redis", {
    variable: "REDIS_SERVER",
    find: () => among(["redis-server", "valkey-server"]),
    packages: "redis-server",
  });

/** @param {string} name */
const exe = (name) => (process.platform === "win32" ? `${name}.exe` : name);
