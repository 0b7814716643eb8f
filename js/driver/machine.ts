/** Runs a machine of the core: tells it what happened, one thing after the other, and does what it asks for. */

import { callCore } from "../core/call-core.ts";
import { enterState, readRows } from "../core/memory.ts";
import { openOperation, type OperationOptions } from "./open.ts";

/** Milliseconds since some moment; never runs backwards. */
export const now = () => performance.now();

/** The longest time a timer takes; one that is longer ends at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Something that takes time: a request, a wait. */
interface UnderWay {
  stop(): void;
}

/** Who does what a machine asks for, by the kind of the effect. */
export type Performers<Effect extends { kind: number }> = {
  [Kind in Effect["kind"]]: (effect: Extract<Effect, { kind: Kind }>) => unknown;
};

/** What a machine belongs to. */
interface Owner<Effect extends { kind: number }> {
  performers(): Performers<Effect>;
  /** The core is lost, and the machine with it. */
  lost(error: unknown): void;
}

/** Opens a machine; throws what is wrong with its options. `fields` are those of its effects. */
export function openMachine<Effect extends { kind: number }, Work extends UnderWay = UnderWay>(
  options: OperationOptions,
  fields: readonly string[],
  { performers, lost }: Owner<Effect>,
) {
  const { state, texts } = callCore(() => openOperation(options));
  /** By the tokens that the machine has for them. */
  const underWay = new Map<number, Work>();
  /** What happened and is not told yet: a callback may do something while something is being told. */
  const events: (() => void)[] = [];
  let isBusy = false;
  let isOver = false;

  /** Returns what was under way, which it is no more. */
  const take = (token: number) => {
    const work = underWay.get(token);
    underWay.delete(token);
    return work;
  };

  /** Ends it. Returns whether it was over before. */
  const end = () => {
    const wasOver = isOver;
    isOver = true;
    for (const { stop } of underWay.values()) stop();
    underWay.clear();
    return wasOver;
  };

  const tell = (event: () => void, isUrgent = false) => {
    isUrgent ? events.unshift(event) : events.push(event);
    if (isBusy) return;
    isBusy = true;
    try {
      for (let next; !isOver && (next = events.shift());) next();
    } catch (error) {
      lost(error);
    }
    isBusy = false;
  };

  return {
    texts,
    underWay,
    take,
    end,
    /** Has an event told when its turn comes, which is at once for one that is urgent. */
    tell,
    /** Tells one: `told` calls the core, and returns how many effects there are. */
    advance(told: () => number) {
      const effects = callCore(() => {
        enterState(state);
        return readRows<Effect>(told(), fields);
      });
      for (const effect of effects) if (!isOver) (performers() as any)[effect.kind](effect);
    },
    /** Has `fired` called after a time, unless it is stopped before. */
    sleep({ token, duration }: { token: number; duration: number }, fired: () => void) {
      const fire = () => take(token) && tell(fired);
      const timer = setTimeout(fire, Math.min(duration, LONGEST_TIMER));
      underWay.set(token, { stop: () => clearTimeout(timer) } as Work);
    },
  };
}
