throw new Error(
  "fal-wasm needs WebAssembly, which React Native's engine does not have. Call your own server from the app, and use fal-wasm there.",
);
export {};
