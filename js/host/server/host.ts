/** Where this build runs, and how it calls out from there: to fal itself, with a key it reads at the time of the call. */

import { FailureKind } from "../../core/wire.ts";
import { appOf, attachCredential, isTrusted, leadsToFal } from "#core";
import { isKey } from "../../core/texts.ts";
import { findCredential, spareCredential } from "./credentials.ts";
import { OperationError } from "../../errors/errors.ts";
import { makeError } from "../../errors/messages.ts";
import { globals } from "./globals.ts";
import { TARGET_URL } from "../../client/headers.ts";
import { adapted, throughProxy } from "../../client/middleware.ts";
import { callback, fetchOf, proxyUrl, invalidOption, text } from "../../client/options.ts";
import { refuseCredentials } from "../../client/refuse-credentials.ts";
import { compose, declare, withToken } from "../../driver/request.ts";
import { sentences } from "./messages.ts";
import { collectCapability } from "../../client/capabilities.ts";

/** @typedef {import("./credentials.ts").Credentials} Credentials */

/**
 * Where calls go, and through what of the caller's own.
 *
 * @typedef {object} Transport
 * @property {boolean} trusted Whether this runtime can keep a secret.
 * @property {string} proxy Empty when calls go to fal.
 * @property {typeof fetch} [fetch]
 * @property {number} statusStreams How many statuses may be followed by a stream at once.
 * @property {import("../../types/index.d.ts").RequestMiddleware} [middleware]
 * @property {(response: Response) => any} [responseHandler]
 * @property {Credentials} credentials Where to look for a key.
 * @property {(rejected: { key: number }) => any} [onKeyRejected]
 * @property {any} [WebSocket] Used instead of the global one.
 * @property {string[]} publicApps Apps that anybody may call: they get no key.
 * @property {import("../../client/capabilities.ts").Capabilities} capabilities What shows a proxy that requests are one's own.
 */

/** Whether calls from a server shall go through the proxy, which is there for the browsers. @param {any} when */
const always = (when) => when === "always" || (typeof when === "function" && when({ isBrowser: false }) === true);

/** Reads a configuration; throws what is wrong with it. @param {any} config @returns {Transport} */
export function resolveConfig(config) {
  const trusted = isServer(config);
  if (!trusted) refuseCredentials(config, true);
  const { credentials, env, loginToken, publicEndpoints = [] } = config;
  const url = proxyUrl(config);
  text(config, "scope");
  return {
    trusted,
    proxy: !trusted || always(config.proxyUrl?.when) ? url : "",
    fetch: fetchOf(config),
    middleware: callback(config, "requestMiddleware"),
    responseHandler: callback(config, "responseHandler"),
    WebSocket: callback(config, "WebSocket"),
    credentials: { credentials, env, loginToken },
    onKeyRejected: callback(config, "onKeyRejected"),
    statusStreams: hasFewConnections() ? 3 : Infinity,
    publicApps: appsOf(publicEndpoints),
    capabilities: new Map(),
  };
}

/** workerd has six connections for each request that it answers. */
const hasFewConnections = () => typeof (/** @type {any} */ globalThis.WebSocketPair) === "function";

/** Whether everybody can read what runs here. */
export const isBrowser = () => !isTrusted(globals());

/** Whether this runtime can keep a secret, or the caller insists that it can. @param {any} config */
export const isServer = (config) => isTrusted(globals()) || Boolean(text(config, "dangerouslyTreatAsServer"));

/** The apps of endpoints that are marked as public. @param {any} ids */
const appsOf = (ids) => (Array.isArray(ids) ? ids.map((id) => appOf(String(id))) : invalidOption("publicEndpoints"));

/** Looks at the options of a call. @param {Transport} transport @param {any} options */
export function checkCallOptions(transport, options, needsProxy = true) {
  if (transport.trusted) return;
  refuseCredentials(options, false);
  if (needsProxy && !transport.proxy && !transport.middleware) throw new OperationError(FailureKind.ProxyUrlMissing);
}

/** Whether a realtime connection needs a token. With the key at hand the key opens it. @param {Transport} transport @param {any} options */
export const needsToken = ({ trusted, proxy }, { tokenProvider }) => !trusted || proxy !== "" || Boolean(tokenProvider);

