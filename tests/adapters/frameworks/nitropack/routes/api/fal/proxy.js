import { toNodeHandler } from "fal-wasm/proxy/node";

import { recorded } from "../../../recorded.js";

export default fromNodeMiddleware(toNodeHandler(recorded()));
