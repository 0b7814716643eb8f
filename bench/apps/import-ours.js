/** The smallest app that calls a model. */

import { createFalClient } from "fal-wasm";

import { appOf } from "./import.js";

export const go = appOf(createFalClient);
