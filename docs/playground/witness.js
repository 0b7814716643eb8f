/** Writes down what is sent, and looks for the key in it. */

/** Every form in which the key would be one: whole, its secret half, and as a basic credential. */
const formsOf = (key) => [key, key.split(":")[1], btoa(key)];

const latin1 = new TextDecoder("latin1");

/**
 * Does a request, and tells of it when it begins and when it is answered.
 *
 * @param {(entry: object) => void} tell
 * @param {{ by: "page" | "proxy", method: string, url: string, headers: [string, string][], body?: ArrayBuffer }} sent
 */
export async function witnessed(tell, key, { by, method, url, headers, body }, answer) {
  const id = crypto.randomUUID();
  const began = performance.now();
  const text = [url, ...headers.flat(), body ? latin1.decode(body) : ""].join("\n");
  const hasKey = formsOf(key).some((form) => text.includes(form));
  // The page is told that a key is there, never which.
  const shown = headers.map(([name, value]) => [name, value.replaceAll(key, "…")]);
  tell({ id, by, method, url, headers: shown, hasKey });
  const ended = (status) => tell({ id, status, ms: Math.round(performance.now() - began) });
  try {
    const response = await answer();
    ended(response.status);
    return response;
  } catch (error) {
    ended(0);
    throw error;
  }
}
