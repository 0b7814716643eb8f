import { recorded } from "../../recorded.js";

const proxy = recorded();

export { proxy as GET, proxy as POST, proxy as PUT, proxy as PATCH, proxy as DELETE, proxy as OPTIONS };
