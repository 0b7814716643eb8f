import { createFalClient } from "fal-wasm";

/** It holds no key: the proxy does. */
export const fal = createFalClient({ proxyUrl: "/api/fal/proxy" });
