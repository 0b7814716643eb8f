/** The hands of the core: does what a machine asks, and tells it what became of it. The core itself never waits. */

import {
  ABORTED,
  ANSWER_INVALID,
  CONNECTION_LOST,
  EXPECT_ANYTHING,
  JOB_FAILED,
  TASK_ABORTED,
  TASK_ANSWERED,
  TASK_ENDED,
  TASK_FAILED,
  TASK_PAUSED,
  TASK_READ,
  TASK_RESUMED,
  TASK_STARTED,
  TASK_WOKE,
} from "../core/codes.ts";
import { callCore, pending } from "../core/call-core.ts";
import { pumpBody } from "../io/pump.ts";
import { failure, send } from "#host/host.ts";
import { handsOf, lines } from "./hands.ts";
import { callersOwn } from "../client/middleware.ts";
import { openTask } from "./open.ts";
import { classifyBodyError, classifyFetchError } from "./classify-error.ts";
import { OperationError } from "../errors/errors.ts";
import { decode, headOf, isAnswer, parse } from "./response.ts";

/** @typedef {import("./request.ts").Job} Job */
/** @typedef {(response: Response) => any} Handler */
/** @typedef {ReturnType<typeof headOf>} Head */

/** Milliseconds since some moment; never runs backwards. */
export const now = () => performance.now();

const NOTHING = new Uint8Array();

/** What a request is, in the number that describes it: what it carries, whether it goes to fal, and whether its answer is a model's own. */
const PAYLOAD = 7;
const TO_FAL = 8;
const MODELS = 16;

/** The longest time a timer takes; one that is longer ends at once. */
const LONGEST_REST = 2 ** 31 - 1;

/** A text, or nothing. @param {unknown} value */
const text = (value) => (typeof value === "string" ? value : "");

