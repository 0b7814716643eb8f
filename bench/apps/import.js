/** The smallest app that calls a model, with whichever client. */

/** @param {(config: any) => any} createFalClient */
export const appOf = (createFalClient) => () =>
  createFalClient({ proxyUrl: `${location.origin}/proxy` }).run("emulator/echo", { input: { prompt: "a cat" } });
