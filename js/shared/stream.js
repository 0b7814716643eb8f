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
   * @param {(taker: import("./flow.js").Taker, signal: AbortSignal, onHead: (head: { requestId: string }) => void) => Promise<any>} start
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
  }

  /** The last item, when the stream is over. */
  done() {
    this.#awaited = true;
    this.#room();
    return this.#done;
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
    if (type === "error") this.#settle();
    this.#room();
  }

  /** @returns {AsyncIterator<any>} */
  [Symbol.asyncIterator]() {
    let told = false;
    this.#looped = true;
    this.#settle();
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

  /** What failed is told elsewhere: nobody has to catch the promise of `done`. */
  #settle() {
    this.#done.catch(() => {});
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
    // Whoever listens or waits has had them: all of them, kept for a loop that may never begin, would be without bound.
    if (this.#flows() && this.#items.length >= ROOM) this.#items = [];
    this.#items.push(item);
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
    this.#failure ? this.#tell("error", this.#failure.error) : this.#tell("done", this.#last);
  }
}
