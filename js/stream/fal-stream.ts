/** A stream as callers see it: to loop over, to listen to, or to wait for. */

import { linkedTo } from "../io/linked.ts";
import { afterMicrotasks } from "../io/microtasks.ts";
import type { OnHead } from "../driver/job.ts";
import type { StreamSink } from "../io/pump.ts";
import type { FalStream } from "./types.ts";

/** Items kept for a loop that is slower than the model. Beyond it nothing more is read until it catches up. */
const ROOM = 1_024;

/** Starts what brings the items. */
export type StartStream<Output> = (sink: StreamSink<Output>, signal: AbortSignal, onHead: OnHead) => Promise<unknown>;

/** The answer of a model as it comes; see `FalStream` in the types. */
export function createStream<Input, Output>(
  endpointId: string,
  start: StartStream<Output>,
  outer?: AbortSignal,
): FalStream<Input, Output> {
  const { signal, abort, leave } = linkedTo(outer);
  /** What no loop has taken yet. */
  let items: Output[] = [];
  let last: Output | undefined;
  let isLooped = false;
  /** Whether the items so far are kept, for a loop that may begin. */
  let isKept = true;
  let isAwaited = false;
  let over = false;
  let failure: { error: unknown } | undefined;
  const listeners: Record<"data" | "message" | "error" | "done", ((value: any) => unknown)[]> = {
    data: [],
    message: [],
    error: [],
    done: [],
  };
  /** Wakes whoever waits for a change: the reader, and loops. Several may wait, and one may wait several times. */
  let waiting: (() => void)[] = [];

  const changed = () => new Promise<void>((resolve) => waiting.push(resolve));
  const wake = () => {
    const all = waiting;
    waiting = [];
    for (const go of all) go();
  };

  /** Returns what listeners are still doing. */
  const tell = (type: keyof typeof listeners, value: unknown): unknown[] =>
    listeners[type].map((listener) => listener(value)).filter(Boolean);

  const hears = (...types: (keyof typeof listeners)[]) => types.some((type) => listeners[type].length > 0);

  /** Whether items are taken as they come: by a caller who listens, or waits for the end, and does not loop. */
  const flows = () => !isLooped && (isAwaited || hears("data", "message"));

  const sink: StreamSink<Output> = {
    push(item) {
      // More of them may have come at once than the one at which the caller left.
      if (signal.aborted) return undefined;
      last = item;
      // Whoever listens or waits has had it: all of them, kept for a loop that may never begin, would be without bound.
      if (flows() && items.length >= ROOM) isKept = false;
      if (isKept || isLooped) items.push(item);
      else items = [];
      wake();
      const works = [...tell("data", item), ...tell("message", item)];
      return works.length ? Promise.all(works) : undefined;
    },
    full: () => !flows() && items.length >= ROOM,
    async room() {
      while (items.length && !flows() && !over) await changed();
    },
  };

  const end = (): unknown => {
    over = true;
    wake();
    leave();
    if (failure) {
      tell("error", failure.error);
      // Somebody follows the stream, and nobody would hear of this. A loop may still begin, and hears of it then.
      const isHeard = isLooped || isAwaited || hears("error");
      if (!isHeard && hears("data", "message", "done")) Promise.reject(failure.error);
      return undefined;
    }
    const works = tell("done", last);
    // A listener may wait for this very end: one that fails later than at once is an app's own unhandled error.
    let isLate = false;
    const all = Promise.all(works).catch((error: unknown) => {
      if (isLate) Promise.reject(error);
      throw error;
    });
    return works.length ? Promise.race([all, afterMicrotasks().then(() => (isLate = true))]) : undefined;
  };

  const stream = {
    endpointId,
    requestId: "",
    signal,
    done(): Promise<Output> {
      isAwaited = true;
      wake();
      return ended.then((output) => output);
    },
    abort(reason?: unknown): void {
      if (!over) abort(reason);
    },
    on(type: keyof typeof listeners, listener: (value: any) => void): void {
      listeners[type].push(listener);
      wake();
    },
    [Symbol.asyncIterator](): AsyncIterator<Output> {
      let isTold = false;
      isLooped = true;
      wake();
      return {
        async next() {
          while (!items.length && !over) await changed();
          if (items.length) {
            const value = items.shift() as Output;
            if (!items.length) wake();
            return { done: false, value };
          }
          const fault = isTold ? undefined : failure;
          isTold = true;
          if (fault) throw fault.error;
          return { done: true, value: undefined };
        },
        async return() {
          stream.abort();
          return { done: true, value: undefined };
        },
      };
    },
  };

  const ended: Promise<Output> = start(sink, signal, ({ requestId }) => (stream.requestId = requestId))
    .then(end, (error: unknown) => {
      // Whoever aborts wants what came so far.
      if (!signal.aborted) failure = { error };
      end();
    })
    .then(() => {
      if (failure) throw failure.error;
      return last ?? ({} as Output);
    });
  // A caller who waits gets the error; nobody else should see an unhandled rejection.
  ended.catch(() => {});
  return stream;
}
