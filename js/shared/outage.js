/** What it means that a request, or the body of an answer, failed. */

import { ANSWER_INVALID, CONNECTION_LOST, CREDENTIALS_IN_BROWSER, UNREACHABLE } from "./codes.js";
import { Problem } from "./errors.js";

/** Codes of errors that say that no connection was made, so that nothing was sent. A browser does not tell. */
const NOT_CONNECTED =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused/;

/** What it means that a promise of `fetch` was rejected. @param {any} error */
export function outage(error) {
  if (error instanceof Problem) return error.kind;
  if (error?.code === "credentials_in_browser") return CREDENTIALS_IN_BROWSER;
  return NOT_CONNECTED.test(error?.cause?.code ?? error?.code) ? UNREACHABLE : CONNECTION_LOST;
}

/** What it means that a body could not be read. @param {any} error */
export const broken = (error) => (error?.name === "SyntaxError" ? ANSWER_INVALID : CONNECTION_LOST);
