/** A call to a model, to what it has begun, or for a place for a file: on its way in, to fal, and back. */

import type { UpstreamRequest } from "#core";
import { callCore } from "../core/call-core.ts";
import { AdmissionEventKind } from "../core/wire.ts";
import { UNCOUNTED } from "../limits/settle.ts";
import type { Way } from "./admit.ts";
import { MAX_BODY_BYTES, MAX_INPUT_BYTES, type RequestBody, readBody } from "./body.ts";
import type { ProxyCall } from "./call.ts";
import { machineOf } from "./call-machine.ts";
import { checkGrant } from "./check-grant.ts";
import { enforce } from "./input-rules.ts";
import { checkOwnership, signingKey } from "./ownership.ts";
import { BODY_TOO_LARGE, Refusal } from "./refusals.ts";
import { reserve } from "./reserve.ts";
import { passResponse } from "./response.ts";
import { CANCEL, STATUS, STREAM, UPLOAD } from "./route-kind.ts";
import { MAX_DESCRIPTION_BYTES, described, typesOf } from "./uploads.ts";
import { sendUpstream } from "./upstream.ts";
import { isWatching } from "./watch.ts";
import { webhookFor } from "./webhook-url.ts";

/** A call to a model. */
export function modelCall(call: ProxyCall, upstream: UpstreamRequest, routed: string): Way {
  const { head, facts, proxy, routeKind } = call;
  const { maxBodyBytes = MAX_BODY_BYTES, limits } = proxy.options;
  const { maxInputBytes = Math.min(MAX_INPUT_BYTES, maxBodyBytes) } = proxy.options;
  const { endpoint } = facts;
  const types = routeKind === UPLOAD ? typesOf(proxy.options) : undefined;
  let url = routed;
  let rules = proxy.inputRules(endpoint, routeKind === STREAM);
  let body: RequestBody | undefined;
  let reserved = UNCOUNTED;
  /** Whether all of the body has to be there: it is judged, or kept in mind with its idempotency key. */
  const isWhole = () => rules.length > 0 || (limits !== undefined && head.headers.has("idempotency-key"));
  return {
    goes: AdmissionEventKind.GoesToModel,
    route: routeKind,
    ownership: () => checkOwnership(call, upstream),
    async grant() {
      if (endpoint !== undefined) await checkGrant(call, [endpoint]);
      if (call.grantRules) rules = [...rules, ...call.grantRules];
    },
    async signingKey() {
      call.signingKey = await signingKey(call);
    },
    readBody() {
      call.isBodyPassedOn = true;
      if (head.method !== "POST") return undefined;
      const max = isWhole() && !isWatching(call) ? maxInputBytes : maxBodyBytes;
      const reading = types ? readBody(call, MAX_DESCRIPTION_BYTES, true) : readBody(call, max, isWhole());
      return reading.then((read) => void (body = read));
    },
    judgeInput() {
      if (types && body) body = described(body, types);
      const { bytes } = body ?? {};
      if (!bytes || types) return;
      if (isWhole() && bytes.byteLength > maxInputBytes) throw new Refusal(BODY_TOO_LARGE);
      if (rules.length > 0) body = enforce(rules, bytes) ?? body;
    },
    async webhook() {
      const webhook = await webhookFor(call);
      if (!webhook) return;
      upstream.setWebhook(webhook);
      url = callCore(() => upstream.url());
    },
    async reserve() {
      reserved = await reserve(call, body);
    },
    async pass() {
      const machine = machineOf(routeKind, body?.stream === undefined, limits !== undefined);
      if (routeKind === CANCEL) proxy.statuses?.clear();
      const statuses = routeKind === STATUS ? proxy.statuses : undefined;
      let response = reserved.replay ?? statuses?.find(url);
      try {
        if (response) machine.answered(response);
        else {
          response = await sendUpstream(call, machine, upstream, body, url);
          statuses?.keep(call, url, response);
        }
        return await passResponse(call, machine, upstream, response, reserved);
      } catch (error) {
        machine.failed(error);
        throw error;
      } finally {
        reserved.ends(machine.outcome, response);
      }
    },
    free: () => upstream.free(),
  };
}
