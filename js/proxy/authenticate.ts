/** Who asks, as the app knows them. */

import { askApp } from "./ask-app.ts";
import type { ProxyCall } from "./call.ts";
import { AUTHENTICATION_UNAVAILABLE, Refusal, UNAUTHENTICATED } from "./refusals.ts";
import type { Principal } from "./types.ts";

/**
 * Asks the app. Nothing is a no. Whatever else is not an object with an id is a no, too, and a mistake that the operator is
 * told about; so is a throw, after which nobody knows who asks.
 */
export function authenticate(call: ProxyCall, env: unknown, context: unknown): Principal | Promise<Principal> {
  const { authenticate: ask } = call.proxy.options;
  if (ask === "anonymous-public") return { id: ask };
  const answer = askApp<unknown>(call, "authenticate", AUTHENTICATION_UNAVAILABLE, () =>
    ask(call.request, env, context),
  );
  return answer instanceof Promise ? answer.then((who) => principalIn(call, who)) : principalIn(call, answer);
}

function principalIn(call: ProxyCall, answer: unknown): Principal {
  if (isPrincipal(answer)) return answer;
  if (answer) call.report(new TypeError(`\`authenticate\` returned ${kindOf(answer)}. ${EXPECTED}`), "authenticate");
  throw new Refusal(UNAUTHENTICATED);
}

const EXPECTED =
  "It must return an object whose `id` is a text that is not empty, such as { id: user.id }, for a person, and null for nobody.";

/**
 * An app in JavaScript may answer anything. Of an id that is no Unicode text (it has half a surrogate pair) the bytes that are
 * signed and counted would be those of another's.
 */
export const isPrincipal = (value: unknown): value is Principal => {
  const { id } = Object(value);
  return typeof id === "string" && id !== "" && !/\p{Surrogate}/u.test(id);
};

/** What a value is, without the value: it may be a secret. */
function kindOf(value: {}): string {
  if (typeof value !== "object") return `a ${typeof value}`;
  const { id } = value as { id?: unknown };
  if (id === undefined) return "an object without an `id`";
  if (typeof id === "string") return `an object whose \`id\` is ${id === "" ? "empty" : "no Unicode text"}`;
  return `an object whose \`id\` is of the type ${typeof id}`;
}
