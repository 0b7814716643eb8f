"use client";
/** `fal-wasm/react`. */

export * from "../../store/react.ts";
export type * from "../../store/types.ts";
