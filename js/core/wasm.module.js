/** Where bytes cannot be compiled, the platform compiles them: workerd and Vercel Edge take a module. */
// @ts-expect-error: a module of the platform's, not of TypeScript's.
import module from "./core.wasm?module";

export default () => module;
