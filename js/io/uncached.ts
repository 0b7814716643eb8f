/** Answers that no cache may keep. */

let known: RequestInit | undefined;

/**
 * `no-store`, where the runtime knows it. Next.js 14 keeps whatever `fetch` gets, so that a request in the queue would never
 * be over; workerd before 2024-11-11 throws at the option, and has no such cache.
 */
export function uncached(): RequestInit {
  if (!known) {
    known = { cache: "no-store" };
    try {
      new Request("https://fal.run/", known);
    } catch {
      known = {};
    }
  }
  return known;
}
