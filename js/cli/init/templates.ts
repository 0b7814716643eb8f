/**
 * What `fal-wasm init` writes into an app, by its framework: once, and short. Each is what the README says of that framework;
 * tests build and call every one of them.
 */

export const FRAMEWORKS = ["next", "sveltekit", "vite", "hono", "workers", "express"] as const;
export type Framework = (typeof FRAMEWORKS)[number];

/** What decides how a file is spelled. */
export interface Dialect {
  /** Whether it is TypeScript. */
  typed: boolean;
  /** Whether it is CommonJS, where files say nothing else. */
  commonjs: boolean;
  /** Whether it runs as a worker, whose bindings hold the key. */
  onWorkers: boolean;
  /** Whether there is a configuration of Vite. */
  isConfigured: boolean;
  /** The major version of the framework, as far as that is said; else the newest. */
  major: number;
}

/** Where a proxy is. */
export const PATH = "/api/fal/proxy";
const ENDPOINTS = `allowedEndpoints: ["fal-ai/flux/**"]`;
const WHO = "// Who asks: { id } of whoever is signed in, or null for nobody. Until you say that here,";

/** The client of a page. */
export const CLIENT = `import { createFalClient } from "fal-wasm";

/** It holds no key: the proxy does. */
export const fal = createFalClient({ proxyUrl: "${PATH}" });
`;

const NEXT = `import { createFalProxy } from "fal-wasm/proxy";

const proxy = createFalProxy({
  ${WHO} \`next dev\` alone lets you in.
  authenticate: () => (process.env.NODE_ENV === "development" ? { id: "me" } : null),
  ${ENDPOINTS},
});

export { proxy as GET, proxy as POST, proxy as PUT };
`;

/** Since SvelteKit 3 an app declares what it reads of the environment. */
const declares = ({ major }: Dialect) => major >= 3;

const SVELTEKIT_ENV = `import { defineEnvVars } from "@sveltejs/kit/env";

export const variables = defineEnvVars({
  FAL_KEY: { schema: (key) => key },
  // The emulator's address, while it stands for fal.
  FAL_BASE_URL: { schema: (url) => url },
});
`;

const SVELTEKIT = (dialect: Dialect) => `${
  declares(dialect)
    ? 'import { dev } from "$app/env";\nimport { FAL_BASE_URL, FAL_KEY } from "$app/env/private";'
    : 'import { dev } from "$app/environment";\nimport { env } from "$env/dynamic/private";'
}
import { createFalProxy } from "fal-wasm/proxy";
${dialect.typed ? 'import type { RequestHandler } from "./$types";\n' : ""}
const proxy = createFalProxy({
  ${WHO} \`vite dev\` alone lets you in.
  authenticate: () => (dev ? { id: "me" } : null),
  ${ENDPOINTS},
});

export const fallback${dialect.typed ? ": RequestHandler" : ""} = ({ request }) => proxy(request, ${declares(dialect) ? "{ FAL_KEY, FAL_BASE_URL }" : "env"});
`;

const VITE = ({ typed }: Dialect) => `import { createFalProxy } from "fal-wasm/proxy";
import { toNodeHandler } from "fal-wasm/proxy/node";
import { ${typed ? "type Plugin, type ViteDevServer, " : ""}loadEnv } from "vite";

/** Serves the proxy to this machine, in development. Where the app is deployed its server does, with your sign-in. */
export function falProxy()${typed ? ": Plugin" : ""} {
  const serve = ({ config, middlewares }${typed ? ': Pick<ViteDevServer, "config" | "middlewares">' : ""}) => {
    const env = loadEnv(config.mode, config.envDir, "FAL_");
    const proxy = createFalProxy({ authenticate: () => ({ id: "me" }), ${ENDPOINTS}, env });
    middlewares.use("${PATH}", toNodeHandler(proxy));
  };
  return { name: "fal-proxy", configureServer: serve, configurePreviewServer: serve };
}
`;

const VITE_CONFIG = (dialect: Dialect) => `import { defineConfig } from "vite";
${importOf(`./fal-proxy.${dialect.typed ? "ts" : "js"}`, dialect)}

export default defineConfig({ plugins: [falProxy()] });
`;

