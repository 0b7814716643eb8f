import { route } from "@react-router/dev/routes";

export default [route("api/fal/proxy", "proxy.js")];
