/** What an examination reports. */

/** Something to fix. */
export interface Finding {
  code: string;
  /** Path inside the project; a colon separates the source that a source map or an archive holds. */
  file?: string;
  /** Counted from 1, as the column is. */
  line?: number;
  column?: number;
  /** How the text was decoded, when it is not there in plain. */
  how?: string;
  /** The first characters of a key's SHA-256: enough to tell which key it is. */
  fingerprint?: string;
  /** A name, never a value. */
  detail?: string;
}

/** One folder that was searched. */
export interface SearchedBuild {
  folder: string;
  files: number;
  bytes: number;
}

/** What fal says about the key in the environment. */
export interface KeyCheck {
  works: boolean;
  scope?: "API" | "ADMIN";
  /** Whose key it is, a person's or a team's. fal tells that to an ADMIN key only. */
  account?: string;
}

export interface Report {
  /** Whether there was a build to look at, and nothing was found. */
  ok: boolean;
  folder: string;
  builds: SearchedBuild[];
  /** Which build of the package each runtime gets; empty when the package is not installed. */
  entries: Record<string, string>;
  /** Whether git could say which files it tracks. */
  git: boolean;
  key?: KeyCheck;
  findings: Finding[];
}
