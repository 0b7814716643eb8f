import { told } from "./work.js";

addEventListener("message", async ({ data }) => parent.postMessage(await told(data), "*"));
