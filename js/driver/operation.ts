/** Does what a machine of the core asks for, and tells it what became of it. The core itself never waits. */

import * as core from "#core";
import { failure, send } from "#host/host.ts";
import { callersOwn } from "../client/middleware.ts";
import { callCore } from "../core/call-core.ts";
import { numbers } from "../core/memory.ts";
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
  Payload,
  REQUESTS,
  RequestKind,
  type DoneEffect,
  type Effect,
  type FailedEffect,
  type OpenEffect,
  type ReadEffect,
  type SendEffect,
} from "../core/wire.ts";
import { OperationError, type ErrorFacts } from "../errors/errors.ts";
import { textOf } from "../errors/explain.ts";
import { afterMicrotasks } from "../io/microtasks.ts";
import { onAbort } from "#host/on-abort.ts";
import { pumpBody } from "../io/pump.ts";
import { classifyBodyError, classifyFetchError } from "./classify-error.ts";
import { DONE, eventScanner } from "./event-scanner.ts";
import type { Operation, OutgoingRequest, StartOperation } from "./job.ts";
import { now, openMachine, type Performers } from "./machine.ts";
import { urlOf } from "./open.ts";
import { bodyReader, decode, headOf, isAnswer, parse } from "./response.ts";

type Head = ReturnType<typeof headOf>;

/** A request that is out, an answer whose body is not read yet, or a wait. */
interface UnderWay {
  stop(): void;
  /** The caller's own handler of the answer. */
  handler?: ((response: Response) => any) | undefined;
  response?: Response;
  head?: Head;
}

/** What became of cancelling a request, by the numbers of `Cancelled`. */
const CANCELLED = [undefined, "accepted", "refused", "unknown"] as const;

/**
 * Opens an operation; throws what is wrong with it. Nothing is sent before the returned function is called, which
 * resolves or rejects as the operation ends.
 */
