import { fal } from "../fal.js"; // createFalClient({ proxyUrl: "/api/fal/proxy" })
import { wma } from "../fal-wasm/realtime/wma.js";

/** Opens a world. It is paid for by the second, until `close`; the proxy ends it after a minute. @param {any} handlers */
export const enter = (handlers) => fal.realtime.open(wma("emulator/world"), { receive: ["video"], ...handlers });

// const session = enter({ onMedia: (stream) => (video.srcObject = stream), onState: show, onError: show });
// session.send({ type: "keys", pressed: ["w"] });
// await session.close();
