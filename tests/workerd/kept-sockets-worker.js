/** Sockets that a worker keeps between requests, as programs for Node do. */

import { createFalClient } from "fal-wasm";

/** @type {any} */
let fal;
/** @type {any} */
let socket;

export default {
  /** @param {Request} request @param {any} env */
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    fal ??= createFalClient({ env });
    try {
      if (pathname === "/ws") {
        socket ??= fal.ws.connect("emulator/echo");
        const { data } = await socket.request({ hello: 1 });
        return Response.json({ data });
      }
      const told = await new Promise((onResult, onError) =>
        fal.realtime
          .connect("emulator/echo", { connectionKey: "kept", throttleInterval: 0, onResult, onError })
          .send({ hello: 1 }),
      );
      return Response.json({ data: told });
    } catch (/** @type {any} */ error) {
      return Response.json({ code: error?.code, message: error?.message, cause: String(error?.cause) });
    }
  },
};
