/** An app whose worker is our proxy. */

import { createFalProxy } from "fal-wasm/proxy";

export default {
  fetch: createFalProxy({ authenticate: () => ({ id: "visitor" }), allowedEndpoints: ["emulator/*"] }),
};
