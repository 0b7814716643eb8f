/** Places outside of a build where keys are put by mistake. */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";

import { inFile } from "./search.ts";

/** Files for secrets, and those that only show which ones there are. */
const SECRETS = /^\.(env|dev\.vars)(\..+)?$/;
const SAMPLE = /\.(dist|example|sample|template)$/;

/** A variable of fal's that has a value, as those files write it. */
const HAS_VALUE = /^[ \t]*(?:export[ \t]+)?FAL_KEY(?:_ID|_SECRET)?[ \t]*=[ \t]*["']?[^\s"'#]/m;

/** A value given to such a variable in a command. `$FAL_KEY` is none. */
const IN_COMMAND = /\bFAL_KEY(?:_ID|_SECRET)?=["']?[^\s"'$%]/;

/** @typedef {import("./examine.ts").Finding} Finding */

/** What is found, and whether git could be asked. @param {string} project @returns {{ git: boolean, findings: Finding[] }} */
export function habits(project) {
  const tracked = git(project, "ls-files", "-z", "--", "*.env*", "*.dev.vars*");
  const names = (tracked ?? "").split("\0").filter((name) => SECRETS.test(basename(name)));
  const findings = [...environment(project, names), ...scripts(project), ...wrangler(project)];
  return { git: tracked !== undefined, findings };
}

/** What git says in a folder; undefined when it is not there, or says no. @param {string} folder @param {string[]} args */
function git(folder, ...args) {
  try {
    return execFileSync("git", args, {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 2 ** 28,
    });
  } catch {
    return undefined;
  }
}

/** What is wrong with a file of the project as such. @param {string} project @param {string} name */
const within = (project, name) =>
  inFile({ path: join(project, name), name, size: statSync(join(project, name)).size, served: false });

/** Files for secrets that git has or would take, and variables in them that a framework would publish. @param {string} project @param {string[]} tracked @returns {Finding[]} */
function environment(project, tracked) {
  const here = readdirSync(project).filter((name) => SECRETS.test(name));
  const present = [...new Set([...tracked, ...here])].filter((name) => existsSync(join(project, name)));
  return present.flatMap((file) => {
    const found = within(project, file);
    const published = found.filter(({ code }) => code === "public_variable");
    const holdsKey =
      found.some(({ code }) => code === "key" || code === "key_half") ||
      (!SAMPLE.test(file) && HAS_VALUE.test(readFileSync(join(project, file), "utf8")));
    if (!holdsKey) return published;
    if (tracked.includes(file)) return [...published, { code: "env_committed", file }];
    const isOpen = git(project, "status", "--porcelain", "-z", "--", file);
    return isOpen ? [...published, { code: "env_not_ignored", file }] : published;
  });
}

/** Keys in package.json. @param {string} project @returns {Finding[]} */
function scripts(project) {
  const file = "package.json";
  const scripts = readJson(join(project, file))?.scripts ?? {};
  const named = Object.entries(scripts).filter(([, command]) => IN_COMMAND.test(String(command)));
  const found = existsSync(join(project, file)) ? within(project, file) : [];
  return [...found, ...named.map(([name]) => ({ code: "key_in_script", file, detail: name }))];
}

/** Variables of a worker that should be secrets. @param {string} project @returns {Finding[]} */
function wrangler(project) {
  return ["wrangler.toml", "wrangler.json", "wrangler.jsonc"]
    .filter((file) => existsSync(join(project, file)))
    .flatMap((file) => {
      const names = file.endsWith(".toml")
        ? tomlVars(readFileSync(join(project, file), "utf8"))
        : jsonVars(project, file);
      return [...new Set(names)].map((detail) => ({ code: "key_in_vars", file, detail }));
    });
}

const NAME = /^FAL_KEY(_ID|_SECRET)?$/;

/** @param {string} project @param {string} file */
function jsonVars(project, file) {
  const config = readJson(join(project, file)) ?? {};
  const places = [config, ...Object.values(config.env ?? {})];
  return places.flatMap(({ vars }) => Object.keys(vars ?? {})).filter((name) => NAME.test(name));
}

/** The names under `[vars]` and `[env.*.vars]`: as lines of their own, inline, or with dots. @param {string} text */
function tomlVars(text) {
  const quoted = /["']?(FAL_KEY(?:_ID|_SECRET)?)["']?\s*=/g;
  let inVars = false;
  return text.split("\n").flatMap((line) => {
    const table = /^\s*\[+\s*([^\]]+?)\s*\]+/.exec(line);
    if (table) inVars = /(^|\.)\s*vars$/.test(table[1]);
    const isAbout = inVars ? !line.trimStart().startsWith("#") : /^\s*([\w."-]+\.)?vars\s*[.=]/.test(line);
    return isAbout ? [...line.matchAll(quoted)].map(([, name]) => name) : [];
  });
}

/** JSON, also with comments and commas too many; undefined when it is not there or not that. @param {string} path */
function readJson(path) {
  try {
    const text = readFileSync(path, "utf8");
    const plain = text.replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[^]*?\*\//g, "$1");
    return JSON.parse(plain.replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, "$1"));
  } catch {
    return undefined;
  }
}
