/** What is asked of the edge runtime of Vercel and Next.js. */

import { createFalProxy } from "fal-wasm/proxy";

import suite from "../data/proxy-vectors.json";
import { decideAll } from "../lib/vectors.mjs";

export const problems = () => decideAll(createFalProxy, suite);
export const runtime = () => /** @type {any} */ (globalThis).EdgeRuntime;
