/**
 * What texts are, by the grammar of the wire table. The core's parsers take and refuse the same (src/protocol/grammar.rs),
 * and what a credential depends on is decided by them.
 */

import { OperationError } from "../errors/errors.ts";
import {
  ABSOLUTE,
  ADDRESS,
  BodyKind,
  BodyRead,
  CREDENTIAL,
  EVENTS_TYPE,
  EndpointError,
  FAL_HOST,
  FORBIDDEN,
  FailureKind,
  HOST,
  HTML_TYPE,
  JSON_TYPE,
  KEY,
  LEGACY_ID,
  LOOPBACK,
  MAX_ENDPOINT_LENGTH,
  Media,
  NAMESPACES,
  ProxyUrlError,
  QUEUE_STATES,
  REQUEST_ID,
  SEGMENT,
  STATUS_URL,
  TEXT_TYPE,
  URL_PREFIX,
} from "./wire.ts";

/** An endpoint id in its canonical spelling, and its app. */
export interface Endpoint {
  endpoint: string;
  app: string;
}

/** An endpoint id in its canonical spelling, and its app; throws why it is none. fal takes a slash at the end, too. */
export const endpointOf = (id: unknown): Endpoint => canonical(String(id ?? "").replace(/\/$/, ""));

function canonical(text: string): Endpoint {
  const refuse = (reason: EndpointError): never => {
    throw new OperationError(FailureKind.EndpointIdInvalid, { reason });
  };
  if (text.length > MAX_ENDPOINT_LENGTH) refuse(EndpointError.TooLong);
  if (URL_PREFIX.test(text)) refuse(EndpointError.Url);
  const endpoint = text.replace(LEGACY_ID, "$1/$2");
  const segments = endpoint.split("/");
  const needed = NAMESPACES.includes(segments[0] as string) ? 3 : 2;
  if (!segments.every((segment) => SEGMENT.test(segment)) || segments[needed] === "requests")
    refuse(EndpointError.Segment);
  if (segments.length < needed) refuse(EndpointError.TooShort);
  return { endpoint, app: segments.slice(0, needed).join("/") };
}

/** The endpoint below another: at `path`, or where apps usually have it. */
export function endpointBelow(id: unknown, path: string, usual: string): Endpoint {
  const { endpoint } = endpointOf(id);
  const below = path.replace(/^\/+/, "");
  return canonical(!below && endpoint.endsWith(`/${usual}`) ? endpoint : `${endpoint}/${below || usual}`);
}

/** A request id; throws when it is none. */
export function requestIdOf(id: string): string {
  if (!REQUEST_ID.test(id ?? "")) throw new OperationError(FailureKind.RequestIdInvalid);
  return id;
}

/** The app that owns the queue, as the answer to a submit names it; undefined when it names none. */
export function submittedApp(requestId: string, statusUrl: string): string | undefined {
  const [, app, id] = STATUS_URL.exec(statusUrl) ?? [];
  try {
    return id === requestId && endpointOf(app).app === app ? app : undefined;
  } catch {
    return undefined;
  }
}

/** The scheme's `s`, if any, and the authority of an address without a flaw; or what is wrong with it. */
function address(text: string): [secure: string, authority: string] | ProxyUrlError {
  if (FORBIDDEN.test(text)) return ProxyUrlError.Character;
  const [, secure = "", authority] = ADDRESS.exec(text) ?? [];
  if (authority === undefined) return ProxyUrlError.Scheme;
  if (authority.includes("@")) return ProxyUrlError.UserInfo;
  return HOST.test(authority) ? [secure, authority] : ProxyUrlError.Host;
}

/** Whether what is sent there can be read on the way by nobody else: over TLS, or within this machine. */
const isPrivate = (secure: string, authority: string) => secure !== "" || LOOPBACK.test(authority);

/** What is wrong with the URL of a proxy; 0 when nothing is. */
export function proxyUrlProblem(url: string): ProxyUrlError | 0 {
  if (!url) return ProxyUrlError.Empty;
  if (FORBIDDEN.test(url)) return ProxyUrlError.Character;
  if (url.startsWith("//")) return ProxyUrlError.NoScheme;
  if (!ABSOLUTE.test(url)) return 0;
  const found = address(url);
  if (typeof found === "number") return found;
  return FAL_HOST.test(found[1]) ? ProxyUrlError.Fal : isPrivate(...found) ? 0 : ProxyUrlError.Scheme;
}

/** Whether a file may be sent to this address. */
function isUploadUrl(url: string): boolean {
  const found = address(url);
  return typeof found !== "number" && isPrivate(...found) && !url.includes("#");
}

/** What a body of this kind says, by its two fields that decide; texts that are not there are empty. */
export function bodyRead(kind: BodyKind, first: string, second: string): BodyRead {
  const state = QUEUE_STATES.indexOf(first);
  switch (kind) {
    case BodyKind.Submitted:
      return REQUEST_ID.test(first) ? BodyRead.Submitted : BodyRead.Invalid;
    case BodyKind.Status:
      return state < 0 ? BodyRead.Invalid : BodyRead.InQueue + state + (state === 2 && second ? 1 : 0);
    case BodyKind.Initiated:
      return isUploadUrl(first) && second ? BodyRead.Initiated : BodyRead.Invalid;
    case BodyKind.Receipt:
      return first ? BodyRead.Nothing : BodyRead.Invalid;
    default:
      return BodyRead.Nothing;
  }
}

/** How a body is decoded, by its content type. */
export const mediaOf = (type: string): Media =>
  EVENTS_TYPE.test(type)
    ? Media.Events
    : JSON_TYPE.test(type)
      ? Media.Json
      : HTML_TYPE.test(type)
        ? Media.Html
        : TEXT_TYPE.test(type)
          ? Media.Text
          : Media.Bytes;

/** Whether a text hands over a fal key: one of fal's shape anywhere in it, or any in fal's scheme. */
export const isKey = (text: string): boolean => KEY.test(text) || CREDENTIAL.test(text);
