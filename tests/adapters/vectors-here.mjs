/** Every vector of the proxy, in whatever runtime this is started with: as it is, and behind `node:http`. */

import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import { createFalProxy } from "../../dist/edge/proxy.js";
import { toNodeHandler } from "../../dist/edge/node.js";
import { door, listening } from "../lib/doors.mjs";
import { decideAll } from "../lib/vectors.mjs";

const suite = JSON.parse(readFileSync(new URL("../data/proxy-vectors.json", import.meta.url), "utf8"));

/** @type {import("../lib/vectors.mjs").Proxy} */
let current;
const server = createServer(toNodeHandler((request) => current(request)));
const send = door(await listening(server));
const asIs = await decideAll(createFalProxy, suite);
const behindNode = await decideAll(createFalProxy, suite, (proxy) => {
  current = proxy;
  return send;
});
console.log(JSON.stringify({ decided: suite.vectors.length, asIs, behindNode }));
process.exit(0);
