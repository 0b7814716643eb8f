import { useEffect, useState } from "react";

import { fal } from "./fal.js";

export function Picture() {
  const [job, setJob] = useState(null);
  const [status, setStatus] = useState(null);
  const [image, setImage] = useState(null);
  const [error, setError] = useState(null);

  // Nobody waits for the picture of a component that is gone.
  useEffect(() => () => job?.abort(), [job]);

  async function run(event) {
    event.preventDefault();
    const prompt = new FormData(event.currentTarget).get("prompt");
    const controller = new AbortController();
    setJob(controller);
    setStatus(null);
    setImage(null);
    setError(null);
    try {
      const { data } = await fal.subscribe("fal-ai/flux/dev", {
        input: { prompt },
        logs: true,
        onQueueUpdate: setStatus,
        abortSignal: controller.signal,
        cancelOnAbort: true,
      });
      setImage(data.images[0]);
    } catch (error) {
      setError(error);
    } finally {
      setJob(null);
    }
  }

  return (
    <form onSubmit={run}>
      <label htmlFor="prompt">Prompt</label>
      <textarea id="prompt" name="prompt" rows={2} defaultValue="A cat in the rain" required />
      <div className="actions">
        <button type="submit" disabled={Boolean(job)}>
          Make a picture
        </button>
        {job && (
          <button type="button" onClick={() => job.abort()}>
            Cancel
          </button>
        )}
      </div>
      {job && <p role="status">{progressOf(status)}</p>}
      {status?.allLogs?.length > 0 && <pre>{status.allLogs.map(({ message }) => message).join("\n")}</pre>}
      {error && <p role="alert">{error.message}</p>}
      {image && <img src={image.url} width={image.width} height={image.height} alt="" />}
    </form>
  );
}

function progressOf(status) {
  if (!status) return "Sending …";
  if (status.status === "IN_QUEUE") return `In the queue, ${status.queue_position} before you`;
  return "In progress …";
}
