/** A real Firefox, by WebDriver BiDi: the one that is installed, as it is. */

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { WebSocket } from "ws";

import { firefox } from "../../../scripts/lib/setup.mjs";
import { drop, freshFolder, startProgram } from "./program.mjs";

/** It is not to do anything of its own accord. (Told so by a remote, it does most of this by itself.) */
const PREFERENCES = {
  "app.normandy.enabled": false,
  "app.update.auto": false,
  "app.update.enabled": false,
  "browser.newtabpage.enabled": false,
  "browser.region.network.url": "",
  "browser.safebrowsing.downloads.remote.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.search.update": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "captivedetect.canonicalURL": "",
  "datareporting.healthreport.uploadEnabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.push.connection.enabled": false,
  "extensions.getAddons.cache.enabled": false,
  "extensions.update.enabled": false,
  "media.gmp-manager.updateEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.dns.disablePrefetch": true,
  "network.prefetch-next": false,
  "services.settings.server": "data:,",
  "signon.autofillForms": false,
  "toolkit.telemetry.enabled": false,
  "toolkit.telemetry.server": "",
};

/** @param {{ preferences?: Record<string, unknown> }} [options] @returns {Promise<import("./index.mjs").Browser>} */
export async function openFirefox({ preferences = {} } = {}) {
  const profile = freshFolder();
  const lines = Object.entries({ ...PREFERENCES, ...preferences }).map(
    (pair) => `user_pref(${pair.map((it) => JSON.stringify(it)).join(", ")});`,
  );
  writeFileSync(join(profile, "user.js"), lines.join("\n"));
  const program = await startProgram(
    await firefox(),
    ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank"],
    { ready: /WebDriver BiDi listening on (ws:\S+)/ },
  );
  const remote = await connected(`${program.said}/session`);
  await remote.say("session.new", { capabilities: {} });
  const { contexts } = await remote.say("browsingContext.getTree", {});
  const { context } = contexts[0];
  return {
    goto: (url) => remote.say("browsingContext.navigate", { context, url, wait: "complete" }),
    async call(work, argument) {
      const expression = `(async () => JSON.stringify(await (${work})(${JSON.stringify(argument)})))()`;
      const told = await remote.say("script.evaluate", { expression, target: { context }, awaitPromise: true });
      if (told.type === "exception") throw new Error(told.exceptionDetails.text);
      return told.result.type === "undefined" ? undefined : JSON.parse(told.result.value);
    },
    async close() {
      await remote.say("browser.close", {});
      await program.stop();
      drop(profile);
    },
  };
}

/** WebDriver BiDi: a question has a number, and its answer, too. @param {string} url */
async function connected(url) {
  const socket = new WebSocket(url);
  await once(socket, "open");
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  const waiting = new Map();
  socket.on("message", (data) => {
    const { id, type, result, message } = JSON.parse(String(data));
    const asked = waiting.get(id);
    waiting.delete(id);
    if (type === "error") asked?.reject(new Error(message));
    else asked?.resolve(result);
  });
  socket.on("close", () => {
    for (const { reject } of waiting.values()) reject(new Error("Firefox has ended."));
  });
  let last = 0;
  return {
    /** @param {string} method @param {object} params @returns {Promise<any>} */
    say(method, params) {
      const id = ++last;
      socket.send(JSON.stringify({ id, method, params }));
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    },
  };
}
