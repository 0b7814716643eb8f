/** What the code of README and docs leaves to its readers. */

import type { FalClient } from "fal-wasm";

declare global {
  const fal: FalClient;
  const env: any;
  const input: any;
  const file: File;
  const url: string;
  const requestId: string;
  const text: any;
  const abortSignal: AbortSignal;
  const button: AbortSignal;
  const page: AbortSignal;
  const store: any;
  const user: { id: string };
  const order: string;
  function userOf(request: Request, env?: unknown): Promise<{ id: string } | undefined>;
  function userOfToken(authorization: string | null): Promise<{ id: string } | null>;
  function token(): Promise<string>;
  function putSecret(name: string, value: string): Promise<void>;
}
