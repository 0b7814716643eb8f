import vue from "@vitejs/plugin-vue";
import { createFalProxy } from "fal-wasm/proxy";
import { toNodeHandler } from "fal-wasm/proxy/node";
import { defineConfig } from "vite";

// Vite serves this machine only. Where the app is deployed, its server is one of the other examples, with your sign-in.
const proxy = createFalProxy({ authenticate: () => ({ id: "me" }), allowedEndpoints: ["fal-ai/flux/**"] });
const serve = ({ middlewares }) => void middlewares.use("/api/fal/proxy", toNodeHandler(proxy));

export default defineConfig({
  plugins: [vue(), { name: "fal-proxy", configureServer: serve, configurePreviewServer: serve }],
});
