/**
 * The hands of the core: does what a machine asks, tells it what became of it, and survives it.
 *
 * The core never waits and never calls out on its own. Every way into it leads through `enter`: a trap there (a bug)
 * rejects whatever was pending and starts a fresh instance, so that no promise of a caller's is ever left hanging.
 */

import * as core from "./core.js";
import {
  ABORTED,
  ANSWER_INVALID,
  CONNECTION_LOST,
  CREDENTIALS_IN_BROWSER,
  INTERNAL,
  OPTION_INVALID,
  UNREACHABLE,
} from "./codes.js";
import { Problem } from "./errors.js";
import { failure, send } from "./host.js";
import { decode, headOf } from "./read.js";

/** @typedef {import("./request.js").Job} Job */
/** @typedef {(hands: any, seed: number, retry: Float64Array) => core.Task} Open */
/** @typedef {ReturnType<typeof headOf>} Head */

/** How to end what is pending when the core is lost. @type {Set<(error: unknown) => void>} */
const pending = new Set();

/** Milliseconds since some moment; never runs backwards. */
const now = () => performance.now();

/**
 * Calls into the core, and checks of the skin's own. What the core refuses it throws as a number, or as the name of an
 * option; whatever is thrown becomes the error a caller sees.
 *
 * @template T
 * @param {() => T} work
 * @returns {T}
 */
export function enter(work) {
  try {
    return work();
  } catch (error) {
    if (typeof error === "number") throw failure(error & 255, { reason: error >> 8 });
    if (typeof error === "string") throw failure(OPTION_INVALID, { option: error });
    if (error instanceof Problem) throw failure(error.kind, error);
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    const lost = failure(INTERNAL, { cause: error });
    for (const lose of pending) lose(lost);
    core.__wbg_reset_state();
    throw lost;
  }
}

/** Codes of errors that say that no connection was made, so that nothing was sent. A browser does not tell. */
const NOT_CONNECTED =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused/;

/** What it means that a promise of `fetch` was rejected. @param {any} error */
function outage(error) {
  if (error instanceof Problem) return error.kind;
  if (error?.code === "credentials_in_browser") return CREDENTIALS_IN_BROWSER;
  return NOT_CONNECTED.test(error?.cause?.code ?? error?.code) ? UNREACHABLE : CONNECTION_LOST;
}

/** What it means that a body could not be read. @param {any} error */
const broken = (error) => (error?.name === "SyntaxError" ? ANSWER_INVALID : CONNECTION_LOST);

/** A text, or nothing. @param {unknown} value */
const text = (value) => (typeof value === "string" ? value : undefined);

/**
 * Opens an operation; throws what is wrong with it. Nothing is sent before the returned function is called, which
 * resolves or rejects as the operation ends.
 *
 * @param {Open} open
 * @param {Job} job
 * @returns {(input: unknown, signal?: AbortSignal) => Promise<any>}
 */
