/** Does what a machine of the core asks for, and tells it what became of it. The core itself never waits. */

import * as core from "#core";
import { failure, send } from "#host/host.ts";
import { callersOwn } from "../client/middleware.ts";
import { callCore } from "../core/call-core.ts";
import { numbers, readRows } from "../core/memory.ts";
import { bodyRead, mediaOf, submittedApp } from "../core/texts.ts";
import {
  BODY_FIELDS,
  BodyKind,
  EFFECT_FIELDS,
  EffectKind,
  EventKind,
  FailureKind,
  METHODS,
  Media,
  Output,
  Payload,
  REQUESTS,
  RequestKind,
  type Effect,
  type FailedEffect,
  type OpenEffect,
  type ReadEffect,
  type SendEffect,
} from "../core/wire.ts";
import { OperationError } from "../errors/errors.ts";
import { afterMicrotasks } from "../io/microtasks.ts";
import { onAbort } from "../io/on-abort.ts";
import { pumpBody } from "../io/pump.ts";
import { classifyBodyError, classifyFetchError } from "./classify-error.ts";
import { DONE, eventScanner } from "./event-scanner.ts";
import type { OperationJob, OutgoingRequest, StartOperation } from "./job.ts";
import { openOperation, urlOf, type OperationOptions } from "./open.ts";
import { bodyReader, decode, headOf, isAnswer, parse } from "./response.ts";

type Head = ReturnType<typeof headOf>;

/** An answer whose body is not read yet, what is known of it, and the caller's own handler of it. */
interface Answer {
  response: Response;
  head: Head;
  handler: ((response: Response) => any) | undefined;
}

/** Milliseconds since some moment; never runs backwards. */
export const now = () => performance.now();

/** The longest time a timer takes; one that is longer ends at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** A text, or nothing. */
const text = (value: unknown) => (typeof value === "string" ? value : "");

/**
 * Opens an operation; throws what is wrong with it. Nothing is sent before the returned function is called, which
 * resolves or rejects as the operation ends.
 */
