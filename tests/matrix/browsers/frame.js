import { told } from "./work.js";

addEventListener("message", async ({ data, source }) => source.postMessage(await told(data), "*"));
