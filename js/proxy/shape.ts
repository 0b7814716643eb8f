/** What the options of a proxy may be. */

import { forwardableHeaders, originProblem } from "#core";
import { notKnown } from "../client/nearest-name.ts";
import {
  type Shape,
  amount,
  checkOptions,
  either,
  func,
  having,
  list,
  needed,
  object,
  positive,
  shape,
  text,
  whole,
  word,
  wrongAt,
  yesOrNo,
} from "../client/shape.ts";
import { checkTotal, limitsShape } from "../limits/shape.ts";
import { endpointPattern } from "../core/pattern-table.ts";
import { MAX_BODY_BYTES } from "./body.ts";
import type { SessionRules } from "../limits/session-types.ts";
import { inputsShape } from "./input-rules.ts";
import { MIN_SECRET_BYTES, isLongSecret } from "./secret.ts";
import type { ProxyOptions, RouteKind, TrustedOrigin } from "./types.ts";
import { forcedLifecycle, uploadRulesShape } from "./uploads.ts";
import { isWebhookUrl } from "./webhook-url.ts";

/** Capabilities for longer are for nothing: fal keeps no result for a year. */
const YEAR_SECONDS = 31_536_000;

const secretText = shape(`a text of at least ${MIN_SECRET_BYTES} bytes`, isLongSecret);
const key = either(text, func, having("get"));
const webAddress = shape("a URL that begins with https:// or http://", isWebhookUrl);
const env = shape("an object", (value) => typeof value === "object" && value !== null);

const timeouts = object<Partial<Record<RouteKind, number>>>({
  run: positive,
  stream: positive,
  submit: positive,
  status: positive,
  statusStream: positive,
  result: positive,
  cancel: positive,
  upload: positive,
  token: positive,
});

const ownership = object<Exclude<NonNullable<ProxyOptions["ownership"]>, boolean>>({
  expirationSeconds: whole(1, YEAR_SECONDS),
});

const realtimeTokens = object<Exclude<NonNullable<ProxyOptions["realtimeTokens"]>, boolean>>({
  expirationSeconds: whole(1, 3600),
  unruled: yesOrNo,
  olderContract: yesOrNo,
});

const sessions = object<SessionRules>({
  max: whole(1),
  maxSeconds: whole(10, YEAR_SECONDS),
  price: amount,
  unruled: yesOrNo,
});

const forwardable: Shape = {
  takes: "the name of a header that may be passed on",
  fits: text.fits,
  inside(name: string, place) {
    const names = forwardableHeaders();
    if (!names.includes(name)) wrongAt(place, `names a header that ${notKnown(name, names)}`);
  },
};

const originText: Shape = {
  takes: 'an origin such as "https://app.example"',
  fits: text.fits,
  inside(origin: string, place) {
    const problem = originProblem(origin);
    if (problem !== undefined) wrongAt(place, `is no origin as browsers send it: ${problem}.`);
  },
};

const trustedOrigin = object<TrustedOrigin>({ origin: needed(originText), credentials: yesOrNo });

