/**
 * A timer for waits that follow each other. Setting and clearing one takes a worker longer than reading a header, so the next
 * wait takes over the timer of the last, if that rings early enough. It is then set again for the rest.
 */
export class Timer {
  #handle: ReturnType<typeof setTimeout> | undefined;
  #rings = Infinity;
  #due = Infinity;
  #work: (() => void) | undefined;

  /** Does something so many milliseconds from now, and nothing that was to be done before. */
  set(work: () => void, ms: number): void {
    this.#work = work;
    this.#due = performance.now() + ms;
    if (this.#rings > this.#due) this.#start(ms);
  }

  /** Does nothing of what was to be done. The timer stays for the next wait. */
  pause(): void {
    this.#work = undefined;
  }

  /** No other wait follows. */
  end(): void {
    this.pause();
    clearTimeout(this.#handle);
    this.#rings = Infinity;
  }

  #start(ms: number): void {
    clearTimeout(this.#handle);
    this.#rings = this.#due;
    this.#handle = setTimeout(() => this.#ring(), ms);
  }

  #ring(): void {
    const isDue = this.#rings === this.#due;
    this.#rings = Infinity;
    const work = this.#work;
    if (work && !isDue) this.#start(Math.max(0, this.#due - performance.now()));
    else work?.();
  }
}
