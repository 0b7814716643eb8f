/** `fal-wasm/opentelemetry`: a span for each request, and W3C trace context through the proxy. */

import { SpanKind, SpanStatusCode, context, metrics, propagation, trace } from "@opentelemetry/api";

import type { Config } from "../client/config.ts";
import { refuseUnknown } from "../client/nearest-name.ts";
import { named } from "./describe.ts";
import { around, timed } from "./observe.ts";

/** What is traced. */
export interface TraceOptions {
  /**
   * Whether `traceparent` and its like go along: to your proxy, which may go on with the trace, or also to fal.
   *
   * @default "proxy"
   */
  readonly propagate?: "proxy" | "always" | "never";
}

/**
 * A configuration whose requests are spans below the one that is active, and counted in the histogram
 * `http.client.request.duration`. Names and attributes are OpenTelemetry's for HTTP; no key, no input and no query is among them.
 *
 * ```ts
 * const fal = createFalClient(traced({ env }));
 * ```
 */
export function traced(config: Config, options: TraceOptions = {}): Config {
  refuseUnknown("traced", options, ["propagate"]);
  const { propagate = "proxy" } = options;
  if (!["proxy", "always", "never"].includes(propagate))
    throw new TypeError('`propagate` takes "proxy", "always" or "never".');
  const tracer = trace.getTracer("fal-wasm", "__VERSION__");
  const durations = metrics
    .getMeter("fal-wasm", "__VERSION__")
    .createHistogram("http.client.request.duration", { unit: "s", description: "Until the answer begins." });
  const watched = around(config, (request, failed, { headers }, send) => {
    const { method, host, operation, endpoint, requestId, attempt } = request;
    const attributes = { "http.request.method": method, "server.address": host, "fal.operation": operation };
    const span = tracer.startSpan(named({ ...request, requestId: undefined }), {
      kind: SpanKind.CLIENT,
      attributes: {
        ...attributes,
        ...(endpoint && { "fal.endpoint": endpoint }),
        ...(requestId && { "fal.request_id": requestId }),
        ...(failed && { "http.request.resend_count": attempt - 1 }),
      },
    });
    const active = trace.setSpan(context.active(), span);
    const carrier: Record<string, string> = {};
    if (propagate === "always" || (propagate === "proxy" && request.isProxied)) propagation.inject(active, carrier);
    return context.with(active, () =>
      timed(
        request,
        () => send({ ...headers, ...carrier }),
        (response) => {
          watched.ended(response);
          const { status, error, ms, answeredId } = response;
          const outcome = {
            ...(status && { "http.response.status_code": status }),
            ...((error || Number(status) >= 400) && { "error.type": error ?? String(status) }),
          };
          span.setAttributes({ ...outcome, ...(answeredId && { "fal.request_id": answeredId }) });
          if (outcome["error.type"]) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
          durations.record(ms / 1000, { ...attributes, ...outcome });
        },
      ),
    );
  });
  return watched.config;
}
