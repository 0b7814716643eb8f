throw new Error(
  'fal-wasm/proxy belongs on a server: it uses your fal key. This bundle is for a browser. Import "fal-wasm" here, and "fal-wasm/proxy" in your worker or server route.',
);
export {};
