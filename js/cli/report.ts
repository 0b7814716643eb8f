/** A report in words, for people. */

import type { Finding, Report } from "./types.ts";

const REVOKE =
  "Whoever has it spends your money. Revoke it and make a new one in the fal dashboard (fal.ai/dashboard/keys), then find out how it " +
  "got there: browsers call your own proxy (createFalProxy), which reads the key at run time.";
const AS_SECRET =
  "Set it with `wrangler secret put`, take it out of the file, and treat it as leaked if the file was shared.";

/** What each finding is, and what to do about it. */
const SENTENCES: Record<string, [what: string, advice: string]> = {
  account_locked: ["the key works, and its account is locked or empty", "See fal.ai/dashboard/billing."],
  edge_build_served: [
    "the edge build, which can hold a key, in a file for browsers",
    'Import "fal-wasm" there without conditions of your own: the bundler has to see `browser`, and not `node` or `workerd`.',
  ],
  env_committed: ["a file with a key is in git", `Take it out (git rm --cached) and ignore it. ${REVOKE}`],
  env_not_ignored: ["a file with a key is not ignored by git", "Name it in .gitignore, before somebody adds it."],
  key: ["a fal key", REVOKE],
  key_half: ["the secret half of a fal key", REVOKE],
  key_in_script: ["a script has a value for a fal key", `Leave it to the environment. ${REVOKE}`],
  key_in_vars: ["a variable of the worker holds what should be a secret", AS_SECRET],
  key_malformed: [
    "what the environment has as the key does not have the form of one",
    'A key is "id:secret", with nothing around it. Nothing was sent.',
  ],
  key_half_missing: [
    "the environment has one half of a key, and not the other",
    "Set both FAL_KEY_ID and FAL_KEY_SECRET, or FAL_KEY alone. Nothing was sent.",
  ],
  key_missing: [
    "there is no key in the environment",
    "Set FAL_KEY, or FAL_KEY_ID and FAL_KEY_SECRET. Nothing was sent.",
  ],
  key_rejected: [
    "fal does not take the key in the environment",
    "Copy it again, or make a new one: fal.ai/dashboard/keys.",
  ],
  key_unchecked: ["the key could not be checked", "This says nothing about it. Try again later."],
  public_variable: [
    "a variable that is written into what browsers get, named like a fal key",
    "Name it FAL_KEY and read it on the server only. If it had a value in a build that was published, revoke that key.",
  ],
  unreadable: ["could not be read, or is larger than 256 MB", "Nobody knows what is in it."],
  wrong_entry: ["a place that gets the wrong build of fal-wasm", "The installed package is damaged: install it again."],
};

/** One finding, on one line. */
function line({ code, file, line, column, how, fingerprint, detail }: Finding): string {
  const position = [file, line, column].filter((part) => part !== undefined).join(":");
  const notes = [detail, how, fingerprint && `SHA-256 ${fingerprint}…`].filter(Boolean).join(", ");
  return `  ${position || "-"}  ${SENTENCES[code]?.[0] ?? code}${notes && ` (${notes})`}`;
}

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? "" : "s"}`;

export function written({ folder, builds, entries, git, key, findings }: Report): string {
  const looked = builds.map(
    ({ folder, files, bytes }) => `${folder} (${counted(files, "file")}, ${Math.ceil(bytes / 1024)} kB)`,
  );
  const getting = (build: string) => Object.keys(entries).filter((runtime) => entries[runtime] === build);
  const lines = [
    `fal-wasm doctor: ${folder}`,
    `Builds: ${looked.join(", ") || "none. Build first: this looks at what would be published"}`,
    Object.keys(entries).length > 0
      ? `Package: the browser build for ${getting("browser").join(", ")}; the edge build for ${getting("edge").join(", ")}`
      : "Package: fal-wasm is not installed here",
  ];
  if (!git) lines.push("Git: no repository here, so nobody can tell whether a file with a key is committed");
  if (key?.works)
    lines.push(
      `Key: fal takes it. Its scope is ${key.scope}${key.scope === "ADMIN" ? "; API is enough for a proxy" : ""}` +
        (key.account === undefined
          ? ". Which account it belongs to fal tells keys of scope ADMIN only: the dashboard shows it"
          : `. Its account is ${key.account}`),
    );
  if (findings.length === 0) {
    const end = builds.length > 0 ? "Nothing to mend." : "Nothing was looked at that would be published: build first.";
    return [...lines, end, ""].join("\n");
  }
  const codes = [...new Set(findings.map(({ code }) => code))];
  const parts = codes.flatMap((code) => [
    "",
    ...findings.filter((finding) => finding.code === code).map(line),
    `    ${SENTENCES[code]?.[1] ?? ""}`,
  ]);
  return [...lines, ...parts, "", `${counted(findings.length, "finding")}.`, ""].join("\n");
}
