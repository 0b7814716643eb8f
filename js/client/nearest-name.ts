/** Finding what a misspelled name was meant to be. */

/** How many letters have to be put in, taken out or replaced to make one word of another. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= to.length; at += 1) {
      const replaced = (row[at - 1] as number) + Number(letter !== to[at - 1]);
      next[at] = Math.min(replaced, (row[at] as number) + 1, (next[at - 1] as number) + 1);
    }
    row = next;
  }
  return row[to.length] as number;
}

/** The known name that is most like a given one; undefined when none is like it. Capitals do not matter. */
export function nearestName(given: string, known: readonly string[]): string | undefined {
  const word = given.slice(0, 64).toLowerCase();
  const near = (name: string) => {
    const other = name.toLowerCase();
    // What is cut off or goes on is meant all the same: `maximum`, `auth`.
    const isCut = word.length > 2 && (word.startsWith(other) || other.startsWith(word));
    return Math.min(distance(word, other), isCut ? 1.5 : Infinity);
  };
  const [best] = [...known].sort((one, other) => near(one) - near(other));
  return best !== undefined && near(best) <= Math.max(1.5, word.length * 0.4) ? best : undefined;
}

/** Says that a name is none of those that are known, in words that go on after the name. */
export function notKnown(given: string, known: readonly string[]): string {
  const nearest = nearestName(given, known);
  return nearest === undefined ? "is not known." : `is not known; did you mean \`${nearest}\`?`;
}

/**
 * Throws that an option is none of those that are known: it would do nothing, and nobody would know. For what has no core, whose
 * errors have codes.
 */
export function refuseUnknown(what: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options))
    if (!known.includes(name)) throw new TypeError(`The option \`${name}\` of ${what} ${notKnown(name, known)}`);
}
