import { recorded } from "../recorded.js";

const proxy = recorded();

export const loader = ({ request }) => proxy(request);
export const action = loader;
