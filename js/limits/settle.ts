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
export const UNCOUNTED: Reserved = { ends: () => {}, began: async () => {}, failed: () => {} };

/** What was taken: the ticket, and what else has to be known of it when it is over. */
export type Ticket = Pick<Settlement, "ticket" | "once" | "total">;

/** Tells a person's account, and then that of the app when it was counted there as something else. */
export async function settle(limits: Limits, call: LimitedCall, settlement: Settlement): Promise<Settled> {
  const store = storeOf(limits, call);
  if (!store) return {};
  const settled = await inTime(() => store.settle(call.principal.id, settlement));
  if (typeof settled !== "object" || settled === null)
    throw new TypeError("`settle` of `limits.store` must answer with an object: { reserved, cost }, or {}.");
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
  const atEnd = (said: Said, answer?: (end: BodyEnd) => KeptAnswer | undefined) =>
    call.endings.push((end) => {
      const kept = said.outcome === "lost" ? undefined : answer?.(end);
      return settleCall(limits, call, { ...taken, ...said, ...(kept && { answer: kept }) });
    });
  // A grant without the client's own key is never asked for its answer.
  if (taken.once !== undefined && call.request.headers.has("idempotency-key")) call.keep = MAX_KEPT_BYTES;
  return {
    ends(outcome, answer) {
      const said = saidOf(outcome, answer?.headers);
      if (said) atEnd(said, ({ kept }) => (answer && kept ? keepable(answer.status, answer.headers, kept) : undefined));
    },
    async began(id, { status, headers }, bytes) {
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
      // A place whose end nobody sees is taken until its time is over.
      if (said) atEnd(call.placeMs !== undefined && said.outcome === "charged" ? { outcome: "lost" } : said);
    },
  };
}

/** A call about a job that was begun before. */
export const ofJob = (limits: Limits, call: LimitedCall): Reserved => ({
  ...UNCOUNTED,
  ends(outcome, answer) {
    const said = saidOf(outcome, answer?.headers);
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

/** What an outcome says; undefined when nothing has changed. */
function saidOf(number: number, headers?: Headers): Said | undefined {
  const outcome = NAMES.get(number);
  const units = outcome === "charged" ? unitsIn(headers) : undefined;
  return outcome && { outcome, ...(units !== undefined && { units }) };
}

/** What an answer means for what was reserved; undefined when that is nothing. The status is 0 when none came. */
function outcomeOf(
  { routeKind }: Pick<LimitedCall, "routeKind">,
  status: number,
  headers?: Headers,
  wasSent = true,
): Said | undefined {
  const { units, isNamed, isLater } = answerMeans(headers);
  return saidOf(limitOutcome(routeKind, status, units, isNamed, isLater, wasSent), headers);
}

/** What an answer says beside its status: the units that fal bills, else `NaN`; whether fal itself names the error; when to come again. */
export const answerMeans = (headers?: Headers): { units: number; isNamed: boolean; isLater: boolean } => ({
  units: unitsIn(headers) ?? NaN,
  // What fal itself answers with: a gateway on the way names nothing.
  isNamed: headers !== undefined && (headers.has("x-fal-error-type") || headers.has("x-fal-retryable")),
  isLater: headers?.has("retry-after") ?? false,
});

/** How many units fal bills, if it says so. */
export function unitsIn(headers?: Headers): number | undefined {
  const text = headers?.get("x-fal-billable-units") ?? "";
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
