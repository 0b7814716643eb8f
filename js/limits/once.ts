/** What an idempotency key is kept under, and the answer to it. */

import type { KeptAnswer } from "./types.ts";

const encoder = new TextEncoder();

/** A text, and what follows it, as a SHA-256 in hexadecimal: a key may be as long as a header. */
export async function digestOf(text: string, more: Uint8Array = new Uint8Array()): Promise<string> {
  const head = encoder.encode(text);
  const all = new Uint8Array(head.byteLength + more.byteLength);
  all.set(head);
  all.set(more, head.byteLength);
  const digest = [...new Uint8Array(await crypto.subtle.digest("SHA-256", all))];
  return digest.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** An answer as it is kept. */
export function keepable(status: number, headers: Headers | undefined, bytes: Uint8Array): KeptAnswer {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return { status, contentType: headers?.get("content-type") ?? "application/json", body: btoa(text) };
}

/** A kept answer as a response. */
export function replayed({ status, contentType, body }: KeptAnswer): Response {
  const bytes = Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
  return new Response(bytes, { status, headers: { "content-type": contentType, "idempotent-replayed": "true" } });
}
