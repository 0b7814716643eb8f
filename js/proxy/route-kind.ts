/** What a call is about. */

import * as core from "#core";
import { RouteKind } from "../core/wire.ts";
import type { RouteKind as RouteKindName } from "./types.ts";

export const CANCEL = RouteKind.Cancel;
export const STATUS = RouteKind.Status;
export const STREAM = RouteKind.Stream;
export const SUBMIT = RouteKind.Submit;
export const UPLOAD = RouteKind.Upload;
export const TOKEN = RouteKind.Token;

const names: RouteKindName[] = [];

/** The name of a kind of route, as options and reports have it. Each is asked for once. */
export const routeKindName = (number: number): RouteKindName =>
  (names[number] ??= core.routeKindName(number) as RouteKindName);
