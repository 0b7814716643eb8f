/** One examination of a project: its builds, its configuration, the installed package and, when asked, the key. */

import { buildDirs, filesOf, projectOf } from "./build-dirs.ts";
import { configLeaks } from "./config-leaks.ts";
import { entries } from "./entries.ts";
import { checkKey } from "./key.ts";
import { inFile, keysIn } from "./search.ts";
import type { Finding, Report } from "./types.ts";

/** A text that is safe to print: on one line, and without a key. The name of a file can contain one, too. */
function printable(text: string): string {
  const keys = [...keysIn(text)].map(({ key }) => key);
  const safe = keys.reduce(
    (safe, key) => safe.replaceAll(key, "[key]").replaceAll(encodeURIComponent(key), "[key]"),
    text,
  );
  return safe.replace(/[\p{Cc}\p{Cf}]/gu, "?");
}

/** The same value, with every text in it made printable. */
const withPrintableTexts = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value), (_, part: unknown) => (typeof part === "string" ? printable(part) : part));

export async function examine(folder: string, { key }: { key: boolean }): Promise<Report> {
  const project = projectOf(folder);
  const findings: Finding[] = [];
  const builds = buildDirs(folder).map((build) => {
    const searched = { folder: build.name, files: 0, bytes: 0 };
    for (const file of filesOf(build)) {
      searched.files += 1;
      searched.bytes += file.size;
      findings.push(...inFile(file));
    }
    return searched;
  });
  const installed = entries(project);
  const leaks = configLeaks(project);
  findings.push(...installed.findings, ...leaks.findings);
  const checked = key ? await checkKey() : undefined;
  findings.push(...(checked?.findings ?? []));
  return withPrintableTexts({
    // Without a build nothing was looked at that would be published.
    ok: findings.length === 0 && builds.length > 0,
    folder: project,
    builds,
    entries: installed.entries,
    git: leaks.git,
    ...(checked && { key: checked.key }),
    findings,
  });
}
