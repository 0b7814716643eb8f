/** The refusals in a dedicated worker. */
import { tryEverything } from "./refusals.js";

postMessage(await tryEverything());
