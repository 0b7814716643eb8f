import express from "express";
import { createFalProxy } from "fal-wasm/proxy";
import { toNodeHandler } from "fal-wasm/proxy/node";

const { APP_PASSWORD, PORT = "3000" } = process.env;
const app = express();

// Your own sign-in goes here. This one lets in who knows APP_PASSWORD, and nobody as long as there is none.
app.use((req, _res, next) => {
  const knows = APP_PASSWORD && req.headers.authorization === `Basic ${btoa(`app:${APP_PASSWORD}`)}`;
  if (knows) req.user = { id: "app" };
  next();
});

const proxy = createFalProxy({
  authenticate: (_request, _env, { req }) => req.user,
  allowedEndpoints: ["fal-ai/flux/**"],
});
app.all("/api/fal/proxy", toNodeHandler(proxy));

const server = app.listen(PORT, () => console.log(`http://localhost:${server.address().port}`));
