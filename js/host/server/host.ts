/** Where this build runs, and how it sends from there: to fal itself, with a key it reads at the time of the call. */

import type { Config, ProxyUrlConfig } from "../../client/config.ts";
import type { PlainRequest } from "../../client/middleware.ts";
import type { OperationJob, OutgoingRequest } from "../../driver/job.ts";
import type { ErrorFacts, FalError } from "../../errors/errors.ts";
import type { ServerTransport } from "../transport.ts";
import { FailureKind } from "../../core/wire.ts";
import { appOf, attachCredential, isTrusted, leadsToFal } from "#core";
import { findCredential, spareCredential } from "./credentials.ts";
import { OperationError } from "../../errors/errors.ts";
import { makeError } from "../../errors/messages.ts";
import { globals } from "./globals.ts";
import { checkLocalHosts, localised } from "./local-hosts.ts";
import { TARGET_URL } from "../../client/headers.ts";
import { adapted, throughProxy } from "../../client/middleware.ts";
import { invalidOption, oneOf, proxyUrl, text } from "../../client/checks.ts";
import { CONFIG, readOptions } from "../../client/options.ts";
import { refuseCredentials } from "../../client/refuse-credentials.ts";
import { refuseKeys } from "../../client/refuse-keys.ts";
import { type HeaderRecord, compose, declare, withToken } from "../../driver/request.ts";
import { sentences } from "./messages.ts";
import { uncached } from "../../io/uncached.ts";
import { collectCapability } from "../../client/capabilities.ts";

export type { ServerTransport as HostTransport } from "../transport.ts";

const whenOf = oneOf(["browser", "always"]);

/** Whether calls from a server go through the proxy, too; by default it is there for browsers. */
const always = (when: unknown): boolean =>
  typeof when === "function" ? when({ isBrowser: false }) === true : whenOf({ when }, "when") === "always";

/** Reads a configuration; throws what is wrong with it. */
export function resolveConfig(config: Config): ServerTransport {
  const trusted = isServer(config);
  if (!trusted) refuseCredentials(config, true);
  const given = readOptions(config, CONFIG);
  const { credentials, env, loginToken, publicEndpoints = [] } = given;
  const url = proxyUrl(config, trusted);
  return {
    trusted,
    proxy: !trusted || always((config.proxyUrl as Partial<ProxyUrlConfig> | undefined)?.when) ? url : "",
    fetch: given.fetch,
    middleware: given.requestMiddleware,
    responseHandler: given.responseHandler,
    WebSocket: given.WebSocket,
    credentials: { credentials, env, loginToken },
    onKeyRejected: given.onKeyRejected,
    statusStreams: hasFewConnections() ? 3 : Infinity,
    publicApps: appsOf(publicEndpoints),
    capabilities: new Map(),
  };
}

/** workerd has six connections for each request that it answers. */
const hasFewConnections = (): boolean =>
  typeof (globalThis as { WebSocketPair?: unknown }).WebSocketPair === "function";

/** Whether everybody can read what runs here. */
export const isBrowser = (): boolean => !isTrusted(globals());

/** Whether this runtime can keep a secret, or the caller insists that it can. */
export const isServer = (config: Pick<Config, "dangerouslyTreatAsServer">): boolean =>
  isTrusted(globals()) || Boolean(text(config, "dangerouslyTreatAsServer"));

/** The apps of endpoints that are marked as public. */
const appsOf = (ids: unknown): string[] =>
  Array.isArray(ids) ? ids.map((id) => appOf(String(id))) : invalidOption("publicEndpoints");

/**
 * Where everybody can read what runs here: refuses credentials among the options of a call, and a call that has no
 * proxy to go to.
 */
export function checkCallOptions(transport: ServerTransport, options: object, needsProxy = true): void {
  if (transport.trusted) return checkLocalHosts(transport.credentials.env);
  refuseCredentials(transport.credentials, false);
  refuseCredentials(options, false);
  if (needsProxy && !transport.proxy && !transport.middleware) throw new OperationError(FailureKind.ProxyUrlMissing);
}

/** Whether a realtime connection needs a token. With the key at hand the key opens it. */
export const needsToken = (
  { trusted, proxy }: ServerTransport,
  { tokenProvider }: { tokenProvider?: unknown },
): boolean => !trusted || proxy !== "" || Boolean(tokenProvider);

