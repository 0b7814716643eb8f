/** What the package takes and gives. */

/** A key that exists. */
export interface Key {
  /** `key_id:key_secret`. */
  key: string;
  /** What it may call: models, or with `"ADMIN"` private models and the Platform APIs, too. @default "API" */
  scope?: "API" | "ADMIN";
  /** Whether its account has no balance left, which gets a 403. @default false */
  locked?: boolean;
  /** Whose it is: keys of one account see the same requests. @default "default" */
  account?: string;
}

/** A login token (`fal auth login`), sent as `Bearer`. */
export interface Login {
  token: string;
  /** @default "default" */
  account?: string;
}

/** Which requests a fault strikes. What is absent fits every request. */
export interface FaultMatch {
  /** fal's name of a host, such as `"queue.fal.run"`. */
  host?: string;
  /** Without one, preflights are spared. */
  method?: string;
  path_contains?: string;
  path_ends?: string;
}

/** What happens to a request. */
export type FaultEffect =
  /** This answer instead of the model's. */
  | {
      status: number;
      headers?: Record<string, string>;
      body?: string;
      /** Adds `Retry-After`, in seconds unless it says otherwise. */
      retry_after?: { ms: number; as?: "seconds" | "date" | "ms" };
    }
  /** The connection is closed before the model sees the request, or after it has handled it. */
  | { drop: "before" | "after" }
  /** The connection is closed after so many bytes of the body. */
  | { truncate: number }
  /** The answer is late. */
  | { delay_ms: number }
  /** The body comes in pieces of at most so many bytes. */
  | { split: number; every_ms?: number }
  /** A pause after so many bytes of the body. */
  | { stall_ms: number; after?: number }
  /** The answer comes when its body is complete. */
  | { hold: true }
  /** A WebSocket is closed with this code after so many of fal's frames; 1006: the connection is dropped. */
  | { close: number; after?: number };

/** Something that goes wrong. */
export interface Fault {
  match?: FaultMatch;
  /** How many fitting requests are spared first. @default 0 */
  skip?: number;
  /** How often it happens; `null`: always. @default 1 */
  times?: number | null;
  then: FaultEffect;
}

/** A command of `/__control`. What is absent stays as it is. */
export interface Command {
  /** Forgets what happened, and goes back to how it was started. */
  reset?: boolean;
  /** Whether the clock moves by itself. */
  clock?: "real" | "manual";
  /** Moves the clock forward, in milliseconds. */
  advance_ms?: number;
  /** Delays every answer, in milliseconds. */
  latency_ms?: number;
  /** How busy the queue is: others in front, how long each takes, how long every run takes, how many run at once. */
  queue?: { ahead?: number; step_ms?: number; run_ms?: number | null; concurrency?: number };
  realtime?: {
    run_ms?: number | null;
    session_timeout_ms?: number | null;
    timings?: boolean;
    text_frames?: boolean;
  };
  /** Whether a status event holds what is new in the log, or all of it. */
  streams?: { logs?: "new" | "all" };
  access?: { locked?: "balance" | "top_up" | "admin" | null; forbidden?: boolean; concurrent?: number | null };
  storage?: { hash_only?: boolean };
  webhooks?: { key?: number; skew_seconds?: number; repeat?: number };
  /** Sessions with world models: what is said about ICE and how, how long one lives without heartbeats, and what goes wrong. */
  sessions?: {
    ice?: "servers" | "app" | "none";
    answer?: "stream" | "json";
    lease_ms?: number;
    reachable?: boolean;
    media?: boolean;
    runner?: "alive" | "dead";
  };
  /** The faults that wait, in place of those that waited. */
  faults?: Fault[];
}

/** How an emulator is set up. */
export interface EmulatorOptions {
  /** The keys that exist. @default one new key, which is `key` of the emulator */
  keys?: Key[];
  /** The login tokens that exist. @default none */
  logins?: Login[];
  /** Repeats ids and pictures of an earlier emulator. @default a random number */
  seed?: number;
  /** A command that is carried out at the start, and after every reset. */
  settings?: Command;
}

/** An emulator in this process. */
export interface EmulatorHandle {
  /** A key of it, when none was given. */
  readonly key: string | undefined;
  /** What makes the same ids again. */
  readonly seed: number;
  /** Its time, in milliseconds since 1970. */
  now(): number;
  /** Carries out a command of `/__control`. Throws a `TypeError` that says what is wrong with it; nothing was done then. */
  control(command: Command): void;
  /** What happened: requests, jobs, files, uploads, sockets, webhooks, and the settings. */
  report(): any;
}

/** How an emulator in memory is set up. */
export interface InMemoryOptions extends EmulatorOptions {
  /** The module of `fal-emulator/emulator.wasm`. */
  wasm: WebAssembly.Module;
  /**
   * What happens while somebody waits for the emulator. With `"jump"` its clock stands still and jumps to what is waited for,
   * so that nothing takes any time; who asks for the status of a request finds it one step further each time. With `"manual"` the
   * clock moves by `control({ advance_ms })` only, and with `"real"` by itself.
   *
   * @default "real"
   */
  time?: "real" | "manual" | "jump";
  /** Takes the webhooks; by default they are given up. Return or resolve to the answer of the handler. */
  onWebhook?: (request: Request) => Response | Promise<Response>;
}

/** An emulator in memory. */
export interface InMemoryEmulator extends EmulatorHandle {
  /** Takes what is sent to fal's addresses to the emulator. Anything else is a `TypeError`, as where there is no network. */
  fetch: (input: any, init?: any) => Promise<Response>;
  /** Connects to fal's addresses. Takes `{ headers }` where the standard has protocols, as servers need it. */
  WebSocket: new (url: string, options?: any) => WebSocket;
  /** Ends everything: who waits is woken, and no webhook is posted. */
  close(): void;
}

/** The classes of the platform; where a test has none of its own, those that were given. */
export interface Platform {
  Request: typeof Request;
  Response: typeof Response;
  ReadableStream: typeof ReadableStream;
}
