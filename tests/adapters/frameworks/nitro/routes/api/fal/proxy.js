import { defineHandler } from "nitro/h3";

import { recorded } from "../../../recorded.js";

const proxy = recorded();

export default defineHandler((event) => proxy(event.req));