/** Whether a connection is for browsers only, and this is a server that renders their page. */
export const isNoop = ({ trusted }: ServerTransport, { clientOnly }: { clientOnly?: unknown }): boolean =>
  trusted && clientOnly === true;

/**
 * Sends a request: what is for fal with a key, and files to the address that was given for them without. A redirect is
 * shown, never followed: some runtimes would take the key along.
 */
export async function send(job: OperationJob, asked: OutgoingRequest, signal: AbortSignal): Promise<Response> {
  const { transport } = job;
  const { body, accept, contentType, ...composed } = await compose(job, asked);
  const { url, method, headers } =
    asked.isToFal && !job.token ? await adapted(transport.middleware, composed) : composed;
  const { target, keyed }: Address = asked.isToFal
    ? await addressed(job, asked, signal, { url, headers })
    : { target: url };
  declare(headers, accept, contentType);
  if (!transport.trusted) refuseKeys(target, ...Object.entries(headers).flat(), body);
  const go = () => {
    const init: RequestInit = {
      method,
      headers: { ...headers },
      body,
      signal,
      redirect: "manual",
      ...uncached(),
    };
    const place = transport.trusted ? localised(target, transport.credentials.env) : target;
    return (transport.fetch ?? fetch)(place, init);
  };
  return collectCapability(
    transport.capabilities,
    await insist(transport, asked, { target, headers, keyed, signal }, go),
  );
}

/** Where a request goes, and whether with a key. */
interface Address {
  target: string;
  keyed?: boolean | undefined;
}

/** A request that is ready to be sent. Its headers may still get the second key. */
export interface AddressedRequest extends Address {
  headers: HeaderRecord;
  signal: AbortSignal;
}

/** Sends, and sends once more with the second key when fal refuses the first. */
export async function insist(
  transport: ServerTransport,
  asked: Pick<OutgoingRequest, "request" | "toBackup">,
  { target, headers, keyed, signal }: AddressedRequest,
  go: () => Promise<Response>,
): Promise<Response> {
  const answer = await go();
  const isRefused = keyed && answer?.status === 401;
  const next = isRefused ? await spareCredential(transport.credentials).catch(() => undefined) : undefined;
  if (next === undefined || signal.aborted) return answer;
  // fal refuses a key before anything runs, so this is no second run.
  rejected(transport);
  answer.body?.cancel().catch(() => {});
  attachKey(asked, target, headers, next);
  return go();
}

/** Has the core attach a credential, if this is a request that one goes with. */
export function attachKey(
  { request, toBackup }: Pick<OutgoingRequest, "request" | "toBackup">,
  url: string,
  headers: HeaderRecord,
  credential: string,
): void {
  const written = { set: (name: string, value: string) => void (headers[name] = value) };
  if (!attachCredential(request, Boolean(toBackup), url, written, credential))
    throw new OperationError(FailureKind.Internal);
}

/** Tells the app that its first key was refused. An error of its callback changes nothing here. */
const rejected = ({ onKeyRejected }: ServerTransport): void =>
  void Promise.resolve()
    .then(() => onKeyRejected?.({ key: 0 }))
    .catch(() => {});

/**
 * Where a request for fal goes: through a proxy as it is, or to fal itself with a key or a token. One that middleware
 * has sent elsewhere goes there, without.
 */
async function addressed(
  { transport, token: issueToken }: OperationJob,
  asked: OutgoingRequest,
  signal: AbortSignal,
  { url, headers }: Pick<PlainRequest, "url" | "headers">,
): Promise<Address> {
  const { trusted, proxy, credentials, publicApps } = transport;
  if (issueToken) return { target: withToken(url, await issueToken(signal)) };
  if (!trusted || proxy || TARGET_URL in headers) return { target: throughProxy(transport, { url, headers }) };
  headers["user-agent"] = USER_AGENT;
  const keyed = !publicApps.includes(asked.app) && leadsToFal(asked.request, Boolean(asked.toBackup), url);
  if (keyed) attachKey(asked, url, headers, await findCredential(credentials));
  return { target: url, keyed };
}

/** It also marks the build: the doctor looks for it in what browsers get. */
export const USER_AGENT = "fal-wasm/__VERSION__ (edge)";

/** The error of a failure. */
export const failure = (kind: number, facts: ErrorFacts): FalError => makeError(sentences, kind, facts);
