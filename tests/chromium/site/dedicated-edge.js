/** The edge build in a dedicated worker. */
import { tryEdge } from "./edge-refusals.js";

postMessage(await tryEdge());
