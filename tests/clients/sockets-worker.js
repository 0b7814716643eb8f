/** The emulator's WebSockets from inside workerd, by both of its ways to open one. */

/** @param {WebSocket} socket @param {string} message @returns {Promise<string>} */
const ask = (socket, message) =>
  new Promise((resolve, reject) => {
    socket.addEventListener("message", ({ data }) => resolve(data));
    socket.addEventListener("close", ({ code }) => reject(new Error(`closed: ${code}`)));
    socket.addEventListener("error", () => reject(new Error("it failed")));
    socket.send(message);
  });

export default {
  /** @param {Request} request @param {{ FAL_KEY: string }} env */
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/constructor") {
      const socket = new WebSocket(`wss://fal.run/emulator/echo/realtime?fal_jwt_token=${searchParams.get("token")}`);
      await new Promise((resolve) => socket.addEventListener("open", resolve));
      return new Response(await ask(socket, '{"by":"token"}'));
    }
    const headers = { upgrade: "websocket", authorization: `Key ${env.FAL_KEY}` };
    const host = pathname === "/http" ? "ws.fal.run/emulator/echo" : "fal.run/emulator/echo/realtime";
    const response = await fetch(`https://${host}`, { headers });
    if (!response.webSocket) return new Response(`refused: ${response.status}`);
    response.webSocket.accept();
    return new Response(await ask(response.webSocket, '{"by":"key"}'));
  },
};