const headerName = shape(
  'the name of a header such as "x-csrf-token", and no pattern',
  (value) => typeof value === "string" && /^[\w!#$%&'^`|~+.-]+$/.test(value),
);

const proxyShape = object<ProxyOptions>({
  authenticate: needed(either(func, word("anonymous-public"))),
  attest: func,
  allowedEndpoints: needed(list(endpointPattern(true), { least: 1, most: 1000 })),
  grantedEndpoints: list(endpointPattern(false), { least: 1 }),
  trustedOrigins: list(either(originText, trustedOrigin)),
  allowedHeaders: list(headerName),
  uploads: either(yesOrNo, uploadRulesShape),
  realtimeTokens: either(yesOrNo, realtimeTokens),
  sessions: either(yesOrNo, sessions),
  forwardHeaders: list(forwardable),
  ownership: either(yesOrNo, ownership),
  secret: either(secretText, func, having("get")),
  inputs: inputsShape,
  webhookUrl: either(webAddress, func),
  limits: limitsShape,
  maxBodyBytes: positive,
  maxInputBytes: positive,
  timeouts,
  mode: word("enforce", "watch"),
  onDecision: func,
  audit: func,
  onError: func,
  onKeyRejected: func,
  onKeyLeak: func,
  credentials: either(key, list(key, { least: 1, most: 2 })),
  scope: word("API"),
  env,
  fetch: either(func, having("fetch")),
  dangerouslyTreatAsServer: text,
});

/** Throws what is wrong with the options of a proxy, by itself and with each other. */
export function checkProxyOptions(options: ProxyOptions): void {
  checkOptions(proxyShape, options);
  if (options.authenticate === "anonymous-public" && !options.limits?.spending) {
    wrongAt(["authenticate"], 'is "anonymous-public", which lets everybody in: it needs `limits.spending`.');
  }
  if (options.mode === "watch" && options.authenticate === "anonymous-public") {
    wrongAt(["mode"], 'is "watch", with which `limits` hold nobody back: `authenticate` has to say who asks.');
  }
  checkTotal(options.limits);
  checkIdle(options);
  if (options.grantedEndpoints && !options.limits) {
    wrongAt(["grantedEndpoints"], "needs `limits`: in its store is counted which grants were used.");
  }
  checkSessions(options);
  // Throws what fits its shape and no header.
  forcedLifecycle(options);
  const { maxBodyBytes = MAX_BODY_BYTES, maxInputBytes = 1 } = options;
  if (maxInputBytes > maxBodyBytes) wrongAt(["maxInputBytes"], "is more than `maxBodyBytes`.");
}

/** Throws what is asked for and would do nothing, for want of another option. */
function checkIdle(options: ProxyOptions): void {
  const { inputs, limits, ownership, realtimeTokens, sessions, timeouts, trustedOrigins, uploads } = options;
  const unruled: [string, unknown][] = [
    ["realtimeTokens", realtimeTokens],
    ["sessions", sessions],
  ];
  for (const [name, given] of unruled) {
    if (Object(given).unruled && !inputs)
      wrongAt([name, "unruled"], "does nothing without `inputs`: no rule is gone round.");
  }
  if (options.allowedHeaders?.length && !trustedOrigins?.length) {
    wrongAt(["allowedHeaders"], "does nothing without `trustedOrigins`: the app's own pages may send any header.");
  }
  if (limits?.spending?.tokenPrice !== undefined && !realtimeTokens) {
    wrongAt(["limits", "spending", "tokenPrice"], "does nothing without `realtimeTokens`: no token is given.");
  }
  if (timeouts?.token !== undefined && !realtimeTokens) {
    wrongAt(["timeouts", "token"], "does nothing without `realtimeTokens`: no token is given.");
  }
  if (timeouts?.upload !== undefined && uploads === false) {
    wrongAt(["timeouts", "upload"], "does nothing where `uploads` are not allowed.");
  }
  // The rules of a grant are for inputs, too, and its use is counted by the limits.
  if (options.maxInputBytes !== undefined && !inputs && !limits) {
    wrongAt(["maxInputBytes"], "does nothing without `inputs`: a body without rules may have `maxBodyBytes`.");
  }
  if (options.secret !== undefined && ownership === false && !sessions && !limits) {
    wrongAt(
      ["secret"],
      "does nothing where `ownership` is false: it signs capabilities, passes of sessions, and grants.",
    );
  }
}

/** A price that is counted nowhere, and a budget that sessions go round, are open wallets. */
function checkSessions({ sessions, limits }: ProxyOptions): void {
  if (!sessions) return;
  const { max, price }: SessionRules = Object(sessions);
  if (max !== undefined && !limits) wrongAt(["sessions", "max"], "needs `limits`: in its store sessions are counted.");
  if (price !== undefined && !limits?.spending)
    wrongAt(["sessions", "price"], "needs the budget of `limits.spending`.");
  if (price === undefined && limits?.spending) {
    wrongAt(["sessions"], "needs a `price` for each second: `limits.spending` would not hold for sessions.");
  }
}