/** Whether a connection is for browsers only, and this is a server that renders their page. @param {Transport} transport @param {any} options */
export const isNoop = ({ trusted }, { clientOnly }) => trusted && clientOnly === true;

/**
 * Sends a request: what is for fal with a key, and files to the place that was given for them without. A redirect is
 * shown, never followed: some runtimes would take the key along.
 *
 * @param {import("../../driver/request.ts").Job} job
 * @param {import("../../driver/request.ts").OutgoingRequest} asked
 * @param {AbortSignal} signal
 */
export async function send(job, asked, signal) {
  const { transport } = job;
  const { body, accept, contentType, ...composed } = await compose(job, asked);
  const { url, method, headers } = asked.isToFal && !job.token ? await adapted(transport.middleware, composed) : composed;
  const { target, keyed } = asked.isToFal ? await addressed(job, asked, signal, { url, headers }) : { target: url };
  declare(headers, accept, contentType);
  const go = () => {
    /** @type {RequestInit} */
    const init = { method, headers: Object.fromEntries(headers), body, signal, redirect: "manual" };
    return (transport.fetch ?? fetch)(target, init);
  };
  return collectCapability(
    transport.capabilities,
    await insist(transport, asked, { target, headers, keyed, signal }, go),
  );
}

/**
 * Sends, and sends once more with the second key when fal refuses the first.
 *
 * @param {Transport} transport
 * @param {import("../../driver/request.ts").OutgoingRequest} asked
 * @param {{ target: string, headers: Headers, keyed?: boolean, signal: AbortSignal }} request
 * @param {() => Promise<Response>} go
 */
export async function insist(transport, asked, { target, headers, keyed, signal }, go) {
  const answer = await go();
  const isRefused = keyed && answer?.status === 401;
  const next = isRefused ? await spareCredential(transport.credentials).catch(() => undefined) : undefined;
  if (next === undefined || signal.aborted) return answer;
  // fal refuses a key before anything runs, so this is no second run.
  rejected(transport);
  answer.body?.cancel().catch(() => {});
  if (!attachCredential(asked.request, Boolean(asked.toBackup), target, headers, next)) throw new OperationError(FailureKind.Internal);
  return go();
}

/** Tells the app that its first key was refused. What it makes of that changes nothing here. @param {Transport} transport */
const rejected = ({ onKeyRejected }) =>
  void Promise.resolve()
    .then(() => onKeyRejected?.({ key: 0 }))
    .catch(() => {});

/**
 * Where a request for fal goes: through a proxy as it is, or to fal itself with a key or a token. One that middleware
 * has sent elsewhere goes there, without.
 *
 * @param {import("../../driver/request.ts").Job} job
 * @param {import("../../driver/request.ts").OutgoingRequest} asked
 * @param {AbortSignal} signal
 * @param {{ url: string, headers: Headers }} request
 */
async function addressed({ transport, token: ticket }, asked, signal, { url, headers }) {
  const { trusted, proxy, middleware, credentials, publicApps } = transport;
  if (!trusted && middleware && [url, ...[...headers].flat()].some(isKey))
    throw new OperationError(FailureKind.CredentialsInBrowser);
  if (ticket) return { target: withToken(url, await ticket(signal)) };
  if (!trusted || proxy || headers.has(TARGET_URL)) return { target: throughProxy(transport, { url, headers }) };
  headers.set("user-agent", USER_AGENT);
  const keyed = !publicApps.includes(asked.app) && leadsToFal(asked.request, Boolean(asked.toBackup), url);
  if (keyed && !attachCredential(asked.request, Boolean(asked.toBackup), url, headers, await findCredential(credentials)))
    throw new OperationError(FailureKind.Internal);
  return { target: url, keyed };
}

/** It also marks the build: the doctor looks for it in what browsers get. */
export const USER_AGENT = "fal-wasm/__VERSION__ (edge)";

/** The error of a failure. @param {number} kind @param {import("../../errors/errors.ts").ErrorFacts} facts */
export const failure = (kind, facts) => makeError(sentences, kind, facts);
