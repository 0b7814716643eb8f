/** Middleware, proxies and retries in a page in a real Chromium. */

import { after, before, beforeEach } from "node:test";

import { seams } from "../browsers/checks/seams.mjs";
import { each, openSite } from "./site.mjs";

const site = await openSite("chromium-seams");

before(site.enter);
beforeEach(() => site.emulator.control({ reset: true }));
after(site.close);

each(seams, site);
