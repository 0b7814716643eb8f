/** Types only (endpoints.d.ts): there is nothing here to run. */
export {};
