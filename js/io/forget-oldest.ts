/** Keeping a map from growing without end. */

/** Forgets the oldest entry of a map that has more than so many, as it has after each that is added. */
export function forgetOldest<Key>(map: Map<Key, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
