/** The hands of the core: does what a machine asks, and tells it what became of it. The core itself never waits. */

import {
  ABORTED,
  ANSWER_INVALID,
  CONNECTION_LOST,
  EXPECT_ANYTHING,
  JOB_FAILED,
  TASK_ABORTED,
  TASK_ENDED,
  TASK_FAILED,
  TASK_PAUSED,
  TASK_RESUMED,
  TASK_STARTED,
  TASK_WOKE,
} from "./codes.js";
import { enter, pending } from "./enter.js";
import { pour } from "./flow.js";
import { failure, send } from "./host.js";
import { callersOwn } from "./middleware.js";
import { openTask } from "./order.js";
import { broken, outage } from "./outage.js";
import { Problem } from "./errors.js";
import { decode, headOf, isAnswer, parse } from "./read.js";

/** @typedef {import("./request.js").Job} Job */
/** @typedef {(response: Response) => any} Handler */
/** @typedef {ReturnType<typeof headOf>} Head */

/** Milliseconds since some moment; never runs backwards. */
export const now = () => performance.now();

/** Decodes as fetch does, but for the mark at the start of a stream: what is no UTF-8 becomes a replacement character. */
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });
const NOTHING = new Uint8Array();

/** The longest time a timer takes; one that is longer ends at once. */
const LONGEST_REST = 2 ** 31 - 1;

/** A text, or nothing. @param {unknown} value */
const text = (value) => (typeof value === "string" ? value : undefined);

/**
 * Opens an operation; throws what is wrong with it. Nothing is sent before the returned function is called, which
 * resolves or rejects as the operation ends.
 *
 * @param {import("./order.js").Order} order
 * @param {Job} job
 * @returns {(given: Partial<Job>, signal?: AbortSignal) => Promise<any>}
 */
