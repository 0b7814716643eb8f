/** `fal-wasm audit`: the records of a proxy, held against what fal has billed. */

import { readFileSync } from "node:fs";

import type { PlatformClient } from "../platform/types.ts";
import { UsageError, required } from "./arguments.ts";
import { breaksIn, recordsIn } from "./chains.ts";
import type { Command } from "./keys.ts";
import { print, printJson, take } from "./print.ts";
import { table } from "./table.ts";
import type { AuditRecord } from "../proxy/types.ts";

export const USAGE = `       fal-wasm audit <file> [--start <time>] [--end <time>] [--key-id <id>] [--json]   (an ADMIN key)

  Reads the records of a proxy (its option \`audit\`), one JSON object a line; "-" is the standard input. Ends with 1 when
  one was changed or is missing, or when they and fal's billing events differ.

  --start, --end  what fal has billed in this time (ISO 8601); by default from the first record to an hour after the last
  --key-id        what fal has billed for this key only; without it, for the whole account
`;

/** fal writes an event when a run is over, which may be after the last record. */
const LATER_MS = 3_600_000;
/** Costs are rounded on their way. */
const TOLERANCE = 1e-6;

/** A request, as the proxy and fal have it. Money is in US dollars. */
interface Row {
  request: string;
  endpoint?: string | undefined;
  /** What the proxy has recorded: what it came to, else what was reserved for it. */
  recorded?: number | undefined;
  billed?: number | undefined;
  what: "agrees" | "differs" | "not billed" | "not recorded" | "no price";
}

/** Requests that may cost something, by their ids. */
interface Requested {
  endpoint?: string | undefined;
  cost?: number | undefined;
  reserved?: number | undefined;
}

/** What the records say about each request that was sent to fal. */
function requestsIn(records: readonly AuditRecord[]): Map<string, Requested> {
  const requests = new Map<string, Requested>();
  for (const { requestId, route, code, key, endpoint, cost, reserved } of records) {
    // Without a key nothing was sent; an upload costs nothing, and a token is no request.
    const isSent = key !== undefined && route !== "upload" && route !== "token";
    if (requestId === undefined || !isSent || (code !== "ok" && cost === undefined)) continue;
    const known = requests.get(requestId) ?? {};
    // A submit names the endpoint, what follows it names the app.
    const name = route === "run" || route === "stream" || route === "submit" ? endpoint : (known.endpoint ?? endpoint);
    requests.set(requestId, { endpoint: name, cost: cost ?? known.cost, reserved: known.reserved ?? reserved });
  }
  return requests;
}

type Event = { request_id: string; endpoint_id: string; cost_total: number };

/** What fal has billed, summed for each request. */
function billedIn(events: readonly Event[]): Map<string, { endpoint: string; billed: number }> {
  const bills = new Map<string, { endpoint: string; billed: number }>();
  for (const { request_id: id, endpoint_id: endpoint, cost_total: cost } of events) {
    bills.set(id, { endpoint, billed: (bills.get(id)?.billed ?? 0) + cost });
  }
  return bills;
}

/** Holds what was recorded against what was billed. */
function compare(records: readonly AuditRecord[], events: readonly Event[]): Row[] {
  const requests = requestsIn(records);
  const bills = billedIn(events);
  const rows = [...requests].map(([request, { endpoint, cost, reserved }]): Row => {
    const bill = bills.get(request);
    const recorded = cost ?? reserved;
    const row = { request, endpoint: bill?.endpoint ?? endpoint, recorded, billed: bill?.billed };
    // What was only reserved may not have run yet, or never.
    if (!bill) return { ...row, what: (cost ?? 0) > TOLERANCE ? "not billed" : "agrees" };
    if (recorded === undefined) return { ...row, what: "no price" };
    // What was only reserved is the most that it can come to.
    const differs = cost === undefined ? bill.billed > recorded + TOLERANCE : Math.abs(bill.billed - cost) > TOLERANCE;
    return { ...row, what: differs ? "differs" : "agrees" };
  });
  for (const [request, { endpoint, billed }] of bills) {
    if (!requests.has(request)) rows.push({ request, endpoint, billed, what: "not recorded" });
  }
  return rows;
}

/** The time of which fal is asked. */
function between(records: readonly AuditRecord[], start?: string, end?: string): { start: string; end: string } {
  const times = records.map(({ at }) => Date.parse(at)).sort((one, other) => one - other);
  const time = (given: string | undefined, name: string, otherwise: number): string => {
    const at = given === undefined ? otherwise : Date.parse(given);
    if (Number.isNaN(at)) throw new UsageError(`--${name} takes a time, such as 2026-10-01T00:00:00Z.`);
    return new Date(at).toISOString();
  };
  // A run may have begun before the record of its end.
  const first = Math.min(...records.map(({ at, ms }) => Date.parse(at) - ms));
  return { start: time(start, "start", first), end: time(end, "end", (times.at(-1) ?? 0) + LATER_MS) };
}

const money = (amount: number | undefined): string => (amount === undefined ? "-" : amount.toFixed(6));

const sum = (rows: readonly Row[], of: (row: Row) => number | undefined): number =>
  rows.reduce((total, row) => total + (of(row) ?? 0), 0);

function read(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch {
    throw new UsageError(`"${file}" cannot be read.`);
  }
}

/** Ends the command with 1: it has done its work, and what it found is not good. */
export class Found extends Error {}

export const AUDIT: Command = {
  options: { start: "text", end: "text", "key-id": "text", json: "flag" },
  most: 1,
  async run(given, client: () => PlatformClient) {
    const file = required(given.positionals[0], "The file with the records");
    const { lines, breaks: unread } = recordsIn(read(file));
    const breaks = [...unread, ...breaksIn(lines)];
    const records = lines.map(({ record }) => record).sort((one, other) => (one.at < other.at ? -1 : 1));
    if (records.length === 0) throw new UsageError(`"${file}" has no records.`);
    const query = {
      ...between(records, given.text("start"), given.text("end")),
      ...(given.text("key-id") !== undefined && { api_key_id: given.text("key-id") as string }),
    };
    const rows = compare(records, await take(client().list("/models/billing-events", { params: { query } })));
    const odd = rows.filter(({ what }) => what !== "agrees" && what !== "no price");
    const totals = { recorded: sum(rows, (row) => row.recorded), billed: sum(rows, (row) => row.billed) };
    const isGood = breaks.length === 0 && odd.length === 0;
    if (given.has("json")) {
      printJson({ ok: isGood, ...query, records: records.length, requests: rows.length, ...totals, breaks, rows: odd });
    } else {
      const chains = new Set(records.map(({ chain }) => chain)).size;
      print(
        `${records.length} records in ${chains} chain${chains === 1 ? "" : "s"}, from ${query.start} to ${query.end}`,
      );
      for (const { line, what } of breaks) print(`  line ${line} ${what}`);
      print(
        `${rows.length} requests: ${money(totals.recorded)} USD recorded, ${money(totals.billed)} USD billed, ` +
          `${odd.length} that differ${odd.length > 0 ? ":" : ""}`,
      );
      if (odd.length > 0) {
        const columns = {
          request: (row: Row) => row.request,
          endpoint: (row: Row) => row.endpoint,
          recorded: (row: Row) => money(row.recorded),
          billed: (row: Row) => money(row.billed),
          what: (row: Row) => row.what,
        };
        print(table(odd, columns));
      }
    }
    if (!isGood) throw new Found("The records and fal do not agree.");
  },
};
