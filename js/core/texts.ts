/** Questions about texts, which the core answers. */

import * as core from "#core";
import { OperationError } from "../errors/errors.ts";
import { readText, writeText, writtenText } from "./memory.ts";
import { FailureKind } from "./wire.ts";

/** An endpoint id in its canonical spelling, and its app; throws why it is none. fal takes a slash at the end, too. */
export const endpointOf = (id: unknown) => canonical(String(id ?? "").replace(/\/$/, ""));

function canonical(id: string): { endpoint: string; app: string } {
  const length = writeText(id);
  const app = core.endpointId(length);
  if (app < 0) throw new OperationError(FailureKind.EndpointIdInvalid, undefined, "", -1 - app);
  const endpoint = writtenText(length);
  return { endpoint, app: endpoint.slice(0, app) };
}

/** The endpoint below another: at `path`, or where apps usually have it. */
export const endpointBelow = (id: unknown, path: string, usual: string) =>
  canonical(readText(core.belowEndpoint(writeText(endpointOf(id).endpoint, path, usual))));

/** A request id; throws when it is none. */
export function requestIdOf(id: string): string {
  if (!core.isRequestId(writeText(id))) throw new OperationError(FailureKind.RequestIdInvalid);
  return id;
}

/** The app that owns the queue, as the answer to a submit names it; empty when it names none. */
export const submittedApp = (requestId: string, statusUrl: string) =>
  readText(core.submittedApp(writeText(requestId, statusUrl)));

/** What is wrong with the URL of a proxy, by the numbers of its reasons; 0 when nothing is. */
export const proxyUrlProblem = (url: string) => core.proxyUrlProblem(writeText(url));

/**
 * Beginnings of what the core takes for a key (src/credentials/key.rs): the scheme `Key `, or the end of a UUID, a colon,
 * which may be percent-encoded, and 32 hexadecimal digits. Nearly every header and URL is without, so that nothing reads it
 * one character at a time; a text in which the core would find a key never is.
 */
const MAY_BE_KEY = /^key |[\da-f]{12}(?::|%3a)[\da-f]{32}/i;

/**
 * Whether a text hands over a fal key: one of fal's shape anywhere in it, or any in fal's scheme. The core is given one
 * character at a time, so no key is ever in its memory.
 */
export const isKey = (text: string) => scan(text) > 0;

/** Where the first key of fal's shape in a text ends; 0 when there is none. */
export const endOfKey = (text: string) => scan(text, 1);

function scan(text: string, wanted = 3): number {
  if (!MAY_BE_KEY.test(text)) return 0;
  core.beginKeyScan();
  for (let index = 0; index < text.length; index += 1) {
    if (core.scanKey(text.charCodeAt(index)) & wanted) return index + 1;
  }
  return 0;
}
