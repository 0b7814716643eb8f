/** Keys in the configuration of a project: files for secrets, scripts, and the variables of a worker. */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";

import { fieldsOf, readJson } from "./json.ts";
import { inFile } from "./search.ts";
import type { Finding } from "./types.ts";

/** Files for secrets, and samples of them that only list the names. */
const SECRETS = /^\.(env|dev\.vars)(\..+)?$/;
const SAMPLE = /\.(dist|example|sample|template)$/;

/** One of fal's variables with a value, in the syntax of those files. */
const HAS_VALUE = /^[ \t]*(?:export[ \t]+)?FAL_KEY(?:_ID|_SECRET)?[ \t]*=[ \t]*["']?[^\s"'#]/m;

/** A literal value for such a variable in a command. `$FAL_KEY` does not count. */
const IN_COMMAND = /\bFAL_KEY(?:_ID|_SECRET)?=["']?[^\s"'$%]/;

/** What was found, and whether git could be asked. */
export function configLeaks(project: string): { git: boolean; findings: Finding[] } {
  const tracked = git(project, "ls-files", "-z", "--", "*.env*", "*.dev.vars*");
  const names = (tracked ?? "").split("\0").filter((name) => SECRETS.test(basename(name)));
  const findings = [...secretFiles(project, names), ...scripts(project), ...wrangler(project)];
  return { git: tracked !== undefined, findings };
}

/** The output of git in a folder; undefined when git is missing or fails. */
function git(folder: string, ...args: string[]): string | undefined {
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

/** What is wrong with the content of one file of the project. */
const within = (project: string, name: string): Finding[] =>
  inFile({ path: join(project, name), name, size: statSync(join(project, name)).size, served: false });

/** Files for secrets that git tracks or would add, and variables in them that a framework would publish. */
function secretFiles(project: string, tracked: string[]): Finding[] {
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

/** Keys in package.json. */
function scripts(project: string): Finding[] {
  const file = "package.json";
  const scripts = fieldsOf(fieldsOf(readJson(join(project, file))).scripts);
  const named = Object.entries(scripts).filter(([, command]) => IN_COMMAND.test(String(command)));
  const found = existsSync(join(project, file)) ? within(project, file) : [];
  return [...found, ...named.map(([name]) => ({ code: "key_in_script", file, detail: name }))];
}

/** Variables of a worker that should be secrets. */
function wrangler(project: string): Finding[] {
  return ["wrangler.toml", "wrangler.json", "wrangler.jsonc"]
    .filter((file) => existsSync(join(project, file)))
    .flatMap((file) => {
      const path = join(project, file);
      const names = file.endsWith(".toml") ? tomlVars(readFileSync(path, "utf8")) : jsonVars(readJson(path));
      return [...new Set(names)].map((detail) => ({ code: "key_in_vars", file, detail }));
    });
}

const NAME = /^FAL_KEY(_ID|_SECRET)?$/;

/** The names under `vars` and `env.*.vars`. */
function jsonVars(json: unknown): string[] {
  const config = fieldsOf(json);
  const environments = [config, ...Object.values(fieldsOf(config.env))];
  return environments
    .flatMap((environment) => Object.keys(fieldsOf(fieldsOf(environment).vars)))
    .filter((name) => NAME.test(name));
}

/** The names under `[vars]` and `[env.*.vars]`: on lines of their own, inline, or with dots. */
function tomlVars(text: string): string[] {
  const assigned = /["']?(FAL_KEY(?:_ID|_SECRET)?)["']?\s*=/g;
  let inVars = false;
  return text.split("\n").flatMap((line) => {
    const table = /^\s*\[+\s*([^\]]+?)\s*\]+/.exec(line);
    if (table) inVars = /(^|\.)\s*vars$/.test(table[1] ?? "");
    const mayAssign = inVars ? !line.trimStart().startsWith("#") : /^\s*([\w."-]+\.)?vars\s*[.=]/.test(line);
    return mayAssign ? [...line.matchAll(assigned)].map(([, name = ""]) => name) : [];
  });
}
