/** A page of `@fal-ai/client`. */

import * as official from "@fal-ai/client";

import { appOf } from "./behind-page.js";

/** Where a page of this client calls fal itself, with a token, it is taken to the emulator. @param {string} emulator */
export const app = (emulator) =>
  appOf(official, undefined, {
    fetch: (/** @type {any} */ input, /** @type {any} */ init) =>
      fetch(String(input).replace(/^https:\/\/([a-z.]*fal\.(?:run|ai))(?=\/)/, `${emulator}/$1`), init),
  });
