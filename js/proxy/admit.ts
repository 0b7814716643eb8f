/**
 * Letting a call in. The core says what has to be known of it, in which order, and what ends it (src/proxy/admission.rs). Here
 * the app is asked, and what a call brings is read.
 */

import { admissionEvent, beginAdmission } from "#core";
import { callCore } from "../core/call-core.ts";
import { stepOf } from "../core/step.ts";
import { ADMISSION_FIELDS, AdmissionEventKind, AdmissionStep, type CallAdmission } from "../core/wire.ts";
import { checkAttestation } from "./attest.ts";
import type { ProxyCall } from "./call.ts";
import { credentialOf, hasOwnKeys } from "./call-key.ts";
import { GRANT } from "./headers.ts";
import { ownershipSeconds } from "./ownership.ts";
import { CLIENT_LEFT, INTERNAL, Refusal } from "./refusals.ts";
import { checkRate } from "./reserve.ts";
import type { Principal, ProxyOptions } from "./types.ts";
import { note } from "./watch.ts";

/** What calls to models, for tokens and to sessions do at the steps that they do each in their own way. */
export interface Way {
  /** Where it goes, for the core: which of the two, and the number of its route. */
  readonly goes: AdmissionEventKind.GoesToModel | AdmissionEventKind.GoesToBridge;
  readonly route: number;
  ownership?(): Promise<void>;
  grant?(): Promise<void>;
  signingKey?(): Promise<void>;
  /** Reads the body, if there is one to be read. */
  readBody(): Promise<void> | undefined;
  apps?(): void;
  judgeInput?(): void;
  webhook?(): Promise<void>;
  reserve?(): Promise<void>;
  /** Does what it was let in for. */
  pass(): Promise<Response>;
  /** Frees what the core holds for it. */
  free(): void;
}

/** What is said of a call before it comes, in the order of the wire table. */
const WANTS = ADMISSION_FIELDS[0].split(" ") as Want[];
type Want = Exclude<keyof CallAdmission, "kind">;

/** Where calls of a proxy begin, as the core keeps it: those that bring a grant, and others. */
export interface Entrance {
  readonly granted: number;
  readonly plain: number;
}

/** What the app wants to be known of a call. */
export function entranceOf(options: ProxyOptions): Entrance {
  const { attest, grantedEndpoints, limits, mode, webhookUrl } = options;
  const begin = (hasGrant: boolean) => {
    const wants: Record<Want, boolean> = {
      ownKeys: hasOwnKeys(options),
      rate: limits?.rateLimiter !== undefined,
      ownership: ownershipSeconds(options) > 0,
      attestation: attest !== undefined,
      grants: grantedEndpoints !== undefined,
      hasGrant,
      webhook: webhookUrl !== undefined,
      limits: limits !== undefined,
      watch: mode === "watch",
    };
    const words = Float64Array.from(WANTS, (name) => Number(wants[name]));
    return callCore(() => beginAdmission(words)) as number;
  };
  return { granted: begin(true), plain: begin(false) };
}

/** Lets a call in, or refuses it. `identify` says who calls, `find` where the call goes. */
export async function admit(
  call: ProxyCall,
  identify: () => Principal | Promise<Principal>,
  find: () => Way,
): Promise<void> {
  const { entrance } = call.proxy;
  let word = call.head.headers.has(GRANT) ? entrance.granted : entrance.plain;
  const tell = (event: AdmissionEventKind, value = 0): AdmissionStep =>
    stepOf((word = callCore(() => admissionEvent(word, event, value))));
  for (let step: AdmissionStep = stepOf(word); step !== AdmissionStep.Pass;) {
    if (call.hasLeft && tell(AdmissionEventKind.Left) === AdmissionStep.Refuse) throw new Refusal(CLIENT_LEFT);
    try {
      if (step === AdmissionStep.Route) {
        const { goes, route } = (call.way = find());
        step = tell(goes, route);
      } else {
        const work = perform(call, step, identify);
        if (work) await work;
        step = tell(AdmissionEventKind.Ok);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      step = tell(AdmissionEventKind.Refused, error.number);
      if (step === AdmissionStep.Refuse) throw error;
      note(call, error);
    }
    if (step === AdmissionStep.Refuse) throw new Refusal(INTERNAL);
  }
}

/** Does a step; a promise when it has to be waited for. */
function perform(
  call: ProxyCall,
  step: AdmissionStep,
  identify: () => Principal | Promise<Principal>,
): Promise<unknown> | undefined | void {
  const { way } = call;
  switch (step) {
    case AdmissionStep.Authenticate:
      return known(call, identify());
    case AdmissionStep.FindKey:
      return credentialOf(call);
    case AdmissionStep.Rate:
      return checkRate(call);
    case AdmissionStep.Attest:
      return checkAttestation(call);
    case AdmissionStep.Ownership:
      return way?.ownership?.();
    case AdmissionStep.Grant:
      return way?.grant?.();
    case AdmissionStep.SigningKey:
      return way?.signingKey?.();
    case AdmissionStep.ReadBody:
      return way?.readBody();
    case AdmissionStep.Apps:
      return way?.apps?.();
    case AdmissionStep.JudgeInput:
      return way?.judgeInput?.();
    case AdmissionStep.Webhook:
      return way?.webhook?.();
    case AdmissionStep.Reserve:
      return way?.reserve?.();
  }
}

/** Notes who calls, at once where that is known. */
function known(call: ProxyCall, who: Principal | Promise<Principal>): Promise<void> | undefined {
  if (who instanceof Promise) return who.then((principal) => known(call, principal));
  call.principal = who;
  call.facts.principal = who.id;
  return undefined;
}
