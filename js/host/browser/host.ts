/** Where this build runs, and how it calls out from there: to one address, the app's own proxy. */

import { FailureKind } from "../../core/wire.ts";
import { isKey } from "../../core/texts.ts";
import { OperationError } from "../../errors/errors.ts";
import { makeError } from "../../errors/messages.ts";
import { adapted, throughProxy } from "../../client/middleware.ts";
import { callback, fetchOf, proxyUrl } from "../../client/options.ts";
import { refuseCredentials } from "../../client/refuse-credentials.ts";
import { compose, declare, withToken } from "../../driver/request.ts";
import { guarded } from "./guard-fetch.ts";
import { sentences } from "./messages.ts";
import { collectCapability } from "../../client/capabilities.ts";

/**
 * Where calls go, and through what of the caller's own.
 *
 * @typedef {object} Transport
 * @property {string} proxy Empty when there is none.
 * @property {typeof fetch} [fetch]
 * @property {import("../../types/index.d.ts").RequestMiddleware} [middleware]
 * @property {(response: Response) => any} [responseHandler]
 * @property {number} statusStreams How many statuses may be followed by a stream at once: a browser has six connections
 *   to a server that speaks HTTP/1.1, and an app needs some of them for itself.
 * @property {import("../../client/capabilities.ts").Capabilities} capabilities What shows the proxy that requests are one's own.
 */

const STATUS_STREAMS = 3;

/** One for the page: a client that is configured anew still knows the requests of the one before. */
const CAPABILITIES = new Map();

/** This build runs where everybody can read it. */
export const isBrowser = () => true;

/** Reads a configuration; throws what is wrong with it. @param {any} config @returns {Transport} */
export function resolveConfig(config) {
  refuseCredentials(config, true);
  return {
    proxy: proxyUrl(config),
    fetch: fetchOf(config),
    middleware: callback(config, "requestMiddleware"),
    responseHandler: callback(config, "responseHandler"),
    statusStreams: STATUS_STREAMS,
    capabilities: CAPABILITIES,
  };
}

/** Looks at the options of a call. @param {Transport} transport @param {any} options */
export function checkCallOptions({ proxy, middleware }, options, needsProxy = true) {
  refuseCredentials(options, false);
  if (needsProxy && !proxy && !middleware) throw new OperationError(FailureKind.ProxyUrlMissing);
}

/** A realtime connection needs a token, always. @param {Transport} _transport @param {any} _options */
export const needsToken = (_transport, _options) => true;

/** This is where the connections are wanted that a server does not make. @param {Transport} _transport @param {any} _options */
export const isNoop = (_transport, _options) => false;

/**
 * Sends a request: to the proxy what is for fal, and files to the place that was given for them. A redirect is shown,
 * never followed. Answers are never taken from a cache: through a proxy every question has the same URL.
 *
 * @param {import("../../driver/request.ts").Job} job
 * @param {import("../../driver/request.ts").OutgoingRequest} asked
 * @param {AbortSignal} signal
 */
export async function send({ transport, ...job }, asked, signal) {
  const { body, accept, contentType, ...composed } = await compose({ transport, ...job }, asked);
  const { url, method, headers } = asked.isToFal && !job.token ? await adapted(transport.middleware, composed) : composed;
  if (transport.middleware && [url, ...[...headers].flat()].some(isKey))
    throw new OperationError(FailureKind.CredentialsInBrowser);
  const target = asked.isToFal ? await addressed({ transport, ...job }, signal, { url, headers }) : url;
  declare(headers, accept, contentType);
  /** @type {RequestInit} */
  const init = { method, headers: Object.fromEntries(headers), body, signal, redirect: "manual", cache: "no-store" };
  return collectCapability(
    transport.capabilities,
    await (transport.fetch ? guarded(transport.fetch, target, init) : fetch(target, init)),
  );
}

/**
 * Where a request for fal goes: through the proxy, or to fal itself with a token.
 *
 * @param {import("../../driver/request.ts").Job} job @param {AbortSignal} signal @param {{ url: string, headers: Headers }} request
 */
const addressed = async ({ transport, token }, signal, { url, headers }) =>
  token ? withToken(url, await token(signal)) : throughProxy(transport, { url, headers });

/** The error of a failure. @param {number} kind @param {import("../../errors/errors.ts").ErrorFacts} facts */
export const failure = (kind, facts) => makeError(sentences, kind, facts);
