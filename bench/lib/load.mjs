/** Many requests, some of them at a time, with little work of one's own. */

import { Agent, request as ask } from "node:http";

const AT_ONCE = 16;
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

/**
 * Sends one request and reads the answer; resolves with how many bytes it had, and rejects unless it succeeded.
 *
 * @param {string} url @param {import("node:http").OutgoingHttpHeaders} headers @param {string | Buffer} [body]
 * @returns {Promise<number>}
 */
export const send = (url, headers, body, method = "POST") =>
  new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const call = ask(url, { agent, method, headers: { ...headers, ...length } }, (answer) => {
      let bytes = 0;
      answer.on("data", (chunk) => (bytes += chunk.length));
      answer.on("error", reject);
      answer.on("end", () =>
        answer.statusCode === 200 ? resolve(bytes) : reject(new Error(`${url} answered ${answer.statusCode}.`)),
      );
    });
    call.on("error", reject);
    call.end(body);
  });

/** Does something so many times, sixteen at a time. @param {number} count @param {() => Promise<any>} work */
export async function many(count, work) {
  let left = count;
  const line = async () => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, line));
}
