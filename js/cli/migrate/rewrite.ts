/** What a source file of an app with the official client is with this one: imports that change, and what people have to change. */

/** A line that changes, or that somebody has to look at. */
export interface Change {
  line: number;
  before: string;
  after: string;
}

export interface Note {
  line: number;
  text: string;
}

export interface Rewritten {
  text: string;
  changes: Change[];
  notes: Note[];
}

/** Modules with the same names in them. */
const MODULES: Record<string, string> = {
  "@fal-ai/client": "fal-wasm",
  "@fal-ai/client/endpoints": "fal-wasm/endpoints",
};

/** What names a module: an import, an export, a call that loads or mocks one, a reference of TypeScript. */
const SPECIFIER =
  /(\b(?:from|import|declare module)\s*|\b(?:import|require|require\.resolve|mock|doMock|unmock|importActual|requireActual)\s*(?:<[^>]*>)?\(\s*)(["'])(@fal-ai\/[^"'\s]+)\2/g;

/** What has to be looked at, by what a line says. */
const LOOK: [pattern: RegExp, text: string][] = [
  [
    /\bcredentials\s*:/,
    "In a page, delete `credentials` and say `proxyUrl`: the browser build refuses every key. On a server it stays.",
  ],
  [/\bisRetryableError\b|\bwithRetry\b/, "Retries are options of the client: `retry: { maxRetries, … }`."],
];

const PROXY =
  'Replace this proxy: createFalProxy({ authenticate, allowedEndpoints }) from "fal-wasm/proxy". `npx fal-wasm init` writes one.';

const ABOUT = /["']@fal-ai\/(client|serverless-client)\b/;

/** @param text A source file, in any language whose imports are JavaScript's. */
export function rewrite(text: string): Rewritten {
  const changes: Change[] = [];
  const notes: Note[] = [];
  const isAbout = ABOUT.test(text);
  const lines = text.split("\n").map((before, index) => {
    const line = index + 1;
    const after = before.replace(SPECIFIER, (all, head: string, quote: string, name: string) => {
      const ours = Object.hasOwn(MODULES, name) ? MODULES[name] : undefined;
      if (ours) return `${head}${quote}${ours}${quote}`;
      if (name.startsWith("@fal-ai/server-proxy")) notes.push({ line, text: PROXY });
      else if (name.startsWith("@fal-ai/client/"))
        notes.push({ line, text: `\`${name}\` is inside of that package. What it has is exported by "fal-wasm".` });
      else if (name === "@fal-ai/serverless-client")
        notes.push({ line, text: 'This is an older client: import { fal } from "fal-wasm", and call `fal.…`.' });
      return all;
    });
    if (after !== before) changes.push({ line, before, after });
    if (isAbout) for (const [pattern, note] of LOOK) if (pattern.test(before)) notes.push({ line, text: note });
    return after;
  });
  return { text: lines.join("\n"), changes, notes };
}