export function prepare(job: Operation): StartOperation {
  const { texts, underWay, take, tell, advance, sleep, ...machine } = openMachine<Effect, UnderWay>(
    job,
    EFFECT_FIELDS,
    {
      performers: () => performers,
      lost: (error) => end(() => reject(error)),
    },
  );
  /** What is known of what happened last: a body, the answer it came with, what went wrong. */
  let known: ErrorFacts & { body?: any } = {};
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
    if (machine.end()) return;
    leave();
    outcome();
  };

  /** Tells the machine what happened, and what trying again has cost so far. */
  const inform = (told: () => number) =>
    advance(() => {
      numbers()[0] = job.retryBudget.spent;
      const count = told();
      job.retryBudget.spent = numbers()[0] as number;
      return count;
    });

  const handle = (kind: EventKind, token = 0, value = 0) => inform(() => core.handle(kind, token, value, now()));

  const failed = (token: number, error: any, kind: FailureKind = classifyFetchError(error, job.transport.fetch)) => {
    const taken = take(token);
    if (!taken) return;
    tell(() => {
      known = { ...taken.head, cause: error, ...(error instanceof OperationError && { ...error, cause: error.cause }) };
      handle(EventKind.Failed, token, kind);
    });
  };

  const answered = (token: number, response: Response) => {
    const request = underWay.get(token);
    if (!request) return;
    const head = headOf(response);
    Object.assign(request, { response, head });
    tell(() => {
      known = head;
      job.onHead?.(head, response);
      const { status, contentType, retryAfterMs = -1, retryable = -1, timeoutType } = head;
      const isUserTimeout = timeoutType === "user";
      inform(() =>
        core.answered(token, status, mediaOf(contentType), retryAfterMs, Number(retryable), isUserTimeout, now()),
      );
    });
  };

  /** Tells what a body, or an item of one, says. */
  const read = (token: number, head: Head, kind: BodyKind, body: any) => {
    known = { ...head, body };
    const [first = "", second = ""] = BODY_FIELDS[kind].split(" ").map((name) => textOf(body?.[name]) ?? "");
    if (kind === BodyKind.Submitted) {
      texts.requestId = first;
      texts.app = submittedApp(first, second) ?? texts.app;
    } else if (kind === BodyKind.Initiated) [texts.uploadUrl, texts.fileUrl] = [first, second];
    handle(EventKind.Read, token, bodyRead(kind, first, second));
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
    const { token, request, part, toBackup } = effect;
    const [method, payload, isToFal, isModels] = REQUESTS[request] as (typeof REQUESTS)[number];
    known = {};
    proxy = isToFal && !job.token ? job.transport.proxy : "";
    const abort = new AbortController();
    const handler = isModels || !isToFal ? undefined : job.transport.responseHandler;
    underWay.set(token, { stop: () => abort.abort(), handler });
    const url = callCore(() => urlOf(effect, texts));
    // What runs a model has the caller's own method.
    const isOwn =
      texts.url !== "" || (payload === Payload.Input && Boolean(isModels || request === RequestKind.Submit));
    const asked: OutgoingRequest = {
      url,
      payload,
      isToFal,
      request,
      part,
      toBackup,
      app: texts.app,
      requestId: texts.requestId,
      method: isOwn ? texts.method : (METHODS[method] as string),
    };
    // Not at once: what sending asks of the core waits until the machine has said everything.
    Promise.resolve()
      .then(() => ship(job, asked, abort.signal))
      .then(
        (response) =>
          isAnswer(response) ? answered(token, response) : failed(token, response, FailureKind.AnswerInvalid),
        (error) => failed(token, error),
      );
  };

  const readBody = ({ token, media, body: kind }: ReadEffect) => {
    const { response, head, handler } = underWay.get(token) as Required<UnderWay>;
    (handler ? callersOwn(handler, response) : decode(response, media, kind, takesHtml())).then(
      (body) => {
        if (take(token)) tell(() => read(token, head, kind, body));
      },
      (error) => failed(token, error, classifyBodyError(error)),
    );
  };

  const openBody = async ({ token, media, items }: OpenEffect) => {
    const answer = underWay.get(token) as Required<UnderWay>;
    const { response, head, stop } = answer;
    let reader: ReturnType<typeof bodyReader> | undefined;
    answer.stop = () => {
      stop();
      reader?.cancel().catch(() => {});
    };
    const isOpen = () => underWay.has(token);
    const item = (kind: string, data: string, values?: unknown[]) => {
      if (!isOpen()) return;
      if (data === DONE || kind === "error") {
        const isError = data !== DONE;
        const body = isError ? parse(data, Media.Json, BodyKind.Explanation) : undefined;
        take(token)?.stop();
        tell(() => {
          known = { ...head, body };
          handle(isError ? EventKind.Explained : EventKind.Ended, token);
        });
        return;
      }
      try {
        values ??= [data && JSON.parse(data)];
      } catch (error) {
        return failed(token, error, FailureKind.AnswerInvalid);
      }
      if (items === BodyKind.Anything) callBack(job.items?.push, values);
      else for (const body of values) tell(() => isOpen() && read(token, head, items, body));
    };
    const scan = media === Media.Events ? eventScanner(item) : undefined;
    const hear = (event: EventKind, bytes?: Uint8Array) => {
      tell(() => handle(event, token));
      if (!bytes) return;
      if (!scan) callBack(job.items?.push, [bytes]);
      else if (!scan(bytes)) failed(token, undefined, FailureKind.AnswerInvalid);
    };
    try {
      await (media === Media.Html && !takesHtml() && decode(response, media, items));
      await pumpBody((reader = bodyReader(response, items)), job.items, isOpen, hear);
    } catch (error) {
      return failed(token, error, classifyBodyError(error));
    }
    if (scan && isOpen() && !scan()) return failed(token, undefined, FailureKind.ConnectionLost);
    if (take(token)) tell(() => handle(EventKind.Ended, token));
  };

  const fail = ({ failure: kind, attempts, cancelled, isQueued, part, retryAfter }: FailedEffect) => {
    const facts: ErrorFacts = {
      ...known,
      attempts,
      endpoint: job.endpoint,
      requestId: (isQueued && texts.requestId) || known.requestId || undefined,
      proxy: known.requestId ? "" : proxy,
      isQueued,
      retryAfterMs: retryAfter < 0 ? undefined : retryAfter,
      part: part || undefined,
      cancelled: CANCELLED[cancelled],
    };
    if (kind === FailureKind.Aborted) facts.cause = reason;
    if (kind === FailureKind.JobFailed) Object.assign(facts, { body: status, errorType: status?.error_type });
    end(() => reject(explain(kind, facts)));
  };

  const done = ({ output }: DoneEffect) => {
    const { body } = known;
    const requestId = texts.requestId || known.requestId;
    const outcome = [body, { data: body, requestId }, texts.fileUrl][output];
    // A callback that fails at once ends the call, also when it was the last thing to happen.
    const finish = () => end(() => resolve(((isGood = true), outcome)));
    isAsync ? afterMicrotasks().then(finish) : finish();
  };

  const performers: Performers<Effect> = {
    [EffectKind.Send]: sendRequest,
    [EffectKind.Read]: readBody,
    [EffectKind.Open]: openBody,
    [EffectKind.Sleep]: (effect) => sleep(effect, () => handle(EventKind.TimerFired, effect.token)),
    [EffectKind.Cancel]: ({ token }) => take(token)?.stop(),
    [EffectKind.Enqueued]: () => callBack(job.onEnqueue, texts.requestId),
    [EffectKind.StatusRead]: () => callBack(job.onQueueUpdate, (status = known.body)),
    [EffectKind.PartAccepted]: ({ part }) => callBack((etag) => job.file?.accept(part, etag), known.body.etag),
    [EffectKind.Done]: done,
    [EffectKind.Failed]: fail,
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
      if (!signal?.aborted) tell(() => handle(EventKind.Started));
    });
}