const WORKERS = `import { createFalProxy } from "fal-wasm/proxy";

export const falProxy = createFalProxy({
  ${WHO} nobody gets in, except while an emulator of this machine stands for fal.
  authenticate: (_request, env) => (env?.FAL_BASE_URL ? { id: "me" } : null),
  ${ENDPOINTS},
});
`;

const EXPRESS = ({ commonjs }: Dialect) => {
  const [one, other, own] = commonjs
    ? [
        `const { createFalProxy } = require("fal-wasm/proxy");`,
        `const { toNodeHandler } = require("fal-wasm/proxy/node");`,
        "exports.falProxy",
      ]
    : [
        `import { createFalProxy } from "fal-wasm/proxy";`,
        `import { toNodeHandler } from "fal-wasm/proxy/node";`,
        "export const falProxy",
      ];
  return `${one}
${other}

const proxy = createFalProxy({
  ${WHO} nobody gets in
  // but whom your sign-in has put into \`req.user\`.
  authenticate: (_request, _env, { req }) => req.user ?? null,
  ${ENDPOINTS},
});

${own} = toNodeHandler(proxy);
`;
};

/** What a framework wants. */
export interface Template {
  /** Its proxy: the place of the file below the folder of its sources, without its ending. */
  proxy: { file: string; text: (dialect: Dialect) => string };
  /** Another file that it needs: its place, as the proxy's, and what to do where one with that name is there. */
  more?: { file: string; text: (dialect: Dialect) => string | undefined; left?: string };
  /** The place of the client, where the app has a page that is bundled with it. */
  client?: string;
  /** Which file holds what only this machine shall know. */
  env: string;
  /** What is left to do by hand. `from` is how the proxy's file is imported. */
  left: (from: string, dialect: Dialect) => string[];
}

const importOf = (from: string, { commonjs }: Dialect) =>
  commonjs ? `const { falProxy } = require("${from}");` : `import { falProxy } from "${from}";`;

export const TEMPLATES: Record<Framework, Template> = {
  next: {
    proxy: { file: "app/api/fal/proxy/route", text: () => NEXT },
    client: "lib/fal",
    env: ".env.local",
    left: () => [],
  },
  sveltekit: {
    proxy: { file: "routes/api/fal/proxy/+server", text: SVELTEKIT },
    more: {
      file: "env",
      text: (dialect) => (declares(dialect) ? SVELTEKIT_ENV : undefined),
      left: "Declare in src/env: FAL_KEY: { schema: (key) => key }, FAL_BASE_URL: { schema: (url) => url }",
    },
    client: "lib/fal",
    env: ".env.local",
    left: () => [],
  },
  vite: {
    proxy: { file: "fal-proxy", text: VITE },
    more: { file: "vite.config", text: (dialect) => (dialect.isConfigured ? undefined : VITE_CONFIG(dialect)) },
    client: "fal",
    env: ".env.local",
    left: (from, dialect) => [
      ...(dialect.isConfigured
        ? [`In the configuration of Vite: ${importOf(from, dialect)} … plugins: [falProxy(), …]`]
        : []),
      "Where the app is deployed, its server has the proxy: see the README of fal-wasm.",
    ],
  },
  hono: {
    proxy: { file: "fal-proxy", text: () => WORKERS },
    env: ".dev.vars",
    left: (from, dialect) => [
      `In the app: ${importOf(from, dialect)} … app.all("${PATH}", (c) => falProxy(c.req.raw${dialect.onWorkers ? ", c.env, c.executionCtx" : ""}));`,
    ],
  },
  workers: {
    proxy: { file: "fal-proxy", text: () => WORKERS },
    env: ".dev.vars",
    left: (from, dialect) => [
      `In the worker: ${importOf(from, dialect)} … if (new URL(request.url).pathname === "${PATH}") return falProxy(request, env, ctx);`,
    ],
  },
  express: {
    proxy: { file: "fal-proxy", text: EXPRESS },
    env: ".env",
    left: (from, dialect) => [
      `In the app, behind your sign-in and before a body parser: ${importOf(from, dialect)} … app.all("${PATH}", falProxy);`,
    ],
  },
};
