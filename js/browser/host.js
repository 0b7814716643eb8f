/** Where this build runs, and how it calls out from there: to one address, the app's own proxy. */

import { PROXY_URL_MISSING } from "./codes.js";
import { Problem, makeError } from "./errors.js";
import { callback, proxyUrl } from "./options.js";
import { refuseCredentials } from "./refuse.js";
import { compose } from "./request.js";
import { guarded } from "./guard.js";
import { sentences } from "./sentences.js";

/**
 * Where calls go, and through whose `fetch`.
 *
 * @typedef {object} Place
 * @property {string} proxy Empty when there is none.
 * @property {typeof fetch} [fetch]
 * @property {number} statusStreams How many statuses may be followed by a stream at once: a browser has six connections
 *   to a server that speaks HTTP/1.1, and an app needs some of them for itself.
 */

const STATUS_STREAMS = 3;

/** Reads a configuration; throws what is wrong with it. @param {any} config @returns {Place} */
export function admit(config) {
  refuseCredentials(config, true);
  return { proxy: proxyUrl(config), fetch: callback(config, "fetch"), statusStreams: STATUS_STREAMS };
}

/** Looks at the options of a call. @param {Place} place @param {any} options */
export function check(place, options, needsProxy = true) {
  refuseCredentials(options, false);
  if (needsProxy && !place.proxy) throw new Problem(PROXY_URL_MISSING);
}

/** A realtime connection needs a token, always. @param {Place} _place @param {any} _options */
export const needsToken = (_place, _options) => true;

/** This is where the connections are wanted that a server does not make. @param {Place} _place @param {any} _options */
export const isNoop = (_place, _options) => false;

/**
 * Sends a request: to the proxy what is for fal, and files to the place that was given for them. A redirect is shown,
 * never followed. Answers are never taken from a cache: through a proxy every question has the same URL.
 *
 * @param {import("./request.js").Job} job
 * @param {import("./request.js").Asked} asked
 * @param {AbortSignal} signal
 */
export async function send({ place, ...job }, asked, signal) {
  const { url, headers, body } = await compose({ place, ...job }, asked);
  if (asked.toFal) headers.set("x-fal-target-url", url);
  const target = asked.toFal ? place.proxy : url;
  /** @type {RequestInit} */
  const init = {
    method: asked.method,
    headers: Object.fromEntries(headers),
    body,
    signal,
    redirect: "manual",
    cache: "no-store",
  };
  return place.fetch ? guarded(place.fetch, target, init) : fetch(target, init);
}

/** The error of a failure. @param {number} kind @param {import("./errors.js").Facts} facts */
export const failure = (kind, facts) => makeError(sentences, kind, facts);
