/** Where limits are counted. */

export { FalLimits, durableLimits } from "./limits-durable.js";
export { memoryLimits } from "./limits-memory.js";
export { redisLimits } from "./limits-redis.js";
