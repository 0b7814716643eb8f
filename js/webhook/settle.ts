/** A webhook says that a job is over: its place among the jobs of its visitor is free. */

import { storeIn } from "../limits/ask-store.ts";
import type { WebhookEvent, WebhookHandlerOptions } from "./types.ts";

/**
 * Gives the place of a job back. What the job cost a webhook does not say: its money stays reserved until its result passes
 * the proxy, or the proxy asks fal for it, which it does before it refuses anybody for want of money.
 */
export async function releasePlace(
  limits: NonNullable<WebhookHandlerOptions["limits"]>,
  event: WebhookEvent,
  request: Request,
  env: unknown,
): Promise<void> {
  const account = await limits.account(event, request, env);
  if (account === undefined) return;
  if (typeof account !== "string" || account === "") {
    throw new TypeError("`limits.account` must return the id that `authenticate` of the proxy gave, or undefined.");
  }
  await storeIn(limits, env).settle(account, { job: event.request_id, outcome: "released" });
}
