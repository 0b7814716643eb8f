import { told } from "./work.js";

onmessage = async ({ data }) => postMessage(await told(data));
