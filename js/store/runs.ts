/** One call after the other: what begins, what takes whose place, and what it ended with. */

import type { FalError } from "../errors/errors.ts";
import type { CallStatus } from "./types.ts";
import type { Watched } from "./watched.ts";

/** What every call shows. */
interface RunState {
  readonly status: CallStatus;
  readonly isPending: boolean;
  readonly error: FalError | undefined;
}

/** Does a call, and changes what is shown of it until it is over. Resolves to what it ended with. */
export type Work<State> = (
  signal: AbortSignal,
  change: (change: Partial<State>, soon?: boolean) => void,
) => Promise<Partial<State>>;

interface Run<State> {
  input: unknown;
  stop: AbortController;
  ended: Promise<State>;
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  Array.isArray(value) || (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === PLAIN);
const PLAIN = Object.prototype;

/** Whether two inputs are the same, by value. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isPlain(one) || !isPlain(other)) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => isSame(one[name], other[name]));
}

export interface Runs<State> {
  /** The call with this input: the one that is under way, or a new one in its place. */
  run(input: unknown, work: Work<State>, first?: Partial<State>): Promise<State>;
  /** The call that is under way. */
  pending(): Promise<State> | undefined;
  cancel(): Promise<State>;
  reset(): void;
}

/**
 * `over` is what no call has any more when it is over; `onEnd` is told of each that is and was not left for another.
 */
export function runs<State extends RunState>(
  idle: State,
  { now, set }: Watched<State>,
  over: Partial<State> = {},
  onEnd?: (outcome: State) => void,
): Runs<State> {
  let current: Run<State> | undefined;
  const isPending = () => current && !current.stop.signal.aborted;

  return {
    run(input, work, first) {
      if (current && isPending() && isSame(current.input, input)) return current.ended;
      current?.stop.abort();
      const stop = new AbortController();
      const { signal } = stop;
      const isCurrent = () => current === mine;
      const end = (outcome: Partial<State>) => {
        const last = { ...(isCurrent() ? now() : idle), ...over, ...outcome, isPending: false };
        if (!isCurrent()) return last;
        current = undefined;
        set(last);
        onEnd?.(last);
        return now();
      };
      const start = async () => work(signal, (change, soon) => isCurrent() && !signal.aborted && set(change, soon));
      const mine: Run<State> = { input, stop, ended: Promise.resolve(idle) };
      current = mine;
      set({ ...idle, status: "sending", isPending: true, ...first });
      mine.ended = start().then(
        (outcome) => end({ ...outcome, status: signal.aborted ? "cancelled" : "completed" } as Partial<State>),
        (error) =>
          end(
            (signal.aborted
              ? { status: "cancelled", cancelled: error?.cancelled }
              : { status: "failed", error }) as Partial<State>,
          ),
      );
      return mine.ended;
    },
    pending: () => (isPending() ? current?.ended : undefined),
    async cancel() {
      if (current && isPending()) {
        current.stop.abort();
        set({ ...over, status: "cancelled", isPending: false } as Partial<State>);
      }
      return current?.ended ?? now();
    },
    reset() {
      current?.stop.abort();
      current = undefined;
      set(idle);
    },
  };
}
