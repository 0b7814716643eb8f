/** The smallest app that calls a model. */

import { createFalClient } from "@fal-ai/client";

import { appOf } from "./import.js";

export const go = appOf(createFalClient);
