/** Delivers webhooks. */

import type { Host } from "./host.ts";

/** A webhook to post. */
export interface Delivery {
  url: string;
  headers: [name: string, value: string][];
  body: string;
}

/** Posts a webhook, and says the status it was answered with; undefined where it may not be posted. Rejects without an answer. */
export type Post = (delivery: Delivery, signal: AbortSignal) => Promise<number | undefined>;

const UNREACHABLE = 0;
const TIMED_OUT = 1;
const FORBIDDEN = 2;

/** Delivers webhooks until `signal` aborts. */
export async function deliver(host: Host, post: Post, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const posts: (Delivery & { number: number; timeout: number })[] = JSON.parse(host.model.posts(host.real()));
    for (const one of posts) void deliverOne(host, post, one, signal);
    await host.wait(host.model.next_post(), signal);
  }
}

async function deliverOne(
  host: Host,
  post: Post,
  { number, timeout, ...delivery }: Delivery & { number: number; timeout: number },
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  signal.addEventListener("abort", end);
  const answered = post(delivery, over.signal).then(
    (status) => status ?? FORBIDDEN,
    () => UNREACHABLE,
  );
  const late = host.reach(host.now() + timeout, over.signal).then(() => TIMED_OUT);
  const status = await Promise.race([answered, late]);
  end();
  signal.removeEventListener("abort", end);
  if (signal.aborted) return;
  host.model.posted(host.real(), number, status);
  // There may be a retry to wait for.
  host.notify();
}
