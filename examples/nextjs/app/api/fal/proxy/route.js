import { createFalProxy } from "fal-wasm/proxy";

import { userOf } from "../../../../user.js";

const proxy = createFalProxy({ authenticate: userOf, allowedEndpoints: ["fal-ai/flux/**"] });

export { proxy as GET, proxy as POST, proxy as PUT };
