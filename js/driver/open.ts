/** Opening an operation: its texts are checked and kept here, what decides goes to the core. */

import * as core from "#core";
import { invalidOption } from "../client/checks.ts";
import { openState, setOptions, type CoreOptions, type CoreState } from "../core/memory.ts";
import { endpointBelow, endpointOf, requestIdOf } from "../core/texts.ts";
import { DOMAINS, METHODS, OperationKind, ROUTES, RequestKind, SUBMISSION, type SendEffect } from "../core/wire.ts";
import { OperationError } from "../errors/errors.ts";

/** What is opened, and what of its options the core has to know. What is not given is not there. */
export type OperationOptions = CoreOptions & {
  operation: OperationKind;
  endpoint?: string | undefined;
  path?: string | undefined;
  method?: string | undefined;
  webhookUrl?: string | undefined;
  requestId?: string | undefined;
  maxQueueLength?: number | undefined;
  /** The URL of a call that the core does not spell: one of the Platform APIs. */
  url?: string | undefined;
};

/** The texts that requests are spelled from. */
export interface Texts {
  endpoint: string;
  app: string;
  requestId: string;
  webhookUrl: string;
  /** Empty for no limit. */
  maxQueueLength: number | "";
  uploadUrl: string;
  /** Where a file can be read when it is uploaded. */
  fileUrl: string;
  /** The caller's method of a run. */
  method: string;
  url: string;
}

/** Longer ones no server takes. */
const MAX_URL_LENGTH = 16_384;

/** Operations that are about no endpoint. */
const ABOUT_NONE: readonly number[] = [
  OperationKind.Upload,
  OperationKind.IssueToken,
  OperationKind.Platform,
  OperationKind.Connect,
];
/** Operations that run a model, with a method of the caller's choice. */
const RUNS: readonly number[] = [
  OperationKind.Run,
  OperationKind.Submit,
  OperationKind.Stream,
  OperationKind.Subscribe,
];
/** Operations about a request that is in the queue. */
const ABOUT_REQUEST: readonly number[] = [
  OperationKind.Status,
  OperationKind.Result,
  OperationKind.Cancel,
  OperationKind.StreamStatus,
];

/** Opens an operation; throws what is wrong with it. */
export function openOperation(options: OperationOptions): { state: CoreState; texts: Texts } {
  const texts = textsOf(options);
  const resumes = options.operation === OperationKind.Subscribe && texts.requestId !== "";
  const state = openState(() => {
    setOptions(options);
    setOptions({ seed: Math.random(), resumes });
    if (!core.open(options.operation)) invalidOption("file");
  });
  return { state, texts };
}

function textsOf(options: OperationOptions): Texts {
  const {
    operation,
    path,
    method: verb = "POST",
    webhookUrl = "",
    requestId: request = "",
    maxQueueLength = "",
    url = "",
  } = options;
  let [endpoint, app, requestId] = ["", "", ""];
  const upper = verb.toUpperCase();
  if (!ABOUT_NONE.includes(operation)) {
    ({ endpoint, app } = endpointOf(options.endpoint));
    if (path) ({ endpoint, app } = joined(endpoint, path));
    if (RUNS.includes(operation) && !METHODS.some((known) => known === upper)) invalidOption("method");
    const isAbout = ABOUT_REQUEST.includes(operation) || (operation === OperationKind.Subscribe && !options.fetches);
    if (isAbout || (operation === OperationKind.Subscribe && request)) requestId = requestIdOf(request);
  }
  if (webhookUrl.length > MAX_URL_LENGTH) invalidOption("webhookUrl");
  const own = operation === OperationKind.Platform ? verb : upper;
  return { endpoint, app, requestId, webhookUrl, maxQueueLength, uploadUrl: "", fileUrl: "", method: own, url };
}

/** The endpoint at a path below another. */
function joined(endpoint: string, path: string) {
  try {
    return endpointBelow(endpoint, path, "");
  } catch (error) {
    if (error instanceof OperationError) invalidOption("path");
    throw error;
  }
}

/** The URL of a request. */
export function urlOf({ request, part, logs, toBackup }: SendEffect, texts: Texts): string {
  if (texts.url) return texts.url;
  const [place = "", query = ""] = texts.uploadUrl.split(/(\?.*)/);
  // The path of a stream is added below; an id may have it already.
  const isStreamed = request === RequestKind.Stream && texts.endpoint !== texts.app;
  const endpoint = isStreamed ? texts.endpoint.replace(/\/stream$/, "") : texts.endpoint;
  const names: Record<string, unknown> = { part, logs, endpoint, place };
  const url = (ROUTES[request] as string).replace(/{(\w+)}/g, (_, name) => `${names[name] ?? (texts as any)[name]}`);
  if (place && url.startsWith(place)) return url + query;
  const options = request === RequestKind.Submit ? [texts.webhookUrl, texts.maxQueueLength] : [];
  const parameters = options.map((value, index) => value !== "" && SUBMISSION[index] + encoded(value)).filter(Boolean);
  return (toBackup ? url.replace(...DOMAINS) : url) + (parameters.length ? `?${parameters.join("&")}` : "");
}

/** As the core encodes it: what is not unreserved in RFC 3986. */
function encoded(value: string | number): string {
  try {
    return encodeURIComponent(value).replace(
      /[!'()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  } catch {
    // A lone surrogate is no character.
    return invalidOption("webhookUrl");
  }
}
