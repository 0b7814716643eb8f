/** Saying what became of a call, when its answer is there, or when fal is asked about it. */

import { limitOutcome } from "#core";
import { RouteKind } from "../core/wire.ts";
import type { BodyEnd } from "../io/pipe.ts";
import { readAtMost } from "../io/read-at-most.ts";
import { OUTCOMES } from "./account.ts";
import { TOTAL, inTime, storeOf } from "./ask-store.ts";
import type { LimitedCall, Reserved } from "./limited-call.ts";
import { keepable } from "./once.ts";
import type { KeptAnswer, LimitedJob, Limits, Settled, Settlement } from "./types.ts";

/** How much of an answer is kept for its idempotency key. */
const MAX_KEPT_BYTES = 64 * 1024;
/** More than fal says about where a job is. */
const MAX_STATUS_BYTES = 64 * 1024;

/** Stores count in millionths. */
export const MILLION = 1_000_000;

/** Where nothing is counted. */
export const UNCOUNTED: Reserved = { answered: () => {}, began: async () => {}, failed: () => {} };

/** What was taken: the ticket, and what else has to be known of it when it is over. */
export type Ticket = Pick<Settlement, "ticket" | "once" | "total">;

/** Tells a person's account, and then that of the app when it was counted there as something else. */
export async function settle(limits: Limits, call: LimitedCall, settlement: Settlement): Promise<Settled> {
  const store = storeOf(limits, call);
  if (!store) return {};
  const settled = await inTime(() => store.settle(call.principal.id, settlement));
  const { reserved, cost, total: at } = settled;
  if (!limits.total || at === undefined || reserved === undefined || cost === undefined || reserved === cost)
    return settled;
  await inTime(async () => store.correct?.(TOTAL, { at, reserved, cost }));
  return settled;
}

/** Settles a call, and notes what it came to. */
async function settleCall(limits: Limits, call: LimitedCall, settlement: Settlement): Promise<void> {
  const { facts } = call;
  const { reserved, cost } = await settle(limits, call, settlement);
  if (!limits.spending || reserved === undefined) return;
  facts.reserved ??= reserved / MILLION;
  // Else it is what is counted for now.
  const isOver = settlement.outcome === "charged" || settlement.outcome === "free";
  if (isOver && cost !== undefined) facts.cost = cost / MILLION;
}

/** A call for which something was reserved. */
export function ofTicket(limits: Limits, call: LimitedCall, taken: Ticket): Reserved {
  let isSettled = false;
  const atEnd = (said: Said, answer?: (end: BodyEnd) => KeptAnswer | undefined) => {
    if (isSettled) return;
    isSettled = true;
    // A place whose end nobody sees is taken until its time is over.
    const isUnseen = call.placeMs !== undefined && said.outcome === "charged";
    if (isUnseen) said = { outcome: "lost" };
    call.endings.push((end) => {
      const kept = said.outcome === "lost" ? undefined : answer?.(end);
      return settleCall(limits, call, { ...taken, ...said, ...(kept && { answer: kept }) });
    });
  };
  if (taken.once !== undefined) call.keep = MAX_KEPT_BYTES;
  return {
    answered(status, headers) {
      const said = outcomeOf(call, status, headers);
      if (said) atEnd(said, ({ kept }) => (kept ? keepable(status, headers, kept) : undefined));
    },
    async began(id, { status, headers }, bytes) {
      isSettled = true;
      // The answer to a submit is worth more to the client than a record about it: when the store fails here, a place
      // stays taken until the lease ends.
      const { app } = call;
      const became = app && id ? { became: { app, id } } : {};
      const answer = keepable(status, headers, bytes);
      await settleCall(limits, call, { ...taken, outcome: "began", ...became, answer }).catch((error: unknown) =>
        call.report(error, "store"),
      );
    },
    failed(wasSent) {
      const said = outcomeOf(call, 0, undefined, wasSent);
      if (said) atEnd(said);
    },
  };
}

/** A call about a job that was begun before. */
export const ofJob = (limits: Limits, call: LimitedCall): Reserved => ({
  ...UNCOUNTED,
  answered(status, headers) {
    const said = outcomeOf(call, status, headers);
    const job = call.facts.requestId;
    if (said && job) call.endings.push(() => settleCall(limits, call, { job, ...said }));
  },
});

/** Asks fal where a job is, and what it came to when it is over; what it says is settled. */
export async function settleByAsking(limits: Limits, call: LimitedCall, job: LimitedJob): Promise<void> {
  try {
    const status = await call.ask(job, "status");
    if (!status) return;
    if (status.status === 404 || status.status === 410) {
      void status.body?.cancel().catch(() => {});
      return void (await settle(limits, call, { job: job.id, outcome: "charged" }));
    }
    const body = status.ok ? await readAtMost(status.body, MAX_STATUS_BYTES) : undefined;
    if (!body || JSON.parse(new TextDecoder().decode(body)).status !== "COMPLETED") return;
    const result = limits.spending && (await call.ask(job, "result"));
    void result?.body?.cancel().catch(() => {});
    const said = result && outcomeOf({ routeKind: RouteKind.Result }, result.status, result.headers);
    await settle(limits, call, { job: job.id, ...(said ?? { outcome: "released" }) });
  } catch (error) {
    // Then the job counts as it did.
    call.report(error, "store");
  }
}

/** What an answer says became of what was reserved. */
type Said = Pick<Settlement, "outcome" | "units">;

const NAMES = new Map(Object.entries(OUTCOMES).map(([name, number]) => [number, name as Settlement["outcome"]]));

/** What an answer means for what was reserved; undefined when that is nothing. The status is 0 when none came. */
function outcomeOf(
  { routeKind }: Pick<LimitedCall, "routeKind">,
  status: number,
  headers?: Headers,
  wasSent = true,
): Said | undefined {
  const units = unitsIn(headers);
  // What fal itself answers with: a gateway on the way names nothing.
  const isNamed = headers !== undefined && (headers.has("x-fal-error-type") || headers.has("x-fal-retryable"));
  const isLater = headers?.has("retry-after") ?? false;
  const outcome = NAMES.get(limitOutcome(routeKind, status, units ?? NaN, isNamed, isLater, wasSent));
  return outcome && { outcome, ...(outcome === "charged" && units !== undefined && { units }) };
}

/** How many units fal bills, if it says so. */
function unitsIn(headers?: Headers): number | undefined {
  const text = headers?.get("x-fal-billable-units") ?? "";
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
