/** A real WebKit: WebKitGTK's own small browser, by its WebDriver, on a screen that nobody sees. */

import { webkit } from "../../../scripts/lib/setup.mjs";
import { freePort } from "../doors.mjs";
import { until } from "../expect.mjs";
import { drop, freshFolder, startProgram } from "./program.mjs";

/** Nothing of the desktop, if there is one. */
const ENV = { GDK_BACKEND: "x11", NO_AT_BRIDGE: "1", WEBKIT_DISABLE_DMABUF_RENDERER: "1" };

/** @returns {Promise<import("./index.mjs").Browser>} */
export async function openWebKit() {
  const { driver, screen } = await webkit();
  const home = freshFolder();
  const display = await startProgram(screen, ["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"], {
    // Where there are other screens it complains first.
    ready: /^(\d+)\n/m,
  });
  const port = await freePort();
  const env = { ...ENV, DISPLAY: `:${display.said}`, HOME: home, XDG_DATA_HOME: home, XDG_CACHE_HOME: home };
  const program = await startProgram(driver, [`--port=${port}`], { env });
  const say = speaker(`http://127.0.0.1:${port}`);
  await until(() =>
    say("GET", "/status").then(
      ({ ready }) => ready,
      () => false,
    ),
  );
  const { sessionId } = await say("POST", "/session", { capabilities: {} });
  const session = `/session/${sessionId}`;
  await say("POST", `${session}/timeouts`, { script: 120_000 });
  return {
    goto: (url) => say("POST", `${session}/url`, { url }),
    async call(work, argument) {
      const script = `
        const done = arguments[arguments.length - 1];
        (async () => JSON.stringify([await (${work})(arguments[0])]))().then(
          (told) => done({ told }),
          (error) => done({ error: String(error) }),
        );`;
      const { told, error } = await say("POST", `${session}/execute/async`, { script, args: [argument ?? null] });
      if (error !== undefined) throw new Error(error);
      return JSON.parse(told)[0] ?? undefined;
    },
    async close() {
      await say("DELETE", session);
      await program.stop();
      await display.stop();
      drop(home);
    },
  };
}

/** WebDriver. @param {string} base */
const speaker =
  (base) => async (/** @type {string} */ method, /** @type {string} */ place, /** @type {object} */ body) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(base + place, { method, headers, body: body && JSON.stringify(body) });
    const { value } = /** @type {any} */ (await response.json());
    if (!response.ok) throw new Error(`WebKit's driver: ${value.error}: ${value.message}`);
    return value;
  };
