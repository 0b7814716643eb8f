/**
 * HTTP over a WebSocket (`wss://ws.fal.run`): requests to one endpoint, one after the other, without a handshake for each.
 *
 * A request that was sent is never sent again. One that still waits when the socket is lost goes over the next.
 */

import type { ClientContext } from "../../client/context.ts";
import type { WsClient, WsStream } from "../../client/ws-types.ts";
import type { ErrorFacts } from "../../errors/errors.ts";
import type { WebSocketEvents } from "../websocket-events.ts";
import type { ServerTransport } from "../transport.ts";
import { FailureKind, LineEventKind, LineNext, LineTell } from "../../core/wire.ts";
import { lineEvent, socketRequest } from "#core";
import { callCore } from "../../core/call-core.ts";
import { OperationError } from "../../errors/errors.ts";
import { checkCallOptions, failure } from "./host.ts";
import { onAbort } from "./on-abort.ts";
import { openWebSocket } from "./websocket.ts";
import { headOf } from "../../driver/response.ts";

/** What `start`, the first message of an answer, says. */
interface AnswerHead {
  request_id?: string;
  status?: number;
  headers?: Record<string, string>;
}

/** A request that waits, or is under way. */
interface Call {
  body: string;
  /** Undefined until the answer has begun. */
  head: AnswerHead | undefined;
  begin(head: AnswerHead): void;
  push(frame: unknown): void;
  /** Without an error it is complete. */
  end(error?: unknown): void;
}

export const createWs = ({ transport }: ClientContext): WsClient => ({
  connect(endpoint) {
    const app = String(endpoint);
    callCore(() => {
      checkCallOptions(transport, {}, false);
      if (!transport.trusted || transport.proxy) throw new OperationError(FailureKind.ServerOnly);
      socketRequest(app, true).free();
    });
    const connection = openConnection(transport, app);
    return {
      stream: (input, options) => ask(connection, app, input, options),
      async request(input, options) {
        const { requestId, status, headers, ...frames } = await ask(connection, app, input, options);
        const body: unknown[] = [];
        for await (const frame of frames) body.push(frame);
        // What the app answered: its type is the caller's to say.
        return { data: whole(body) as any, requestId, status, headers };
      },
      close: connection.close,
    };
  },
});

