/** A stream as callers see it: to loop over, to listen to, or to wait for. */

/** Items kept for a loop that is slower than the model. Beyond it nothing more is read until it catches up. */
const ROOM = 1_024;

/** @typedef {"data" | "error" | "done" | "message"} StreamEvent */

/** The answer of a model as it comes; see `FalStream` in the types. */
export class FalStream {
  /** @type {any[]} */
  #items = [];
  /** How many of them were taken. */
  #taken = 0;
  /** @type {any} */
  #last;
  #looped = false;
  /** Whether the items so far are kept, for a loop that may begin. */
  #isKept = true;
  #awaited = false;
  #over = false;
  /** @type {{ error: unknown } | undefined} */
  #failure;
  /** @type {Record<StreamEvent, ((value: any) => void)[]>} */
  #listeners = { data: [], error: [], done: [], message: [] };
  /** Wakes the loops: several may wait, and one may wait several times. @type {(() => void)[]} */
  #waiting = [];
  /** Wakes whoever waits for room. */
  #room = () => {};
  #abort = new AbortController();
  /** @type {Promise<any>} */
  #done;

  /**
   * @param {string} endpointId
   * @param {(taker: import("../io/pump.ts").StreamSink, signal: AbortSignal, onHead: (head: { requestId: string }) => void) => Promise<any>} start
   * @param {AbortSignal} [signal]
   */
  constructor(endpointId, start, signal) {
    this.endpointId = endpointId;
    this.requestId = "";
    const abort = () => this.abort(signal?.reason);
    signal?.aborted ? abort() : signal?.addEventListener("abort", abort);
    const taker = {
      push: (/** @type {any} */ item) => this.#push(item),
      full: () => this.#isFull(),
      room: () => new Promise((/** @type {(value: void) => void} */ resolve) => (this.#room = resolve)),
    };
    this.#done = start(taker, this.signal, ({ requestId }) => (this.requestId = requestId))
      .then(
        () => this.#end(),
        (error) => {
          // Whoever aborts wants what came so far.
          if (!this.signal.aborted) this.#failure = { error };
          this.#end();
        },
      )
      .then(() => {
        signal?.removeEventListener("abort", abort);
        if (this.#failure) throw this.#failure.error;
        return this.#last ?? {};
      });
    // Who waits for it hears of it; a promise that nobody asked for is nobody's mistake.
    this.#done.catch(() => {});
  }

  /** The last item, when the stream is over. */
  done() {
    this.#awaited = true;
    this.#room();
    return this.#done.then((last) => last);
  }

  /** Stops the stream, and the model with it. @param {unknown} [reason] */
  abort(reason) {
    if (!this.#over) this.#abort.abort(reason);
  }

  get signal() {
    return this.#abort.signal;
  }

  /** @param {StreamEvent} type @param {(value: any) => void} listener */
  on(type, listener) {
    this.#listeners[type].push(listener);
    this.#room();
  }

  /** @returns {AsyncIterator<any>} */
  [Symbol.asyncIterator]() {
    let told = false;
    this.#looped = true;
    this.#room();
    return {
      next: async () => {
        while (this.#taken === this.#items.length && !this.#over) {
          await new Promise((/** @type {(value: void) => void} */ resolve) => this.#waiting.push(resolve));
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

  /** @param {StreamEvent} type @param {any} [value] */
  #tell(type, value) {
    for (const listener of this.#listeners[type]) listener(value);
  }

  /** @param {any} item */
  #push(item) {
    // More of them may have come at once than the one at which the caller left.
    if (this.signal.aborted) return;
    this.#last = item;
    // Whoever listens or waits has had it: all of them, kept for a loop that may never begin, would be without bound.
    if (this.#flows() && this.#items.length >= ROOM) this.#isKept = false;
    if (this.#isKept || this.#looped) this.#items.push(item);
    else this.#items = [];
    this.#wake();
    this.#tell("data", item);
    this.#tell("message", item);
  }

  #wake() {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #take() {
    const item = this.#items[this.#taken];
    this.#taken += 1;
    if (this.#taken === this.#items.length) {
      [this.#items, this.#taken] = [[], 0];
      this.#room();
    }
    return item;
  }

  /** Whether items are taken as they come: by a caller who listens, or waits for the end, and does not loop. */
  #flows() {
    const { data, message } = this.#listeners;
    return !this.#looped && (this.#awaited || data.length + message.length > 0);
  }

  /** Whether the items that wait are enough. */
  #isFull() {
    return !this.#flows() && this.#items.length - this.#taken >= ROOM;
  }

  #end() {
    this.#over = true;
    this.#wake();
    this.#room();
    if (!this.#failure) return this.#tell("done", this.#last);
    const { error, data, message, done } = this.#listeners;
    this.#tell("error", this.#failure.error);
    // Somebody follows the stream, and nobody would hear of this. A loop may still begin, and hears of it then.
    const isHeard = this.#looped || this.#awaited || error.length > 0;
    if (!isHeard && data.length + message.length + done.length > 0) Promise.reject(this.#failure.error);
  }
}
