/** `fal-wasm/opentelemetry`. */

export { type TraceOptions, traced } from "../../observe/opentelemetry.ts";
