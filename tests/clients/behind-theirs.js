/** A page of ours. */

import * as own from "fal-wasm";

import { appOf } from "./behind-page.js";

/** @param {string} _emulator @param {string} proxyUrl */
export const app = (_emulator, proxyUrl) => appOf(own, proxyUrl);
