/**
 * FailureKind.Http over a WebSocket (`wss://ws.fal.run`): requests to one endpoint, one after the other, without a handshake for each.
 *
 * A request that was sent is never sent again. One that still waits when the socket is lost goes over the next.
 */

import { FailureKind } from "../../core/wire.ts";
import { socketRequest } from "#core";
import { callCore } from "../../core/call-core.ts";
import { OperationError } from "../../errors/errors.ts";
import { checkCallOptions, failure } from "./host.ts";
import { openWebSocket } from "../../realtime/websocket.ts";
import { headOf } from "../../driver/response.ts";

/**
 * A request that waits, or is under way.
 *
 * @typedef {object} Call
 * @property {string} body
 * @property {any} head What `start` said, once it did.
 * @property {(head: any) => void} begin
 * @property {(frame: any) => void} push
 * @property {(error?: unknown) => void} end Without an error it is complete.
 */

/** @param {import("../../client/context.ts").ClientContext} context @returns {import("../../types/ws.d.ts").WsClient} */
export const createWs = ({ transport }) => ({
  connect(endpoint) {
    const app = String(endpoint);
    callCore(() => {
      checkCallOptions(transport, {}, false);
      if (!transport.trusted || transport.proxy) throw new OperationError(FailureKind.ServerOnly);
      socketRequest(app, true).free();
    });
    const line = openConnection(transport, app);
    return {
      stream: (input, options) => ask(line, app, input, options),
      async request(input, options) {
        const { requestId, status, headers, ...frames } = await ask(line, app, input, options);
        const body = [];
        for await (const frame of frames) body.push(frame);
        return { data: whole(body), requestId, status, headers };
      },
      close: line.close,
    };
  },
});

/** A frame as a value. @param {unknown} data */
function valueOf(data) {
  if (typeof data !== "string") return new Uint8Array(/** @type {ArrayBuffer} */ data);
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

/** What the frames of a body are together: bytes, one value, or a list of values. @param {any[]} frames */
function whole(frames) {
  if (frames.length === 0 || !frames.every((frame) => frame instanceof Uint8Array))
    return frames.length < 2 ? frames[0] : frames;
  const bytes = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
  frames.reduce((at, frame) => (bytes.set(frame, at), at + frame.length), 0);
  return bytes.buffer;
}

/** @param {unknown} input */
const json = (input) =>
  callCore(() => {
    try {
      return JSON.stringify(input ?? {});
    } catch (cause) {
      throw new OperationError(FailureKind.InputInvalid, cause);
    }
  });

/**
 * Asks once, and resolves when the answer begins.
 *
 * @param {ReturnType<typeof openConnection>} line @param {string} endpoint @param {unknown} input
 * @param {{ abortSignal?: AbortSignal }} [options]
 * @returns {Promise<import("../../types/ws.d.ts").WsStream>}
 */
async function ask(line, endpoint, input, { abortSignal } = {}) {
  const body = json(input);
  /** @type {any[]} */
  const frames = [];
  let isOver = false;
  /** @type {unknown} */
  let fault;
  let wake = () => {};
  return new Promise((resolve, reject) => {
    const abort = () => line.leave(call, failure(FailureKind.Aborted, { cause: abortSignal?.reason, endpoint }));
    async function* read() {
      try {
        for (;;) {
          while (frames.length > 0) yield frames.shift();
          if (fault) throw fault;
          if (isOver) return;
          await new Promise((resolve) => (wake = () => resolve(undefined)));
        }
      } finally {
        // Who stops reading does not want the rest.
        line.leave(call);
      }
    }
    /** @type {Call} */
    const call = {
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
        abortSignal?.removeEventListener("abort", abort);
        isOver = true;
        fault = error;
        const { request_id: requestId, status, headers } = call.head ?? {};
        if (status >= 400 && !error) {
          const head = headOf(/** @type {any} */ { status, headers: new Headers(headers) });
          fault = failure(FailureKind.Http, { ...head, requestId, body: whole(frames), attempts: 1, endpoint });
        }
        // Does nothing once the answer has begun.
        reject(fault);
        wake();
      },
    };
    abortSignal?.addEventListener("abort", abort);
    if (abortSignal?.aborted) call.end(failure(FailureKind.Aborted, { cause: abortSignal.reason, endpoint }));
    else line.ask(call);
  });
}

/**
 * The socket of an endpoint, when there is one, and the calls that share it.
 *
 * @param {import("./host.ts").Transport} transport @param {string} endpoint
 */
function openConnection(transport, endpoint) {
  /** In their order. @type {Call[]} */
  const calls = [];
  /** Whether the first of them was sent. */
  let isSent = false;
  /** @type {any} */
  let socket;
  /** @type {(() => void) | undefined} */
  let shut;

  const hangUp = () => {
    shut?.();
    socket = shut = undefined;
    isSent = false;
  };

  const next = () => {
    if (calls.length === 0 || isSent) return;
    if (socket) {
      isSent = true;
      return socket.send(calls[0].body);
    }
    shut ??= openWebSocket({ transport, app: endpoint, endpoint, requests: true, query: "" }, events);
  };

  /** The socket is gone. What was sent is lost; if none could be had, so is everything. @param {number} kind @param {object} facts */
  const lost = (kind, facts) => {
    const ended = calls.splice(0, isSent || socket ? Number(isSent) : calls.length);
    hangUp();
    for (const call of ended) {
      call.end(failure(kind, { ...facts, requestId: call.head?.request_id, attempts: 1, endpoint }));
    }
    next();
  };

  /** @type {import("../../realtime/websocket.ts").WebSocketEvents} */
  const events = {
    opened(own) {
      socket = own;
      next();
    },
    heard(data) {
      const call = calls[0];
      // A socket that speaks without being asked.
      if (!isSent || !call) return;
      const value = valueOf(data);
      const says = typeof data === "string" ? value?.type : undefined;
      if (!call.head && says !== "start") return lost(FailureKind.AnswerInvalid, {});
      if (!call.head) return call.begin(value);
      if (says !== "end" || value.request_id !== call.head.request_id) return call.push(value);
      calls.shift();
      isSent = false;
      call.end();
      next();
    },
    closed: (code, reason) =>
      lost(socket ? FailureKind.ConnectionLost : FailureKind.Unreachable, { cause: reason && new Error(`${code} ${reason}`) }),
    failed(error) {
      if (error instanceof OperationError) lost(error.kind, { ...error });
      else lost(error?.status ? FailureKind.Http : FailureKind.Unreachable, { status: error?.status, body: error?.body, cause: error });
    },
  };

  return {
    /** @param {Call} call */
    ask(call) {
      calls.push(call);
      next();
    },
    /** Nobody wants this answer. fal stops when the socket closes; the others get another. @param {Call} call @param {unknown} [error] */
    leave(call, error) {
      const position = calls.indexOf(call);
      if (position < 0) return;
      calls.splice(position, 1);
      if (position === 0 && isSent) hangUp();
      call.end(error);
      next();
    },
    /** Ends what is under way and what waits. A later request opens another socket. */
    close() {
      const ended = calls.splice(0);
      hangUp();
      for (const call of ended) call.end(failure(FailureKind.Aborted, { endpoint }));
    },
  };
}
