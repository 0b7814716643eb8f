import { toNodeHandler } from "fal-wasm/proxy/node";

import { recorded } from "../../recorded.js";

export default toNodeHandler(recorded());

export const config = { api: { bodyParser: false } };
