/** One call of the Platform APIs. The core knows the operation; parameters, headers and body stay in JavaScript. */

import { FailureKind, OperationKind, type Who } from "../core/wire.ts";
import { PlatformOperation } from "#core";
import { createContext } from "../client/context.ts";
import { OperationError } from "../errors/errors.ts";
import { failure } from "../host/server/host.ts";
import { anything, flag, invalidOption, text } from "../client/checks.ts";
import { CALL } from "../client/options.ts";
import { explaining } from "./errors.ts";
import { type Given, sending } from "./send.ts";
import { createStream } from "../stream/fal-stream.ts";
import type { PlatformOptions } from "./types.ts";

/** What goes along with a call, whatever its operation is. */
export interface CallInit extends PlatformOptions {
  params?: { path?: object; query?: object; header?: object } | undefined;
  body?: unknown;
}

/** The data is what fal answered, so its type is the caller's to say. */
export type Call = <Data = unknown>(
  method: string,
  path: string,
  init?: CallInit,
) => Promise<{ data: Data; response: Response }>;

/** What is known of an operation. */
export interface KnownOperation {
  /** Method and path, as they are written in documentation. */
  name: string;
  /** Who may call it. */
  who: Who;
  /** The media type of the body that it takes. */
  takes: string;
  /** The media type of its answer. */
  gives: string;
  /** Whether it supports an `Idempotency-Key`. */
  keyed: boolean;
}

/** Finds an operation that a key of this scope may call. */
function find(method: string, path: string, scope: string): { operation: PlatformOperation; known: KnownOperation } {
  const operation = new PlatformOperation(method, String(path));
  const name = `${method} ${path}`;
  if (operation.isBeyond(scope)) {
    operation.free();
    throw new OperationError(FailureKind.ScopeRequired, { option: name });
  }
  const known = {
    who: operation.who() as Who,
    takes: operation.takes(),
    gives: operation.gives(),
    keyed: operation.keyed(),
  };
  return { operation, known: { name, ...known } };
}

/** The caller's values for the names in a path, as the core asks for them. */
const parametersOf = (values: Record<string, unknown>) => ({
  value: (name: string) => {
    const value = values[name];
    return typeof value === "string" || Number.isFinite(value) ? String(value) : undefined;
  },
});

/** An option that is an object; empty when it is absent. */
function objectIn<Name extends string>(options: { [_ in Name]?: unknown } | undefined, name: Name) {
  const value = options?.[name] ?? {};
  return typeof value === "object" ? (value as Record<string, unknown>) : invalidOption(name);
}

/** The key by which fal recognises that a call was sent again. */
const idempotencyKey = ({ keyed }: KnownOperation, init: CallInit, headers: object): string | undefined =>
  text(init, "idempotencyKey") ||
  text(headers, "Idempotency-Key") ||
  (keyed ? globalThis.crypto.randomUUID() : undefined);

type OnHead = (head: { requestId: string }, response: Response) => void;

/** Starts an operation that was opened. */
type Start = (given: object, signal?: AbortSignal) => Promise<unknown>;

/** The options of a call. */
const CALL_INIT = {
  ...CALL,
  signal: anything,
  params: anything,
  body: anything,
  idempotent: flag,
  idempotencyKey: text,
};

/** Makes the function that calls any operation. `scope` is what the key is declared to have. */
export const createCall = (context: ReturnType<typeof createContext>, scope: string): Call =>
  async function call<Data>(method: string, path: string, init: CallInit = {}) {
    const { params = {}, body, signal, abortSignal = signal } = init;
    let known!: KnownOperation;
    let response!: Response;
    const start: Start = context.open(OperationKind.Platform, undefined, { ...init, abortSignal }, CALL_INIT, () => {
      const found = find(method, path, scope);
      known = found.known;
      const { operation } = found;
      const headers = objectIn(params, "header");
      const key = idempotencyKey(known, init, headers);
      const given: Given = { query: objectIn(params, "query"), body, key };
      const parameters = parametersOf(objectIn(params, "path"));
      const isKeyed = known.keyed || init.idempotent === true;
      let call;
      try {
        const [url, gives] = [operation.url(parameters), operation.bodyKind()];
        call = { url, gives, idempotent: operation.isRepeatable(isKeyed) };
      } finally {
        operation.free();
      }
      return {
        ...call,
        endpoint: known.name,
        method,
        takes: known.takes !== "",
        send: sending(known, given),
        failure: explaining(known),
      };
    });
    const onHead: OnHead = (_head, answer) => void (response = answer);
    if (known.gives === "text/event-stream") {
      const { stream, response } = await openEvents(known.name, start, abortSignal);
      return { data: stream as Data, response };
    }
    const outcome = (await start({ onHead }, abortSignal)) as { data: Data } | undefined;
    const isJson = /json/i.test(response.headers.get("content-type") ?? "");
    // An HTML page instead of JSON comes from something between here and fal.
    if (known.gives === "application/json" && !isJson)
      throw explaining(known)(FailureKind.AnswerInvalid, { attempts: 1 });
    return { data: outcome?.data as Data, response };
  };

/** Opens a stream of events; resolves when its first byte may come, and rejects when it fails before that. */
const openEvents = (name: string, start: Start, signal: AbortSignal | undefined) =>
  new Promise<{ stream: unknown; response: Response }>((resolve, reject) => {
    const stream = createStream(
      name,
      signal,
      ({ items, onHead }: { items: unknown; onHead?: OnHead }, stop: AbortSignal) => {
        const heard: OnHead = (head, response) => {
          onHead?.(head, response);
          if (response.ok) resolve({ stream, response });
        };
        return start({ items, onHead: heard }, stop);
      },
      undefined,
    );
    stream.on("error", reject);
    // An aborted stream ends without an error. When that happens before it begins, nobody else can report it.
    stream.on("done", () => reject(failure(FailureKind.Aborted, { cause: signal?.reason, endpoint: name })));
  });
