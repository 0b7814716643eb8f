/** Records of what a proxy did, each bound to the one before it (src/proxy/audit.rs). */

import { auditHash } from "#core";
import { callCore } from "../core/call-core.ts";
import type { AuditRecord, Decision } from "./types.ts";

/** Makes the record of a decision. */
export type Trail = (decision: Decision) => AuditRecord;

/**
 * What is hashed of a record: its fields by name, so that a database that puts them into another order keeps the hash. The
 * command `fal-wasm audit` writes the same text (js/cli/chains.ts).
 */
const textOf = (fields: object): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .sort(([one], [other]) => (one < other ? -1 : 1)),
    ),
  );

/**
 * Begins a chain. Nothing is waited for while a link is made: what is recorded meanwhile would get the same place. Its name
 * comes with the first record, because workers have no random numbers before their first call.
 */
export function createTrail(): Trail {
  let chain = "";
  let sequence = 0;
  let previous = "";
  return (decision) => {
    chain ||= crypto.randomUUID();
    const fields = { at: new Date().toISOString(), ...decision };
    const hash = callCore(() => auditHash(chain, sequence + 1, previous, textOf(fields)));
    sequence += 1;
    const record = { ...fields, chain, sequence, previous, hash };
    previous = hash;
    return record;
  };
}
