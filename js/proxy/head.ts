/** What a request begins with, read once: a question to `Headers` takes a worker a microsecond, and a call has many. */

/** Method, URL and headers of a request. */
export interface RequestHead {
  readonly method: string;
  readonly url: string;
  /** The values of its headers, by their names in small letters. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Reads it. */
export function headOf({ method, url, headers }: Request): RequestHead {
  const values = new Map<string, string>();
  headers.forEach((value, name) => void values.set(name, value));
  return { method, url, headers: values };
}
