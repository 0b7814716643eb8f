/** Thrown by a cell that this machine cannot have. It is told apart from a failure, and never counts as passed. */
export class Skipped extends Error {}