export function prepare(options: OperationOptions, job: OperationJob): StartOperation {
  const { state, texts } = callCore(() => openOperation(options, job.patience));
  /** What is under way, and how to stop it. */
  const underWay = new Map<number, () => void>();
  const answers = new Map<number, Answer>();
  /** What happened and is not told yet: a callback may abort its own call. */
  const events: (() => void)[] = [];
  let busy = false;
  let over = false;
  /** What is known of what happened last: a body, the answer it came with, what went wrong. */
  let value: any;
  let head: Partial<Head> = {};
  let trouble: { cause?: unknown; reason?: number | undefined; option?: string | undefined } = {};
  /** Operations that are no model's have a way of their own to be sent, and to be explained when they fail. */
  const { send: ship = send, failure: explain = failure } = job;
  /** Where the last request went in place of fal. */
  let proxy = "";
  /** Why the caller left. */
  let reason: unknown;
  /** The last status of a request in the queue. */
  let status: any;
  let resolve: (value: any) => void;
  let reject: (error: unknown) => void;
  let leave = () => {};
  /** Whether a callback goes on after it has returned. */
  let isAsync = false;
  let isGood = false;
  /** Whether the caller wants a page where one is answered. */
  const takesHtml = () => /text\/html/i.test(`${job.own?.["accept"]} ${job.headers?.["accept"]}`);

  const end = (outcome: () => void) => {
    if (over) return;
    over = true;
    for (const stop of underWay.values()) stop();
    underWay.clear();
    leave();
    outcome();
  };

  /** Tells the machine what happened, and does what it asks for. */
  const advance = (told: () => number) => {
    const effects = callCore(() => {
      state.enter();
      numbers()[0] = job.retryBudget.spent;
      const count = told();
      job.retryBudget.spent = numbers()[0] as number;
      return readRows<Effect>(count, EFFECT_FIELDS);
    });
    for (const effect of effects) if (!over) perform(effect);
  };

  const handle = (kind: EventKind, token = 0, value = 0) => advance(() => core.handle(kind, token, value, now()));

  const tell = (event: () => void, isUrgent = false) => {
    isUrgent ? events.unshift(event) : events.push(event);
    if (busy) return;
    busy = true;
    try {
      for (let next; !over && (next = events.shift());) next();
    } catch (error) {
      end(() => reject(error));
    }
    busy = false;
  };

  const failed = (token: number, error: any, kind: FailureKind = classifyFetchError(error, job.transport.fetch)) => {
    if (!underWay.delete(token)) return;
    const known = answers.get(token)?.head ?? {};
    answers.delete(token);
    tell(() => {
      [value, head] = [error instanceof OperationError ? error.body : undefined, known];
      trouble =
        error instanceof OperationError
          ? { cause: error.cause, reason: error.reason, option: error.option }
          : { cause: error };
      handle(EventKind.Failed, token, kind);
    });
  };

  const answered = (token: number, response: Response, handler: Answer["handler"]) => {
    if (!underWay.has(token)) return;
    const known = headOf(response);
    answers.set(token, { response, head: known, handler });
    tell(() => {
      [value, head, trouble] = [undefined, known, {}];
      job.onHead?.(known, response);
      const { status, contentType, retryAfterMs = -1, retryable = -1, timeoutType } = known;
      const isUserTimeout = timeoutType === "user";
      advance(() =>
        core.answered(token, status, mediaOf(contentType), retryAfterMs, Number(retryable), isUserTimeout, now()),
      );
    });
  };

  /** Tells what a body, or an item of one, says. */
  const read = (token: number, known: Partial<Head>, kind: BodyKind, body: any) => {
    [value, head, trouble] = [body, known, {}];
    const [first = "", second = ""] = BODY_FIELDS[kind].split(" ");
    const fields = [text(body?.[first]), text(body?.[second])] as const;
    if (kind === BodyKind.Submitted) {
      texts.requestId = fields[0];
      texts.app = submittedApp(...fields) ?? texts.app;
    } else if (kind === BodyKind.Initiated) [texts.uploadUrl, texts.fileUrl] = fields;
    handle(EventKind.Read, token, bodyRead(kind, ...fields));
  };

  const callBack = (callback: ((value: any) => unknown) | undefined, argument: unknown) => {
    // An error in an app's own code must surface: the call ends with it. One that comes after a good end is an app's own.
    const fault = (error: unknown) => {
      if (isGood) return Promise.reject(error);
      end(() => reject(error));
    };
    try {
      const work: any = callback?.(argument);
      if (work?.then) {
        isAsync = true;
        work.then(undefined, fault);
      }
    } catch (error) {
      fault(error);
    }
  };

  const sendRequest = (effect: SendEffect) => {
    const { token } = effect;
    const [method, payload, isToFal, isModels] = REQUESTS[effect.request] as (typeof REQUESTS)[number];
    [value, head, trouble] = [undefined, {}, {}];
    proxy = isToFal && !job.token ? job.transport.proxy : "";
    const abort = new AbortController();
    underWay.set(token, () => abort.abort());
    const url = callCore(() => urlOf(effect, texts));
    // What runs a model has the caller's own method.
    const isOwn =
      texts.url !== "" || (payload === Payload.Input && Boolean(isModels || effect.request === RequestKind.Submit));
    const { app, requestId } = texts;
    const name = isOwn ? texts.method : (METHODS[method] as string);
    const request: OutgoingRequest = { ...effect, url, payload, isToFal, app, requestId, method: name };
    const handler = isModels ? undefined : isToFal && job.transport.responseHandler;
    // Not at once: what sending asks of the core waits until the machine has said everything.
    Promise.resolve()
      .then(() => ship(job, request, abort.signal))
      .then(
        (response) =>
          isAnswer(response)
            ? answered(token, response, handler || undefined)
            : failed(token, response, FailureKind.AnswerInvalid),
        (error) => failed(token, error),
      );
  };

  const readBody = ({ token, media, body: kind }: ReadEffect) => {
    const { response, head: known, handler } = answers.get(token) as Answer;
    (handler ? callersOwn(handler, response) : decode(response, media, kind, takesHtml())).then(
      (body) => {
        answers.delete(token);
        if (underWay.delete(token)) tell(() => read(token, known, kind, body));
      },
      (error) => failed(token, error, classifyBodyError(error)),
    );
  };

  const openBody = ({ token, media, items }: OpenEffect) => {
    const { response, head: known } = answers.get(token) as Answer;
    let reader: ReturnType<typeof bodyReader> | undefined;
    const stop = underWay.get(token);
    underWay.set(token, () => {
      stop?.();
      reader?.cancel().catch(() => {});
    });
    const isOpen = () => underWay.has(token);
    const isEvents = media === Media.Events;
    const item = (kind: string, data: string) => {
      if (!isOpen()) return;
      if (data === DONE || kind === "error") {
        const body = kind === "error" && data !== DONE ? parse(data, Media.Json, BodyKind.Explanation) : undefined;
        underWay.get(token)?.();
        underWay.delete(token);
        tell(() => {
          [value, head, trouble] = [body, known, {}];
          handle(body === undefined ? EventKind.Ended : EventKind.Explained, token);
        });
        return;
      }
      let body: unknown = data;
      try {
        if (data) body = JSON.parse(data);
      } catch (error) {
        return failed(token, error, FailureKind.AnswerInvalid);
      }
      if (items === BodyKind.Anything) callBack(job.items?.push, body);
      else tell(() => isOpen() && read(token, known, items, body));
    };
    const scan = isEvents ? callCore(() => eventScanner(item)) : undefined;
    const observer = {
      isOpen,
      chunk: (bytes: Uint8Array) => {
        tell(() => handle(EventKind.Chunk, token));
        if (!scan) callBack(job.items?.push, bytes);
        else if (!callCore(() => scan(bytes))) failed(token, undefined, FailureKind.AnswerInvalid);
      },
      paused: (paused: boolean) => tell(() => handle(paused ? EventKind.Paused : EventKind.Resumed, token)),
    };
    (media === Media.Html && !takesHtml() ? decode(response, media, items) : Promise.resolve())
      .then(() => pumpBody((reader = bodyReader(response, items)), job.items, observer))
      .then(
        () => {
          if (scan && isOpen() && !callCore(scan)) return failed(token, undefined, FailureKind.ConnectionLost);
          answers.delete(token);
          if (underWay.delete(token)) tell(() => handle(EventKind.Ended, token));
        },
        (error) => failed(token, error, classifyBodyError(error)),
      );
  };

  const fail = ({ failure: kind, attempts, cancelled, isQueued, part, retryAfter }: FailedEffect) => {
    const requestId = (isQueued && texts.requestId) || head.requestId || undefined;
    const retryAfterMs = retryAfter < 0 ? undefined : retryAfter;
    const why = kind === FailureKind.Aborted ? { cause: reason } : trouble;
    const said = kind === FailureKind.JobFailed ? { body: status, errorType: status?.error_type } : { body: value };
    const { endpoint } = job;
    const via = head.requestId ? "" : proxy;
    const known = { ...head, ...why, ...said, endpoint, requestId, proxy: via, isQueued: Boolean(isQueued) };
    end(() => reject(explain(kind, { ...known, attempts, cancelled, retryAfterMs, part })));
  };

  const done = (output: Output) => {
    const requestId = texts.requestId || head.requestId;
    const outcome = [value, { data: value, requestId }, texts.fileUrl, undefined][output];
    // A callback that fails at once ends the call, also when it was the last thing to happen.
    const finish = () => end(() => resolve(((isGood = true), outcome)));
    isAsync ? afterMicrotasks().then(finish) : finish();
  };

  const perform = (effect: Effect) => {
    switch (effect.kind) {
      case EffectKind.Send:
        return sendRequest(effect);
      case EffectKind.Read:
        return readBody(effect);
      case EffectKind.Open:
        return openBody(effect);
      case EffectKind.Sleep: {
        const { token, duration } = effect;
        const fire = () => underWay.delete(token) && tell(() => handle(EventKind.TimerFired, token));
        const timer = setTimeout(fire, Math.min(duration, LONGEST_TIMER));
        return underWay.set(token, () => clearTimeout(timer));
      }
      case EffectKind.Cancel:
        underWay.get(effect.token)?.();
        underWay.delete(effect.token);
        return answers.delete(effect.token);
      case EffectKind.Enqueued:
        return callBack(job.onEnqueue, texts.requestId);
      case EffectKind.StatusRead:
        status = value;
        return callBack(job.onQueueUpdate, value);
      case EffectKind.PartAccepted:
        return callBack((etag) => job.file?.accept(effect.part, etag), value.etag);
      case EffectKind.Done:
        return done(effect.output);
      case EffectKind.Failed:
        return fail(effect);
    }
  };

  return (given, signal) =>
    new Promise((...functions) => {
      [resolve, reject] = functions;
      Object.assign(job, given);
      const abort = () => {
        reason = signal?.reason;
        // Ahead of what waits: several statuses may have come at once, and the caller wants no more of them.
        tell(() => handle(EventKind.Aborted), true);
      };
      leave = onAbort(signal, abort);
      signal?.aborted ? abort() : tell(() => handle(EventKind.Started));
    });
}
