/** What the core refuses. */

/** The core of a page takes and gives numbers; there is nothing that it refuses by an error. */
export const refused = (error: unknown): unknown => error;
