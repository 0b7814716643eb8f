/** fal's side of webhooks with keys of our own, as functions that run in any runtime. */

const algorithm = "Ed25519";

/** @param {ArrayBuffer | Uint8Array} bytes */
const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** A key, as it signs and as it is published. */
export async function makeKey() {
  const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const { privateKey, publicKey } = /** @type {CryptoKeyPair} */ (pair);
  const { kty, crv, x } = await crypto.subtle.exportKey("jwk", publicKey);
  return { privateKey, jwk: { kty, crv, x } };
}

/** @typedef {Awaited<ReturnType<typeof makeKey>>} Key */

export const seconds = () => Math.floor(Date.now() / 1000);

/** The body of a webhook. Its seed is one that JSON.parse and JSON.stringify change. */
export const BODY =
  '{"request_id": "123e4567-e89b-12d3-a456-426614174000", "gateway_request_id": "later", "status": "OK", ' +
  '"payload": {"images": [], "seed": 17454220438242315174, "prompt": "a café"}}';

const BODY_ID = "123e4567-e89b-12d3-a456-426614174000";

/** The id in a body that has one. @param {string | Uint8Array | undefined} body */
function idIn(body) {
  try {
    const { request_id: id } = JSON.parse(typeof body === "string" ? body : "");
    return typeof id === "string" && /^[!-+\--~]+$/.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

let count = 0;

/**
 * A webhook that is signed.
 *
 * @param {Key} key
 * @param {{ id?: string, user?: string, time?: number | string, body?: string | Uint8Array }} [parts]
 */
export async function signed(key, { id, user = "user|1", time = seconds(), body } = {}) {
  // Header and body name the same request, unless a test says otherwise.
  id ??= idIn(body) ?? `request-${(count += 1)}`;
  body ??= BODY.replace(BODY_ID, id);
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body.slice();
  const digest = hex(await crypto.subtle.digest("SHA-256", bytes));
  const message = new TextEncoder().encode([id, user, time, digest].join("\n"));
  const signature = hex(await crypto.subtle.sign(algorithm, key.privateKey, message));
  /** @type {Record<string, string>} */
  const headers = {
    "x-fal-webhook-request-id": id,
    "x-fal-webhook-user-id": user,
    "x-fal-webhook-timestamp": String(time),
    "x-fal-webhook-signature": signature,
  };
  return { headers, body: bytes };
}

/** As a request. @param {Awaited<ReturnType<typeof signed>>} webhook @param {RequestInit} [init] */
export const posted = ({ headers, body }, init) =>
  new Request("https://app.example/hook", { method: "POST", headers, body, ...init });

/**
 * A `fetch` that answers with what is published, and counts.
 *
 * @param {() => Response | Promise<Response>} answer
 */
export function publisher(answer) {
  /** @type {{ url: string, init: any }[]} */
  const asked = [];
  const fetch = async (/** @type {any} */ url, /** @type {any} */ init) => {
    asked.push({ url: String(url), init });
    return answer();
  };
  return { fetch, asked };
}

/** @param {...Key} keys */
export const publish = (...keys) => publisher(() => Response.json({ keys: keys.map(({ jwk }) => jwk) }));

/** @param {string} text */
const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));

/**
 * Puts Wycheproof's vectors through the keys and signatures that webhooks are verified with; says which were decided
 * otherwise.
 *
 * @param {any} product
 * @param {any[]} groups
 */
export async function tryVectors({ WebhookDelivery, importKey, isSignedByOne }, groups) {
  const wrong = [];
  let count = 0;
  for (const { publicKeyJwk, tests } of groups) {
    const key = await importKey(publicKeyJwk);
    for (const { tcId, msg, sig, result } of tests) {
      let taken = false;
      try {
        const delivery = new WebhookDelivery("id", "user", String(seconds()), sig, Date.now());
        taken = key !== undefined && (await isSignedByOne([key], delivery.signature(), fromHex(msg)));
      } catch (error) {
        // The core refuses with a number.
        if (typeof error !== "number") wrong.push(`${tcId}: ${error}`);
      }
      if (taken !== (result === "valid")) wrong.push(`${tcId}`);
      count += 1;
    }
  }
  return { count, wrong };
}

/**
 * Changes webhooks that were signed, anywhere and anyhow, and verifies them. None may be taken, and each has to be refused
 * in good order; says which were not.
 *
 * @param {{ verifyWebhook: any, WebhookError: any }} product
 * @param {number} rounds
 * @param {string | number} [given] The seed of a run that failed.
 * @returns {Promise<string[]>}
 */
export async function tryMutants({ verifyWebhook, WebhookError }, rounds, given) {
  const seed = Number(given ?? Math.floor(Math.random() * 2 ** 32));
  let state = seed >>> 0;
  const random = (/** @type {number} */ below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const [key, other] = await Promise.all([makeKey(), makeKey()]);
  const { fetch } = publish(key);
  const originals = await Promise.all(Array.from({ length: 16 }, (_, id) => signed(key, { id: `m-${id}` })));
  const names = Object.keys(originals[0].headers);
  const odd = ["", "0", "\n", "null", undefined, {}, [], 7, NaN, "ÿ".repeat(9)];
  /** Each changes something. @type {((one: { headers: Record<string, any>, body: any }, name: string) => any)[]} */
  const changes = [
    ({ body }) => void (body[random(body.length)] ^= 1 << random(8)),
    (one) => void (one.body = one.body.slice(0, random(one.body.length))),
    (one) => void (one.body = Uint8Array.of(...one.body, random(256))),
    ({ headers }, name) => {
      const units = Array.from(headers[name], (/** @type {string} */ letter) => letter.charCodeAt(0));
      units[random(units.length)] ^= 1 << random(16);
      headers[name] = String.fromCharCode(...units);
    },
    ({ headers }, name) => void (headers[name] = headers[name].slice(0, random(headers[name].length))),
    ({ headers }, name) => void (headers[name] += [" ", ",", "\0", "0", "a"][random(5)]),
    ({ headers }, name) => void (headers[name] = odd[random(odd.length)]),
    ({ headers }) => void ([headers[names[0]], headers[names[1]]] = [headers[names[1]], headers[names[0]]]),
    ({ headers }) => {
      const others = originals.filter((original) => original.headers[names[0]] !== headers[names[0]]);
      headers[names[3]] = others[random(others.length)].headers[names[3]];
    },
    async (one) => void (one.headers = (await signed(other, { body: one.body })).headers),
  ];
  const problems = [];
  for (let round = 0; round < rounds; round += 1) {
    const original = originals[random(originals.length)];
    const one = { headers: { ...original.headers }, body: original.body.slice() };
    await changes[random(changes.length)](one, names[random(names.length)]);
    const outcome = await verifyWebhook(one, { fetch }).catch((/** @type {any} */ error) => error);
    if (!(outcome instanceof WebhookError)) problems.push(`SEED=${seed}, round ${round}: ${outcome?.stack ?? "taken"}`);
  }
  // Unchanged they are taken, or nothing was tried.
  await verifyWebhook(originals[0], { fetch });
  return problems;
}
