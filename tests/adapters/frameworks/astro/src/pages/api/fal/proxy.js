import { recorded } from "../../../../recorded.js";

const proxy = recorded();

export const ALL = ({ request }) => proxy(request);
