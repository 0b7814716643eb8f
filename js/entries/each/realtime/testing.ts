/** `fal-wasm/realtime/testing`: for the tests of extensions. */

export { fakeExtensionContext } from "../../../session/testing.ts";
