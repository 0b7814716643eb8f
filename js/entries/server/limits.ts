/** `fal-wasm/limits`: where limits are counted. */

export { FalLimits, durableLimits } from "../../limits/durable.ts";
export { memoryLimits } from "../../limits/memory.ts";
export { redisLimits } from "../../limits/redis.ts";
export { resumeRuns, stopRuns } from "../../limits/switch.ts";
export type * from "../../limits/types.ts";
