/** Where this build runs, and how it sends from there: to one address, the app's own proxy. */

import type { Config } from "../../client/config.ts";
import type { OperationJob, OutgoingRequest } from "../../driver/job.ts";
import type { Transport } from "../transport.ts";
import { FailureKind } from "../../core/wire.ts";
import { OperationError } from "../../errors/errors.ts";
import type { ErrorFacts, FalError } from "../../errors/errors.ts";
import { makeError } from "../../errors/messages.ts";
import { adapted, throughProxy } from "../../client/middleware.ts";
import { proxyUrl } from "../../client/checks.ts";
import { CONFIG, readOptions } from "../../client/options.ts";
import { refuseCredentials } from "../../client/refuse-credentials.ts";
import { refuseKeys } from "../../client/refuse-keys.ts";
import { compose, declare, withToken } from "../../driver/request.ts";
import { guarded } from "./guard-fetch.ts";
import { sentences } from "./messages.ts";
import { type Capabilities, collectCapability } from "../../client/capabilities.ts";

export type { Transport as HostTransport } from "../transport.ts";

/** How many statuses may be followed by a stream at once. */
const STATUS_STREAMS = 3;

/** One for the page: a client that is configured anew still knows the requests of the one before. */
const CAPABILITIES: Capabilities = new Map();

/** This build runs where everybody can read it. */
export const isBrowser = (): boolean => true;

/** Reads a configuration; throws what is wrong with it. */
export function resolveConfig(config: Config): Transport {
  refuseCredentials(config, true);
  const { credentials, loginToken, fetch, requestMiddleware, responseHandler } = readOptions(config, CONFIG);
  return {
    credentials: { credentials, loginToken },
    proxy: proxyUrl(config),
    fetch,
    middleware: requestMiddleware,
    responseHandler,
    statusStreams: STATUS_STREAMS,
    capabilities: CAPABILITIES,
  };
}

/** Refuses credentials among the options of a call, and a call that has no proxy to go to. */
export function checkCallOptions(
  { credentials, proxy, middleware }: Transport,
  options: object,
  needsProxy = true,
): void {
  refuseCredentials(credentials, false);
  refuseCredentials(options, false);
  if (needsProxy && !proxy && !middleware) throw new OperationError(FailureKind.ProxyUrlMissing);
}

/** A realtime connection from a browser always needs a token. */
export const needsToken = (_transport: Transport, _options: object): boolean => true;

/** Whether a connection is for browsers only and this is a server. It never is. */
export const isNoop = (_transport: Transport, _options: object): boolean => false;

/**
 * Sends a request: to the proxy what is for fal, and files to the address that was given for them. A redirect is shown,
 * never followed. Answers are never taken from a cache: through a proxy every question has the same URL.
 */
export async function send(job: OperationJob, asked: OutgoingRequest, signal: AbortSignal): Promise<Response> {
  const { transport, token } = job;
  const { body, accept, contentType, ...composed } = await compose(job, asked);
  const { url, method, headers } = asked.isToFal && !token ? await adapted(transport.middleware, composed) : composed;
  // Directly to fal only with a token.
  const direct = token ? withToken(url, await token(signal)) : url;
  const target = asked.isToFal && !token ? throughProxy(transport, { url, headers }) : direct;
  declare(headers, accept, contentType);
  refuseKeys(target, ...Object.entries(headers).flat(), body);
  // Without a prototype: `fetch` reads what it inherits, too.
  const init: RequestInit & { __proto__: null } = {
    __proto__: null,
    method,
    headers,
    body,
    signal,
    redirect: "manual",
    cache: "no-store",
  };
  const answer = await (transport.fetch ? guarded(transport.fetch, target, init) : fetch(target, init));
  return collectCapability(transport.capabilities, answer);
}

/** The error of a failure. */
export const failure = (kind: number, facts: ErrorFacts): FalError => makeError(sentences, kind, facts);