export function prepare(order, job) {
  /** What is under way, and how to stop it. @type {Map<number, () => void>} */
  const underWay = new Map();
  /**
   * Answers whose bodies are not read yet, what is known of them, and the caller's own handler of them.
   *
   * @type {Map<number, [Response, Head, Handler | undefined]>}
   */
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
  /** @type {{ cause?: unknown, reason?: number, option?: string }} */
  let trouble = {};
  /** Operations that are no model's have a way of their own to be sent, and to be explained when they fail. */
  const { send: ship = send, failure: explain = failure } = job;
  /** Why the caller left. @type {unknown} */
  let reason;
  /** The last status of a request in the queue. @type {any} */
  let status;
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

  const tell = (/** @type {() => void} */ event, isUrgent = false) => {
    isUrgent ? events.unshift(event) : events.push(event);
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

  const failed = (/** @type {number} */ token, /** @type {any} */ error, kind = outage(error, job.place.fetch)) => {
    if (!underWay.delete(token)) return;
    const [, itsHead = {}] = answers.get(token) ?? [];
    answers.delete(token);
    tell(() => {
      [value, head] = [undefined, itsHead];
      trouble =
        error instanceof Problem
          ? { cause: error.cause, reason: error.reason, option: error.option }
          : { cause: error };
      task.tell(now(), TASK_FAILED, token, kind);
    });
  };

  /** @param {number} token @param {Response} response @param {Handler} [own] */
  const answered = (token, response, own) => {
    if (!underWay.has(token)) return;
    const itsHead = headOf(response);
    const { status, contentType, retryAfterMs = -1, retryable, timeoutType } = itsHead;
    answers.set(token, [response, itsHead, own]);
    tell(() => {
      [value, head, trouble] = [undefined, itsHead, {}];
      job.onHead?.(itsHead, response);
      task.answered(now(), token, status, contentType, retryAfterMs, flag(retryable), timeoutType === "user");
    });
  };

  /**
   * What a body says, as an event.
   *
   * @param {number} token @param {Head} itsHead @param {number} expect @param {any} body @param {string[]} fields
   */
  const learned = (token, itsHead, expect, body, [first, second]) => {
    [value, head, trouble] = [body, itsHead, {}];
    task.read(now(), token, expect, text(body?.[first]), text(body?.[second]));
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
    get spent() {
      return job.purse.spent;
    },
    set spent(spent) {
      job.purse.spent = spent;
    },
    /**
     * @param {number} token @param {string} url @param {string} method @param {number} payload @param {number} part
     * @param {boolean} toFal @param {boolean} model
     */
    send(token, url, method, payload, part, toFal, model) {
      if (over) return;
      [value, head, trouble] = [undefined, {}, {}];
      const abort = new AbortController();
      underWay.set(token, () => abort.abort());
      const request = { token, url, method, payload, part, toFal, task };
      const own = toFal && !model ? job.place.responseHandler : undefined;
      // Not at once: sending may ask the core about this request, and the core is still busy asking for it.
      Promise.resolve()
        .then(() => ship(job, request, abort.signal))
        .then(
          (response) => (isAnswer(response) ? answered(token, response, own) : failed(token, response, ANSWER_INVALID)),
          (error) => failed(token, error),
        );
    },
    /** @param {number} token @param {number} expect @param {number} decoding @param {string} first @param {string} second */
    read(token, expect, decoding, first, second) {
      const [response, itsHead, own] = /** @type {[Response, Head, Handler | undefined]} */ (answers.get(token));
      (own ? callersOwn(own, response) : decode(response, decoding)).then(
        (body) => {
          answers.delete(token);
          if (underWay.delete(token)) tell(() => learned(token, itsHead, expect, body, [first, second]));
        },
        (error) => failed(token, error, broken(error)),
      );
    },
    /** @param {number} token @param {boolean} raw */
    open(token, raw) {
      const [response] = /** @type {[Response, Head, any]} */ (answers.get(token));
      const reader = response.body?.getReader();
      const stop = underWay.get(token);
      underWay.set(token, () => {
        stop?.();
        reader?.cancel().catch(() => {});
      });
      const course = {
        isOpen: () => underWay.has(token),
        chunk: (/** @type {Uint8Array} */ bytes) => {
          if (raw) callBack(job.items?.push, bytes);
          tell(() => task.chunk(now(), token, raw ? NOTHING : bytes));
        },
        paused: (/** @type {boolean} */ paused) =>
          tell(() => task.tell(now(), paused ? TASK_PAUSED : TASK_RESUMED, token, 0)),
      };
      // Not at once: the core is still busy asking for it.
      Promise.resolve(reader)
        .then((reader) => reader && pour(reader, job.items, course))
        .then(
          () => {
            answers.delete(token);
            if (underWay.delete(token)) tell(() => task.tell(now(), TASK_ENDED, token, 0));
          },
          (error) => failed(token, error, CONNECTION_LOST),
        );
    },
    /**
     * @param {number} token @param {number} expect @param {number} decoding @param {Uint8Array} data
     * @param {string} first @param {string} second
     */
    item(token, expect, decoding, data, first, second) {
      if (!underWay.has(token)) return;
      try {
        const body = parse(UTF8.decode(data), decoding);
        if (expect === EXPECT_ANYTHING) return callBack(job.items?.push, body);
        const [, itsHead] = /** @type {[Response, Head, any]} */ (answers.get(token));
        tell(() => underWay.has(token) && learned(token, itsHead, expect, body, [first, second]));
      } catch (error) {
        failed(token, error, ANSWER_INVALID);
      }
    },
    /** @param {number} token @param {number} ms */
    rest(token, ms) {
      if (over) return;
      const timer = setTimeout(
        () => underWay.delete(token) && tell(() => task.tell(now(), TASK_WOKE, token, 0)),
        Math.min(ms, LONGEST_REST),
      );
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
    status() {
      status = value;
      callBack(job.onQueueUpdate, value);
    },
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
      const isQueued = request !== "";
      const said = kind === JOB_FAILED ? { body: status, errorType: status?.error_type } : { body: value };
      const known = { ...head, ...why, ...said, endpoint, requestId, isQueued };
      end(() => reject(explain(kind, { ...known, attempts, cancelled, retryAfterMs, part })));
    },
  };

  const task = enter(() => openTask(hands, order, job.patience));

  return (given, signal) =>
    new Promise((...functions) => {
      [resolve, reject] = functions;
      Object.assign(job, given);
      const abort = () => {
        reason = signal?.reason;
        // Ahead of what waits: several statuses may have come at once, and the caller wants no more of them.
        tell(() => task.tell(now(), TASK_ABORTED, 0, 0), true);
      };
      signal?.addEventListener("abort", abort);
      leave = () => signal?.removeEventListener("abort", abort);
      pending.add(lose);
      signal?.aborted ? abort() : tell(() => task.tell(now(), TASK_STARTED, 0, 0));
    });
}

/** @param {boolean | undefined} value */
const flag = (value) => (value === undefined ? -1 : Number(value));
