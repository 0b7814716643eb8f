/** Bodies of strangers: read whole, but never more than a limit. */

/**
 * All of a stream, or undefined when it has more than `limit` bytes. The rest is not taken then.
 *
 * @param {ReadableStream<Uint8Array> | null} stream
 * @param {number} limit
 */
export async function readUpTo(stream, limit) {
  const chunks = [];
  let length = 0;
  const reader = stream?.getReader();
  for (let turn; reader && !(turn = await reader.read()).done;) {
    length += turn.value.byteLength;
    if (length > limit) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    chunks.push(turn.value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
