/**
 * Drives a machine of the core that does one thing at a time: performs what it wants, tells it what came of that, and ends
 * with what nobody has to perform.
 */

/** What a machine is driven by. `Step` is what it wants, with all that belongs to it. */
export interface Driven<Step, Event> {
  /** Tells the machine what happened; what it wants next. */
  next(event: Event): Step;
  /** Does what it wants, and says what came of it; undefined when it is the end. */
  perform(step: Step): Promise<Event | undefined>;
  /** What is told when that throws. */
  failed(error: unknown, step: Step): Event;
}

/** Drives a machine from a first event to its end. Rejects with nothing but what `failed` and `next` throw. */
export async function drive<Step, Event>(first: Event, { next, perform, failed }: Driven<Step, Event>): Promise<Step> {
  let step = next(first);
  for (;;) {
    let event: Event | undefined;
    try {
      event = await perform(step);
    } catch (error) {
      event = failed(error, step);
    }
    if (event === undefined) return step;
    step = next(event);
  }
}
