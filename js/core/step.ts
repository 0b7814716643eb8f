/** Machines that the core leaves with us as one number each, so that nothing has to be freed and all outlive an instance. */

/** What such a machine does next: the number of its step. */
export const stepOf = (word: number): number => word & 0xf;
