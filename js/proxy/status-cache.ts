/**
 * fal's last word about where a job is. When many ask about the same job, fal is asked a few times a second, and not once
 * for each of them. Whose job it is was checked before.
 */

import { forgetOldest } from "../io/forget-oldest.ts";
import type { ProxyCall } from "./call.ts";
import { HeaderList, namesOfReturnedHeaders } from "./headers.ts";

/** Shorter than a client waits between two questions: one that asks alone is never told what it knows already. */
const FRESH_MS = 400;
/** Status with logs may be longer, and is not kept. */
const MAX_BYTES = 16 * 1024;
const MAX_JOBS = 256;

interface Said {
  at: number;
  status: number;
  headers: Record<string, string>;
  bytes: Uint8Array<ArrayBuffer>;
}

/** The status of a few jobs, for a moment. */
export class StatusCache {
  readonly #said = new Map<string, Said>();

  /** What fal said a moment ago. */
  find(url: string): Response | undefined {
    const said = this.#said.get(url);
    if (!said || Date.now() - said.at >= FRESH_MS || Date.now() < said.at) return undefined;
    return new Response(said.bytes, said);
  }

  /** Keeps an answer once it has been passed on. */
  keep(call: ProxyCall, url: string, { status, ok, headers: from }: Response): void {
    if (!ok) return;
    const at = Date.now();
    const headers = new HeaderList({});
    headers.copy(from, namesOfReturnedHeaders());
    call.keep = MAX_BYTES;
    call.endings.push(({ kept }) => {
      if (!kept) return;
      this.#said.delete(url);
      this.#said.set(url, { at, status, headers: headers.list, bytes: new Uint8Array(kept) });
      forgetOldest(this.#said, MAX_JOBS);
    });
  }

  /** Forgets all of it: somebody has changed something. */
  clear(): void {
    this.#said.clear();
  }
}
