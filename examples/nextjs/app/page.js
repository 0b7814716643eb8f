"use client";

import { createFalClient } from "fal-wasm";
import { useState } from "react";

const fal = createFalClient({ proxyUrl: "/api/fal/proxy" });

export default function Page() {
  const [picture, setPicture] = useState("");
  const make = async (form) => {
    const input = { prompt: form.get("prompt") };
    const { data } = await fal.subscribe("fal-ai/flux/schnell", { input });
    setPicture(data.images[0].url);
  };
  return (
    <form action={make}>
      <input name="prompt" placeholder="a cat in the rain" required />
      <button>Make a picture</button>
      {picture && <img src={picture} alt="" />}
    </form>
  );
}
