/** A stream as callers see it: to loop over, to listen to, or to wait for. */

import { afterMicrotasks } from "../io/microtasks.ts";
import type { OnHead } from "../driver/job.ts";
import type { StreamSink } from "../io/pump.ts";
import { onAbort } from "#host/on-abort.ts";
import type { FalStream as PublicStream } from "./types.ts";

/** Items kept for a loop that is slower than the model. Beyond it nothing more is read until it catches up. */
const ROOM = 1_024;

/** What listeners are called with. An error may be anything, as its type in `FalStream` says. */
interface StreamEvents<Output> {
  data: Output;
  error: any;
  done: Output;
  message: Output;
}

/** Those who listen, by what they listen to. */
type Listeners<Output> = {
  [Type in keyof StreamEvents<Output>]: ((value: StreamEvents<Output>[Type]) => void)[];
};

/** Starts what brings the items. */
export type StartStream<Output> = (sink: StreamSink<Output>, signal: AbortSignal, onHead: OnHead) => Promise<unknown>;

/** The answer of a model as it comes; see `FalStream` in the types. */
export class FalStream<Input, Output> implements PublicStream<Input, Output> {
  readonly endpointId: string;
  requestId = "";
  #items: Output[] = [];
  /** How many of them were taken. */
  #taken = 0;
  #last: Output | undefined;
  #looped = false;
  /** Whether the items so far are kept, for a loop that may begin. */
  #isKept = true;
  #awaited = false;
  #over = false;
  #failure: { error: unknown } | undefined;
  #listeners: Listeners<Output> = { data: [], error: [], done: [], message: [] };
  /** Wakes the loops: several may wait, and one may wait several times. */
  #waiting: (() => void)[] = [];
  /** Wakes whoever waits for room. */
  #room = (): void => {};
  #abort = new AbortController();
  #done: Promise<Output>;

  constructor(endpointId: string, start: StartStream<Output>, signal?: AbortSignal) {
    this.endpointId = endpointId;
    const abort = () => this.abort(signal?.reason);
    if (signal?.aborted) abort();
    const leave = onAbort(signal, abort);
    const sink: StreamSink<Output> = {
      push: (item) => this.#push(item),
      full: () => this.#isFull(),
      room: () => new Promise((resolve) => (this.#room = resolve)),
    };
    this.#done = start(sink, this.signal, ({ requestId }) => (this.requestId = requestId))
      .then(
        () => this.#end(),
        (error: unknown) => {
          // Whoever aborts wants what came so far.
          if (!this.signal.aborted) this.#failure = { error };
          this.#end();
        },
      )
      .then(() => {
        leave();
        if (this.#failure) throw this.#failure.error;
        return this.#last ?? ({} as Output);
      });
    // A caller who waits gets the error; nobody else should see an unhandled rejection.
    this.#done.catch(() => {});
  }

  /** The last item, when the stream is over. */
  done(): Promise<Output> {
    this.#awaited = true;
    this.#room();
    return this.#done.then((last) => last);
  }

  /** Stops the stream, and the model with it. */
  abort(reason?: unknown): void {
    if (!this.#over) this.#abort.abort(reason);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  on<Type extends keyof StreamEvents<Output>>(type: Type, listener: (value: StreamEvents<Output>[Type]) => void): void {
    this.#listeners[type].push(listener);
    this.#room();
  }

  [Symbol.asyncIterator](): AsyncIterator<Output> {
    let told = false;
    this.#looped = true;
    this.#room();
    return {
      next: async () => {
        while (this.#taken === this.#items.length && !this.#over) {
          await new Promise<void>((resolve) => this.#waiting.push(resolve));
        }
        if (this.#taken < this.#items.length) return { done: false, value: this.#take() };
        const failure = told ? undefined : this.#failure;
        told = true;
        if (failure) throw failure.error;
        return { done: true, value: undefined };
      },
      return: async () => {
        this.abort();
        return { done: true, value: undefined };
      },
    };
  }

  /** What listeners are still doing. */
  #tell<Type extends keyof StreamEvents<Output>>(type: Type, value: StreamEvents<Output>[Type]): unknown[] {
    return this.#listeners[type].map((listener): unknown => listener(value)).filter(Boolean);
  }

  #push(item: Output): unknown {
    // More of them may have come at once than the one at which the caller left.
    if (this.signal.aborted) return undefined;
    this.#last = item;
    // Whoever listens or waits has had it: all of them, kept for a loop that may never begin, would be without bound.
    if (this.#flows() && this.#items.length >= ROOM) this.#isKept = false;
    if (this.#isKept || this.#looped) this.#items.push(item);
    else this.#items = [];
    this.#wake();
    const works = [...this.#tell("data", item), ...this.#tell("message", item)];
    return works.length ? Promise.all(works) : undefined;
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #take(): Output {
    const item = this.#items[this.#taken] as Output;
    this.#taken += 1;
    if (this.#taken === this.#items.length) {
      [this.#items, this.#taken] = [[], 0];
      this.#room();
    }
    return item;
  }

  /** Whether items are taken as they come: by a caller who listens, or waits for the end, and does not loop. */
  #flows(): boolean {
    const { data, message } = this.#listeners;
    return !this.#looped && (this.#awaited || data.length + message.length > 0);
  }

  /** Whether the items that wait are enough. */
  #isFull(): boolean {
    return !this.#flows() && this.#items.length - this.#taken >= ROOM;
  }

  #end(): unknown {
    this.#over = true;
    this.#wake();
    this.#room();
    if (!this.#failure) {
      const works = this.#tell("done", this.#last as Output);
      // A listener may wait for this very end: one that fails later than at once is an app's own unhandled error.
      let isLate = false;
      const all = Promise.all(works).catch((error: unknown) => {
        if (isLate) Promise.reject(error);
        throw error;
      });
      return works.length ? Promise.race([all, afterMicrotasks().then(() => (isLate = true))]) : undefined;
    }
    const { error, data, message, done } = this.#listeners;
    this.#tell("error", this.#failure.error);
    // Somebody follows the stream, and nobody would hear of this. A loop may still begin, and hears of it then.
    const isHeard = this.#looped || this.#awaited || error.length > 0;
    if (!isHeard && data.length + message.length + done.length > 0) Promise.reject(this.#failure.error);
    return undefined;
  }
}
