/** What the global object shows. Gathered here, judged by the core (src/credentials/runtime.rs), bit by bit in its order. */

const brand = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** Brands of the globals of pages and of browser workers. Deno has the first one too; its user agent tells. */
const BROWSER_BRANDS =
  /^(Window|DedicatedWorkerGlobalScope|SharedWorkerGlobalScope|ServiceWorkerGlobalScope|WorkletGlobalScope|.*WorkletGlobalScope)$/;

/** Globals that only some runtimes have. */
interface Scope {
  navigator?: { userAgent?: unknown; product?: unknown };
  document?: unknown;
  WebSocketPair?: unknown;
  EdgeRuntime?: unknown;
  Deno?: { version?: { deno?: unknown } };
  Bun?: { version?: unknown };
  process?: { versions?: { node?: unknown } };
}

export function globals(): number {
  const scope = globalThis as Scope;
  const agent = String(scope.navigator?.userAgent ?? "");
  const signs = [
    BROWSER_BRANDS.test(brand(scope)),
    agent.startsWith("Mozilla/"),
    scope.navigator?.product === "ReactNative",
    scope.document !== undefined,
    agent === "Cloudflare-Workers" || typeof scope.WebSocketPair === "function",
    typeof scope.EdgeRuntime === "string",
    typeof scope.Deno?.version?.deno === "string",
    typeof scope.Bun?.version === "string",
    brand(scope.process) === "process" && typeof scope.process?.versions?.node === "string",
  ];
  return signs.reduce((bits, sign, index) => bits | (Number(sign) << index), 0);
}
