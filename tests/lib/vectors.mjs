/** The proxy's decision vectors, as a function that runs in any runtime. */

/** What no key is needed for here: the proxy only has to have one. */
const CREDENTIALS = "id:secret";

/** @typedef {(request: Request, env?: any, context?: any) => Promise<Response>} Proxy */

/**
 * Puts every vector to a proxy. What reaches fal is recorded, and goes nowhere.
 *
 * @param {(options: import("../../js/proxy/types.ts").ProxyOptions) => Proxy} createFalProxy
 * @param {{ policy: any, vectors: any[] }} suite
 * @param {(proxy: Proxy) => (request: Request) => Promise<Response>} [through] The way to the proxy, when it is not called directly.
 * @returns {Promise<{ id: string, problem: string }[]>} The vectors that were decided otherwise.
 */
export async function decideAll(createFalProxy, { policy, vectors }, through = (proxy) => proxy) {
  const problems = [];
  for (const { id, target, method, headers, expect } of vectors) {
    /** @type {[string, any][]} */
    const sent = [];
    const leaks = [];
    const proxy = createFalProxy({
      authenticate: () => ({ id: "somebody" }),
      allowedEndpoints: policy.allowedEndpoints,
      trustedOrigins: policy.trustedOrigins,
      // Who may ask about a request has vectors of its own.
      ownership: false,
      credentials: CREDENTIALS,
      onKeyLeak: (request) => void leaks.push(request),
      fetch: async (url, init) => {
        sent.push([url, init]);
        return new Response("{}", { headers: { "content-type": "application/json", "set-cookie": "a=b" } });
      },
    });
    const body = method === "GET" || method === "OPTIONS" ? undefined : "{}";
    const all = { "content-type": "application/json", cookie: "session=1", "x-fal-target-url": target, ...headers };
    const answer = await through(proxy)(new Request(policy.url, { method, headers: all, body }));
    // A leak is reported in the background. Only one that is not waits for as long as this.
    for (let tries = 0; isLeak(expect, headers) && leaks.length === 0 && tries < 300; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const problem = judge(expect, target, headers, answer, sent, leaks) ?? (await judgeRefusal(expect, answer));
    if (problem) problems.push({ id, problem });
  }
  return problems;
}

/** Whether a call has a key with it. @param {string} expect @param {any} headers */
const isLeak = (expect, headers) =>
  expect === "reject" && (JSON.stringify(headers).includes("Key ") || headers["x-anything"] !== undefined);

/** @param {string} expect @param {string} target @param {any} headers @param {Response} answer @param {[string, any][]} sent @param {any[]} leaks */
function judge(expect, target, headers, answer, sent, leaks) {
  if (expect === "preflight")
    return answer.status === 204 && sent.length === 0 ? undefined : `answered ${answer.status}`;
  if (expect === "reject") {
    if (sent.length > 0) return `sent ${sent[0][0]}`;
    if (answer.status < 400) return `answered ${answer.status}`;
    return isLeak(expect, headers) === leaks.length > 0 ? undefined : "the leak was not reported";
  }
  if (sent.length !== 1) return `sent ${sent.length} requests, answered ${answer.status}`;
  const [url, init] = sent[0];
  const names = [...new Headers(init.headers).keys()].sort();
  const unexpected = names.filter((name) => !["accept", "authorization", "content-type", "user-agent"].includes(name));
  if (url !== target.trim()) return `sent ${url}`;
  if (unexpected.length > 0) return `passed on ${unexpected}`;
  if (new Headers(init.headers).get("authorization") !== `Key ${CREDENTIALS}`) return "sent no key";
  if (init.redirect !== "manual") return "would follow a redirect";
  if (answer.headers.has("set-cookie")) return "passed a cookie back";
  if (answer.headers.get("cache-control") !== "private, no-store, no-transform") return "may be cached";
  return undefined;
}

/** A refusal says what it is, in one shape. @param {string} expect @param {Response} answer */
async function judgeRefusal(expect, answer) {
  // A header that is too long is not for the proxy to see: the server refuses it itself, in its own words.
  if (expect !== "reject" || answer.status === 431) return undefined;
  const { error } = await answer.json().catch(() => ({}));
  return error?.code && error.message && error.requestId ? undefined : "the refusal does not say why";
}
