import { recorded } from "../../../../../recorded.js";

const proxy = recorded();

export const fallback = ({ request, platform }) => proxy(request, platform?.env);
