throw new Error(
  'This part of fal-wasm belongs on a server: the proxy uses your fal key, webhooks are verified where they arrive, and the Platform APIs are about your account. This bundle is for a browser. Import "fal-wasm" here, and "fal-wasm/proxy", "fal-wasm/webhook" or "fal-wasm/platform" in your worker or server route. In Jest, a server\'s code is tested with `@jest-environment node` at the top of the file.',
);
export {};