/**
 * Opens an operation; throws what is wrong with it. Nothing is sent before the returned function is called, which
 * resolves or rejects as the operation ends.
 *
 * @param {import("./open.ts").Order} order
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
  /** Names of the fields that are wanted of the body, or the event, that comes next. @type {string[]} */
  let fields = [];
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

  const inform = (/** @type {number} */ what, token = 0, value = 0, text = "") =>
    task.tell(hands, now(), what, token, value, text);

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
      for (let next; !over && (next = events.shift());) callCore(next);
      if (over && !lost) task.free();
    } catch (error) {
      lose(error);
    }
    busy = over;
  };

  const failed = (
    /** @type {number} */ token,
    /** @type {any} */ error,
    kind = classifyFetchError(error, job.transport.fetch),
  ) => {
    if (!underWay.delete(token)) return;
    const [, itsHead = {}] = answers.get(token) ?? [];
    answers.delete(token);
    tell(() => {
      [value, head] = [undefined, itsHead];
      trouble =
        error instanceof OperationError
          ? { cause: error.cause, reason: error.reason, option: error.option }
          : { cause: error };
      inform(TASK_FAILED, token, kind);
    });
  };

  /** @param {number} token @param {Response} response @param {Handler} [own] */
  const answered = (token, response, own) => {
    if (!underWay.has(token)) return;
    const itsHead = headOf(response);
    const { status, contentType, retryAfterMs = -1, retryable = -1, timeoutType } = itsHead;
    answers.set(token, [response, itsHead, own]);
    tell(() => {
      [value, head, trouble] = [undefined, itsHead, {}];
      job.onHead?.(itsHead, response);
      hands.numbers = [retryAfterMs, retryable, timeoutType === "user"].map(Number);
      inform(TASK_ANSWERED, token, status, contentType);
    });
  };

  /**
   * What a body says, as an event.
   *
   * @param {number} token @param {Head} itsHead @param {number} expect @param {any} body @param {string[]} fields
   */
  const learned = (token, itsHead, expect, body, [first, second]) => {
    [value, head, trouble] = [body, itsHead, {}];
    inform(TASK_READ, token, expect, lines(text(body?.[first]), text(body?.[second])));
  };

  const callBack = (/** @type {((value: any) => void) | undefined} */ callback, /** @type {unknown} */ argument) => {
    try {
      callback?.(argument);
    } catch (error) {
      // An error in an app's own code must surface: the call ends with it.
      end(() => reject(error));
    }
  };

  /** What the core wants done, by the numbers of `Act` (src/bindings/hands.rs). @type {import("./hands.ts").Act[]} */
  const acts = [
    (token, what, part, _, text) => {
      if (over) return;
      [value, head, trouble] = [undefined, {}, {}];
      const abort = new AbortController();
      underWay.set(token, () => abort.abort());
      const [method, url] = text.split(" ");
      const toFal = (what & TO_FAL) > 0;
      const request = { token, url, method, payload: what & PAYLOAD, part, toFal, task };
      const own = what & MODELS ? undefined : toFal && job.transport.responseHandler;
      // Not at once: sending may ask the core about this request, and the core is still busy asking for it.
      Promise.resolve()
        .then(() => ship(job, request, abort.signal))
        .then(
          (response) =>
            isAnswer(response) ? answered(token, response, own || undefined) : failed(token, response, ANSWER_INVALID),
          (error) => failed(token, error),
        );
    },
    (...names) => {
      fields = names[4].split(" ");
    },
    (token, expect, decoding) => {
      const names = fields;
      const [response, itsHead, own] = /** @type {[Response, Head, Handler | undefined]} */ answers.get(token);
      (own ? callersOwn(own, response) : decode(response, decoding)).then(
        (body) => {
          answers.delete(token);
          if (underWay.delete(token)) tell(() => learned(token, itsHead, expect, body, names));
        },
        (error) => failed(token, error, classifyBodyError(error)),
      );
    },
    (token, raw) => {
      const [response] = /** @type {[Response, Head, any]} */ answers.get(token);
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
          tell(() => task.chunk(hands, now(), token, raw ? NOTHING : bytes));
        },
        paused: (/** @type {boolean} */ paused) => tell(() => inform(paused ? TASK_PAUSED : TASK_RESUMED, token)),
      };
      // Not at once: the core is still busy asking for it.
      Promise.resolve(reader)
        .then((reader) => reader && pumpBody(reader, job.items, course))
        .then(
          () => {
            answers.delete(token);
            if (underWay.delete(token)) tell(() => inform(TASK_ENDED, token));
          },
          (error) => failed(token, error, CONNECTION_LOST),
        );
    },
    (token, expect, decoding, _, text) => {
      if (!underWay.has(token)) return;
      const names = fields;
      try {
        const body = parse(text, decoding);
        if (expect === EXPECT_ANYTHING) return callBack(job.items?.push, body);
        const [, itsHead] = /** @type {[Response, Head, any]} */ answers.get(token);
        tell(() => underWay.has(token) && learned(token, itsHead, expect, body, names));
      } catch (error) {
        failed(token, error, ANSWER_INVALID);
      }
    },
    (token, _, __, ms) => {
      if (over) return;
      const timer = setTimeout(
        () => underWay.delete(token) && tell(() => inform(TASK_WOKE, token)),
        Math.min(ms, LONGEST_REST),
      );
      underWay.set(token, () => clearTimeout(timer));
    },
    (token) => {
      underWay.get(token)?.();
      underWay.delete(token);
      answers.delete(token);
    },
    (...enqueued) => callBack(job.onEnqueue, enqueued[4]),
    () => {
      status = value;
      callBack(job.onQueueUpdate, value);
    },
    (_, part) => callBack((etag) => job.file?.accept(part, etag), value.etag),
    (_, ending, __, ___, text) => {
      const requestId = text || head.requestId;
      const outcome = [value, { data: value, requestId }, text, undefined][ending];
      end(() => resolve(outcome));
    },
    (attempts, what, part, wait, request) => {
      const kind = what & 255;
      const requestId = request || head.requestId || undefined;
      const retryAfterMs = wait < 0 ? undefined : wait;
      const { endpoint } = job;
      const why = kind === ABORTED ? { cause: reason } : trouble;
      const isQueued = request !== "";
      const said = kind === JOB_FAILED ? { body: status, errorType: status?.error_type } : { body: value };
      const known = { ...head, ...why, ...said, endpoint, requestId, isQueued };
      end(() => reject(explain(kind, { ...known, attempts, cancelled: what >> 8, retryAfterMs, part })));
    },
  ];

  const hands = handsOf(acts, job.retryBudget);
  const task = callCore(() => openTask(hands, order, job.patience));

  return (given, signal) =>
    new Promise((...functions) => {
      [resolve, reject] = functions;
      Object.assign(job, given);
      const abort = () => {
        reason = signal?.reason;
        // Ahead of what waits: several statuses may have come at once, and the caller wants no more of them.
        tell(() => inform(TASK_ABORTED), true);
      };
      signal?.addEventListener("abort", abort);
      leave = () => signal?.removeEventListener("abort", abort);
      pending.add(lose);
      signal?.aborted ? abort() : tell(() => inform(TASK_STARTED));
    });
}
