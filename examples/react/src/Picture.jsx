import { useFal } from "fal-wasm/react";

import { fal } from "./fal.js";

export function Picture() {
  // Leaving the component cancels; a reload goes on where it was.
  const { run, cancel, status, isPending, position, logs, data, error } = useFal(fal, "fal-ai/flux/dev", {
    resume: true,
  });

  const submit = (event) => {
    event.preventDefault();
    run({ prompt: new FormData(event.currentTarget).get("prompt") });
  };
  const words = {
    sending: "Sending …",
    in_queue: `In the queue, ${position} before you`,
    in_progress: "In progress …",
    cancelled: "Cancelled",
  }[status];
  const image = data?.images[0];

  return (
    <form onSubmit={submit}>
      <label htmlFor="prompt">Prompt</label>
      <textarea id="prompt" name="prompt" rows={2} defaultValue="A cat in the rain" required />
      <div className="actions">
        <button type="submit" disabled={isPending}>
          Make a picture
        </button>
        {isPending && (
          <button type="button" onClick={cancel}>
            Cancel
          </button>
        )}
      </div>
      {words && <p role="status">{words}</p>}
      {logs.length > 0 && <pre>{logs.map(({ message }) => message).join("\n")}</pre>}
      {error && <p role="alert">{error.message}</p>}
      {image && <img src={image.url} width={image.width} height={image.height} alt="" />}
    </form>
  );
}