export function prepare(open, job) {
  /** What is under way, and how to stop it. @type {Map<number, () => void>} */
  const underWay = new Map();
  /** Answers whose bodies are not read yet, and what is known of them. @type {Map<number, [Response, Head]>} */
  const answers = new Map();
  /** What happened and is not told yet: a callback that runs inside the core may abort its own call. @type {(() => void)[]} */
  const events = [];
  let busy = false;
  /** Whether the caller has been answered, and whether the task went with a lost instance. */
  let over = false;
  let lost = false;
  /**
   * What is known of what happened last: a body, the answer it came with, what went wrong. Several requests may be under
   * way, so it is set together with the event it belongs to.
   *
   * @type {any}
   */
  let value;
  /** @type {Partial<Head>} */
  let head = {};
  /** @type {{ cause?: unknown, reason?: number }} */
  let trouble = {};
  /** Why the caller left. @type {unknown} */
  let reason;
  /** @type {(value: any) => void} */
  let resolve;
  /** @type {(error: unknown) => void} */
  let reject;
  /** @type {() => void} */
  let leave = () => {};

  const end = (/** @type {() => void} */ outcome) => {
    if (over) return;
    over = true;
    pending.delete(lose);
    for (const stop of underWay.values()) stop();
    underWay.clear();
    leave();
    outcome();
  };

  const lose = (/** @type {unknown} */ error) => {
    lost = true;
    end(() => reject(error));
  };

  const tell = (/** @type {() => void} */ event) => {
    events.push(event);
    if (busy) return;
    busy = true;
    try {
      for (let next; !over && (next = events.shift());) enter(next);
      if (over && !lost) task.free();
    } catch (error) {
      lose(error);
    }
    busy = over;
  };

  const failed = (/** @type {number} */ token, /** @type {any} */ error, kind = outage(error)) => {
    if (!underWay.delete(token)) return;
    const [, itsHead = {}] = answers.get(token) ?? [];
    answers.delete(token);
    tell(() => {
      [value, head] = [undefined, itsHead];
      trouble = error instanceof Problem ? { cause: error.cause, reason: error.reason } : { cause: error };
      task.failed(now(), token, kind);
    });
  };

  const answered = (/** @type {number} */ token, /** @type {Response} */ response) => {
    if (!underWay.has(token)) return;
    const itsHead = headOf(response);
    const { status, contentType, retryAfterMs = -1, retryable, userTimeout } = itsHead;
    answers.set(token, [response, itsHead]);
    tell(() => {
      [value, head, trouble] = [undefined, itsHead, {}];
      task.answered(now(), token, status, contentType, retryAfterMs, flag(retryable), userTimeout);
    });
  };

  const callBack = (/** @type {((value: any) => void) | undefined} */ callback, /** @type {unknown} */ argument) => {
    try {
      callback?.(argument);
    } catch (error) {
      // An error in an app's own code must surface: the call ends with it.
      end(() => reject(error));
    }
  };

  const hands = {
    /**
     * @param {number} token @param {string} url @param {string} method @param {number} payload @param {number} part
     * @param {boolean} toFal
     */
    send(token, url, method, payload, part, toFal) {
      if (over) return;
      [value, head, trouble] = [undefined, {}, {}];
      const abort = new AbortController();
      underWay.set(token, () => abort.abort());
      const request = { token, url, method, payload, part, toFal, task };
      // Not at once: sending may ask the core about this request, and the core is still busy asking for it.
      Promise.resolve()
        .then(() => send(job, request, abort.signal))
        .then(
          (response) => (response?.headers ? answered(token, response) : failed(token, response, ANSWER_INVALID)),
          (error) => failed(token, error),
        );
    },
    /** @param {number} token @param {number} decoding @param {string} first @param {string} second */
    read(token, decoding, first, second) {
      const [response, itsHead] = /** @type {[Response, Head]} */ (answers.get(token));
      decode(response, decoding).then(
        (body) => {
          if (!underWay.delete(token)) return;
          answers.delete(token);
          tell(() => {
            [value, head, trouble] = [body, itsHead, {}];
            task.read(now(), token, text(body?.[first]), text(body?.[second]));
          });
        },
        (error) => failed(token, error, broken(error)),
      );
    },
    /** @param {number} token @param {number} ms */
    rest(token, ms) {
      if (over) return;
      const timer = setTimeout(() => underWay.delete(token) && tell(() => task.woke(now(), token)), ms);
      underWay.set(token, () => clearTimeout(timer));
    },
    /** @param {number} token */
    forget(token) {
      underWay.get(token)?.();
      underWay.delete(token);
      answers.delete(token);
    },
    /** @param {string} request */
    enqueued: (request) => callBack(job.onEnqueue, request),
    status: () => callBack(job.onQueueUpdate, value),
    /** @param {number} part */
    accepted: (part) => callBack((etag) => job.file?.accept(part, etag), value.etag),
    /** @param {number} ending @param {string} text */
    done(ending, text) {
      const requestId = text || head.requestId;
      const outcome = [value, { data: value, requestId }, text, undefined][ending];
      end(() => resolve(outcome));
    },
    /**
     * @param {number} kind @param {number} attempts @param {number} cancelled @param {number} wait
     * @param {string} request @param {number} part
     */
    fail(kind, attempts, cancelled, wait, request, part) {
      const requestId = request || head.requestId || undefined;
      const retryAfterMs = wait < 0 ? undefined : wait;
      const { endpoint } = job;
      const why = kind === ABORTED ? { cause: reason } : trouble;
      const facts = { ...head, ...why, body: value, attempts, cancelled, retryAfterMs, requestId, endpoint, part };
      end(() => reject(failure(kind, facts)));
    },
  };

  const seed = Math.random();
  const task = enter(() => open(hands, seed, job.retry));

  return (input, signal) =>
    new Promise((...functions) => {
      [resolve, reject] = functions;
      job.input = input;
      const abort = () => {
        reason = signal?.reason;
        tell(() => task.abort(now()));
      };
      signal?.addEventListener("abort", abort);
      leave = () => signal?.removeEventListener("abort", abort);
      pending.add(lose);
      signal?.aborted ? abort() : tell(() => task.start(now()));
    });
}

/** @param {boolean | undefined} value */
const flag = (value) => (value === undefined ? -1 : Number(value));
