/** Every browser there is, each a real one, spoken to in one way. */

import { openChromium } from "./chromium.mjs";
import { openFirefox } from "./firefox.mjs";
import { openWebKit } from "./webkit.mjs";

/**
 * @typedef {object} Browser
 * @property {(url: string) => Promise<void>} goto
 * @property {(work: (argument: any) => any, argument?: any) => Promise<any>} call Runs a function in the page. What goes in
 *   and comes out is JSON.
 * @property {() => Promise<void>} close
 */

/** How each is opened. Throws a `UserError` where it cannot be had. @type {Record<string, () => Promise<Browser>>} */
export const browsers = { Chromium: openChromium, Firefox: openFirefox, WebKitGTK: openWebKit };
