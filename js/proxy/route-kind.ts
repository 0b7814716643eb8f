/** What a call is about, as the core numbers it (src/proxy/route_kind.rs). */

import * as core from "#core";
import type { RouteKind } from "./types.ts";

export const STREAM = 1;
export const SUBMIT = 2;
export const TOKEN = 8;

/** The name of a kind of route, as options and reports have it. */
export const routeKindName = (number: number): RouteKind => core.routeKindName(number) as RouteKind;
