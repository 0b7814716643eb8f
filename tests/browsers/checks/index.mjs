/** What holds in a page of any browser. Each check has a site of `tests/chromium/site` open in it. */

import { client } from "./client.mjs";
import { realtime } from "./realtime.mjs";
import { refusals } from "./refusals.mjs";
import { seams } from "./seams.mjs";
import { uploads } from "./uploads.mjs";

/**
 * @typedef {object} Site
 * @property {Awaited<ReturnType<typeof import("../../../scripts/lib/emulator.mjs").startEmulator>>} emulator
 * @property {(work: (argument: any) => any, argument?: any) => Promise<any>} call Runs a function in the page.
 * @property {(module: string, name: string, argument?: any) => Promise<any>} inPage Calls a function of a module of the site, in the page.
 *
 * @typedef {(site: Site) => Promise<void>} Check
 */

/** @type {Record<string, Check>} */
export const checks = { ...refusals, ...client, ...seams, ...uploads, ...realtime };
