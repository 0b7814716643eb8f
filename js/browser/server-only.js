throw new Error(
  'This part of fal-wasm belongs on a server: the proxy uses your fal key, and webhooks are verified where they arrive. This bundle is for a browser. Import "fal-wasm" here, and "fal-wasm/proxy" or "fal-wasm/webhook" in your worker or server route.',
);
export {};
