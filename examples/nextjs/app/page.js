"use client";

import { createFalClient } from "fal-wasm";
import { useFal } from "fal-wasm/react";

const fal = createFalClient({ proxyUrl: "/api/fal/proxy" });

export default function Page() {
  const { run, isPending, data, error } = useFal(fal, "fal-ai/flux/schnell", { resume: true });
  return (
    <form action={(form) => void run({ prompt: form.get("prompt") })}>
      <input name="prompt" placeholder="a cat in the rain" required />
      <button disabled={isPending}>Make a picture</button>
      {error && <p role="alert">{error.message}</p>}
      {data && <img src={data.images[0].url} alt="" />}
    </form>
  );
}
