/** What a proxy says of servers that do not answer, in whatever runtime this is started with: as one line of JSON. */

import { createServer } from "node:net";

import { createFalProxy } from "../../dist/edge/proxy.js";

/** @param {(socket: import("node:net").Socket) => void} welcome @returns {Promise<{ port: number, close: () => Promise<void> }>} */
const listen = (welcome) =>
  new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      welcome(socket);
    }).listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      resolve({ port, close: () => new Promise((done) => server.close(() => done(undefined))) });
    });
  });

const nobody = await listen(() => {});
await nobody.close();
const hasty = await listen((socket) => void socket.destroy());
const listening = await listen((socket) => void socket.once("data", () => socket.destroy()));

/** @param {string} url */
async function codeAt(url) {
  const proxy = createFalProxy({
    authenticate: () => ({ id: "ann" }),
    allowedEndpoints: ["emulator/*"],
    credentials: "id:secret",
    onError: () => {},
    fetch: (_, init) => fetch(url, init),
  });
  const answer = await proxy(
    new Request("https://app.example/api/fal/proxy", {
      method: "POST",
      headers: { "content-type": "application/json", "x-fal-target-url": "https://fal.run/emulator/echo" },
      body: "{}",
    }),
  );
  return (await answer.json()).error.code;
}

const said = {
  "nobody listens": await codeAt(`http://127.0.0.1:${nobody.port}/`),
  "nobody listens, over TLS": await codeAt(`https://127.0.0.1:${nobody.port}/`),
  "hangs up at once": await codeAt(`http://127.0.0.1:${hasty.port}/`),
  "hangs up after the request": await codeAt(`http://127.0.0.1:${listening.port}/`),
  "hangs up in the handshake": await codeAt(`https://127.0.0.1:${listening.port}/`),
};
console.log(JSON.stringify(said));
process.exit(0);
