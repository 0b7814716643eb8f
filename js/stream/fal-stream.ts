/** A stream as callers see it: to loop over, to listen to, or to wait for. */

import { linkedTo } from "../io/linked.ts";
import { afterMicrotasks } from "../io/microtasks.ts";
import type { OnHead } from "../driver/job.ts";
import type { StreamSink } from "../io/pump.ts";
import type { FalStream } from "./types.ts";

/** Items kept for a loop that is slower than the model. Beyond it nothing more is read until it catches up. */
const ROOM = 1_024;

/** What a stream starts its operation with. */
interface StreamStart {
  input: unknown;
  items: StreamSink<any>;
  onHead: OnHead;
}

/** The items of an operation, such as the answer of a model, as they come; see `FalStream` in the types. */
export function createStream<Input, Output>(
  endpointId: string,
  outer: AbortSignal | undefined,
  start: (given: StreamStart, signal: AbortSignal) => Promise<unknown>,
  input?: unknown,
): FalStream<Input, Output> {
  const { signal, abort, leave } = linkedTo(outer);
  /** What no loop has taken yet. */
  let items: Output[] = [];
  let last: Output | undefined;
  let isLooped = false;
  /** Whether items are kept, for a loop that may begin. */
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
  const waiting: (() => void)[] = [];

  const changed = () => new Promise<void>((resolve) => waiting.push(resolve));
  const wake = () => waiting.splice(0).forEach((go) => go());

  /** Returns what listeners are still doing. */
  const tell = (type: keyof typeof listeners, value: unknown): unknown[] =>
    listeners[type].map((listener) => listener(value)).filter(Boolean);

  const isHeard = () => listeners.data[0] || listeners.message[0];

  /** Whether items are taken as they come: by a caller who listens, or waits for the end, and does not loop. */
  const flows = () => !isLooped && (isAwaited || isHeard());

  const keep = (fresh: Output[]) => {
    last = fresh[fresh.length - 1];
    // Whoever listens or waits has had it: all of them, kept for a loop that may never begin, would be without bound.
    if (items.length >= ROOM && flows()) isKept = false;
    if (isKept) items.push(...fresh);
    else items = [];
    wake();
  };

  const drained = async () => {
    while (items.length && !flows() && !over) await changed();
  };

  const sink: StreamSink<Output> = {
    push(fresh) {
      if (!isHeard()) return keep(fresh);
      const works = fresh.flatMap((item) => {
        // More of them may have come at once than the one at which the caller left.
        if (signal.aborted) return [];
        keep([item]);
        return [...tell("data", item), ...tell("message", item)];
      });
      return works[0] && Promise.all(works);
    },
    full: () => items.length >= ROOM && !flows() && drained(),
  };

  const end = (): unknown => {
    over = true;
    wake();
    leave();
    if (failure) {
      tell("error", failure.error);
      // Somebody follows the stream, and nobody would hear of this. A loop may still begin, and hears of it then.
      const isTold = isLooped || isAwaited || listeners.error[0];
      if (!isTold && (isHeard() || listeners.done[0])) Promise.reject(failure.error);
      return undefined;
    }
    const works = tell("done", last);
    // A listener may wait for this very end: one that fails later than at once is an app's own unhandled error.
    let isLate = false;
    const all = Promise.all(works).catch((error: unknown) => {
      if (isLate) Promise.reject(error);
      throw error;
    });
    return works[0] && Promise.race([all, afterMicrotasks().then(() => (isLate = true))]);
  };

  const stream = {
    endpointId,
    requestId: "",
    signal,
    async done(): Promise<Output> {
      isAwaited = true;
      wake();
      return ended;
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
      isLooped = isKept = true;
      wake();
      return {
        async next() {
          while (!items.length && !over) await changed();
          if (items.length) {
            const value = items.shift() as Output;
            if (!items.length) wake();
            return { done: false, value };
          }
          if (failure && !isTold) {
            isTold = true;
            throw failure.error;
          }
          return { done: true, value: undefined };
        },
        async return() {
          stream.abort();
          return { done: true, value: undefined };
        },
      };
    },
  };

  const onHead: OnHead = ({ requestId }) => (stream.requestId = requestId);
  const ended: Promise<Output> = start({ input, items: sink, onHead }, signal)
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