/** A frame as a value. The binary type of the websocket is "arraybuffer". */
function valueOf(data: string | ArrayBuffer | Blob): unknown {
  if (typeof data !== "string") return new Uint8Array(data as ArrayBuffer);
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

/** What the frames of a body are together: bytes, one value, or a list of values. */
function whole(frames: unknown[]): unknown {
  if (frames.length === 0 || !frames.every((frame) => frame instanceof Uint8Array))
    return frames.length < 2 ? frames[0] : frames;
  const bytes = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
  frames.reduce((at, frame) => (bytes.set(frame, at), at + frame.length), 0);
  return bytes.buffer;
}

const json = (input: unknown): string =>
  callCore(() => {
    try {
      return JSON.stringify(input ?? {});
    } catch (cause) {
      throw new OperationError(FailureKind.InputInvalid, { cause });
    }
  });

/** Asks once, and resolves when the answer begins. */
async function ask(
  connection: Connection,
  endpoint: string,
  input: unknown,
  { abortSignal }: { abortSignal?: AbortSignal } = {},
): Promise<WsStream> {
  const body = json(input);
  const frames: unknown[] = [];
  let isOver = false;
  let fault: unknown;
  let wake = () => {};
  return new Promise((resolve, reject) => {
    const abort = () => connection.leave(call, failure(FailureKind.Aborted, { cause: abortSignal?.reason, endpoint }));
    async function* read() {
      try {
        for (;;) {
          while (frames.length > 0) yield frames.shift();
          if (fault) throw fault;
          if (isOver) return;
          await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        // A reader who stops does not want the rest.
        connection.leave(call);
      }
    }
    const call: Call = {
      body,
      head: undefined,
      begin(head) {
        const { request_id: requestId = "", status = 200, headers = {} } = (call.head = head);
        if (status < 400) resolve({ requestId, status, headers, [Symbol.asyncIterator]: read });
      },
      push(frame) {
        frames.push(frame);
        wake();
      },
      end(error) {
        leave();
        isOver = true;
        fault = error;
        const { request_id: requestId, status = 0, headers } = call.head ?? {};
        if (status >= 400 && !error) {
          const head = headOf({ status, headers: new Headers(headers) });
          fault = failure(FailureKind.Http, { ...head, requestId, body: whole(frames), attempts: 1, endpoint });
        }
        // Does nothing once the answer has begun.
        reject(fault);
        wake();
      },
    };
    const leave = onAbort(abortSignal, abort);
    if (abortSignal?.aborted) call.end(failure(FailureKind.Aborted, { cause: abortSignal.reason, endpoint }));
    else connection.ask(call);
  });
}

/** The websocket of an endpoint, and the calls that share it. */
type Connection = ReturnType<typeof openConnection>;

/** Which of the calls is sent, over which socket, and what becomes of each, the core decides (src/client/line.rs). */
function openConnection(transport: ServerTransport, endpoint: string) {
  /** In their order. */
  const calls: Call[] = [];
  /** What the core keeps of them. */
  let line = 0;
  let socket: WebSocket | undefined;
  let shut: (() => void) | undefined;

  /** Tells the core what happened, and does what it says. */
  const tell = (event: LineEventKind, facts: ErrorFacts = {}, message?: unknown, kind: FailureKind = 0): void => {
    const step = callCore(() => lineEvent(line, event, kind));
    const { hangUp, failure: reason, next } = step;
    const told: LineTell = step.tell;
    line = step.line;
    step.free();
    if (hangUp) {
      shut?.();
      socket = shut = undefined;
    }
    const failed = (call: Call) =>
      call.end(failure(reason, { ...facts, requestId: call.head?.request_id, attempts: 1, endpoint }));
    switch (told) {
      case LineTell.Begin:
        calls[0]?.begin((message ?? {}) as AnswerHead);
        break;
      case LineTell.Push:
        calls[0]?.push(message);
        break;
      case LineTell.Complete:
        calls.shift()?.end();
        break;
      case LineTell.FailFirst:
        calls.splice(0, 1).forEach(failed);
        break;
      case LineTell.FailAll:
        calls.splice(0).forEach(failed);
    }
    switch (next as LineNext) {
      case LineNext.Open:
        shut = openWebSocket({ transport, app: endpoint, endpoint, requests: true, query: "" }, events);
        break;
      case LineNext.Send:
        try {
          socket?.send(calls[0]?.body ?? "");
        } catch (cause) {
          tell(LineEventKind.Unsent, { cause });
        }
    }
  };

  const events: WebSocketEvents = {
    opened(own) {
      socket = own;
      tell(LineEventKind.Opened);
    },
    heard(data) {
      const value = valueOf(data);
      // Of bytes nothing but their place in the answer is looked at.
      const message = typeof data === "string" ? (value as (AnswerHead & { type?: unknown }) | null) : undefined;
      const says = message?.type;
      const isEnd = says === "end" && message?.request_id === calls[0]?.head?.request_id;
      tell(says === "start" ? LineEventKind.Start : isEnd ? LineEventKind.End : LineEventKind.Frame, {}, value);
    },
    closed: (code, reason) => tell(LineEventKind.Closed, { cause: reason && new Error(`${code} ${reason}`) }),
    failed(error) {
      if (error instanceof OperationError) return tell(LineEventKind.Failed, { ...error }, undefined, error.kind);
      const { status, body } = error ?? {};
      const kind = status ? FailureKind.Http : FailureKind.Unreachable;
      tell(LineEventKind.Failed, { status, body, cause: error }, undefined, kind);
    },
  };

  return {
    ask(call: Call): void {
      calls.push(call);
      tell(LineEventKind.Asked);
    },
    /** Nobody wants this answer. fal stops when the socket closes; the others get another. */
    leave(call: Call, error?: unknown): void {
      const position = calls.indexOf(call);
      if (position < 0) return;
      calls.splice(position, 1);
      call.end(error);
      tell(position === 0 ? LineEventKind.FirstLeft : LineEventKind.OtherLeft);
    },
    /** Ends what is under way and what waits. A later request opens another socket. */
    close: (): void => tell(LineEventKind.Ended),
  };
}
