"""The published fal-client against the emulator, at the URL given. One line per check; exits 1 if any failed.

It judges the emulator, not itself. FAL_KEY has the key; PREFIX=1 names the hosts through the package's own variables.
"""

import asyncio
import hashlib
import json
import os
import sys
import traceback
import urllib.request

BASE = sys.argv[1]
ADDRESS = BASE.removeprefix("http://")

# With PREFIX=1 the package's own variables name the hosts, and the emulator finds them in the path.
PREFIXED = os.environ.get("PREFIX") == "1"
if PREFIXED:
    os.environ["FAL_RUN_HOST"] = f"{ADDRESS}/fal.run"
    os.environ["FAL_QUEUE_RUN_HOST"] = f"{ADDRESS}/queue.fal.run"

import httpx  # noqa: E402

SENT = set()


def redirected(request):
    """Sends every request to the emulator; the Host header stays fal's."""
    SENT.add(request.url.host)
    request.url = httpx.URL(f"{BASE}{request.url.raw_path.decode()}")
    return request


def patch(transport, method):
    original = getattr(transport, method)

    def sync(self, request):
        return original(self, redirected(request))

    async def asynchronous(self, request):
        return await original(self, redirected(request))

    setattr(transport, method, asynchronous if "async" in method else sync)


patch(httpx.HTTPTransport, "handle_request")
patch(httpx.AsyncHTTPTransport, "handle_async_request")

import fal_client  # noqa: E402
import fal_client.client  # noqa: E402
from fal_client.client import FalClientHTTPError, FalClientTimeoutError, RealtimeError  # noqa: E402

# Sockets go by another library, whose addresses begin with this: without TLS, and with the host in the path.
fal_client.client.REALTIME_URL_FORMAT = f"ws://{ADDRESS}/fal.run/"

failed = 0


def check(body):
    global failed
    name = body.__doc__
    try:
        result = body()
        if asyncio.iscoroutine(result):
            asyncio.run(result)
        print(f"ok   {name}")
    except Exception:
        failed += 1
        print(f"FAIL {name}: {traceback.format_exc()}")


def control(body):
    request = urllib.request.Request(
        f"{BASE}/__control", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    urllib.request.urlopen(request).read()


def report():
    return json.load(urllib.request.urlopen(f"{BASE}/__control"))


def fails(call, kind=FalClientHTTPError):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError("it did not fail")


@check
def run():
    """run answers a picture that can be fetched"""
    answer = fal_client.run("fal-ai/flux/schnell", {"prompt": "a cat", "image_size": "square", "output_format": "png"})
    picture = urllib.request.urlopen(answer["images"][0]["url"])
    assert picture.headers["content-type"] == "image/png"
    assert picture.read(4) == b"\x89PNG"


@check
def run_invalid():
    """run raises with the status and the detail"""
    error = fails(lambda: fal_client.run("fal-ai/flux/dev", {}))
    assert error.status_code == 422 and "prompt" in str(error), error


@check
def run_error_type():
    """run raises with fal's error type"""
    error = fails(lambda: fal_client.run("emulator/fails", {"error_type": "bad_request"}))
    assert (error.status_code, error.error_type) == (400, "bad_request"), error


@check
def run_timeout():
    """run gives up when the start timeout passes, as the user asked"""
    control({"queue": {"ahead": 10, "step_ms": 1000}})
    error = fails(lambda: fal_client.run("emulator/echo", {}, start_timeout=1.1))
    control({"queue": {"ahead": 0, "step_ms": 400}})
    assert (error.status_code, error.error_type) == (504, "request_timeout"), error


@check
def submit():
    """submit, status, result, with every option"""
    handle = fal_client.submit(
        "emulator/echo", {"a": 1}, hint="runner-1", priority="low", webhook_url="https://example.com/hook",
        start_timeout=30,
    )
    queue = f"{BASE}/queue.fal.run" if PREFIXED else "https://queue.fal.run"
    assert handle.status_url.startswith(f"{queue}/emulator/echo/requests/"), handle.status_url
    assert handle.get(interval=0.02)["fal_headers"] == [
        "x-fal-queue-priority", "x-fal-request-timeout", "x-fal-runner-hint",
    ]
    status = handle.status(with_logs=True)
    assert isinstance(status, fal_client.Completed) and status.metrics["inference_time"] > 0 and status.logs, status


@check
def statuses():
    """iter_events sees Queued with positions, InProgress with logs, Completed"""
    # The clock is moved when a state was seen for the first time, so that none is missed.
    control({"clock": "manual", "queue": {"ahead": 2, "step_ms": 150, "run_ms": 500}})
    handle = fal_client.submit("fal-ai/flux/dev", {"prompt": "a lighthouse"})
    seen = []
    for event in handle.iter_events(with_logs=True, interval=0.03):
        name = type(event).__name__ + (str(event.position) if isinstance(event, fal_client.Queued) else "")
        if name not in seen:
            seen.append(name)
            control({"advance_ms": 150 if name.startswith("Queued") else 500})
    control({"clock": "real", "queue": {"ahead": 0, "step_ms": 400, "run_ms": None}})
    assert seen == ["Queued2", "Queued1", "InProgress", "Completed"], seen
    assert event.logs[-1]["message"].startswith("100%"), event.logs[-1]


@check
def subscribe():
    """subscribe"""
    updates = []
    answer = fal_client.subscribe(
        "fal-ai/flux/schnell", {"prompt": "the sea"}, with_logs=True, interval=0.05, on_queue_update=updates.append
    )
    assert len(answer["images"]) == 1 and isinstance(updates[-1], fal_client.Completed)


@check
def subscribe_failure():
    """a failure shows on the status and on the result"""
    handle = fal_client.submit("emulator/fails", {"error_type": "runner_disconnected"})
    list(handle.iter_events(interval=0.02))
    status = handle.status()
    assert (status.error_type, bool(status.error)) == ("runner_disconnected", True), status
    assert fails(handle.get).status_code == 503


@check
def subscribe_timeout():
    """subscribe cancels on its own timeout"""
    fails(
        lambda: fal_client.subscribe("emulator/slow", {"seconds": 60}, client_timeout=1.2, interval=0.05),
        FalClientTimeoutError,
    )
    assert report()["jobs"][-1]["error_type"] == "client_cancelled"


@check
def cancel():
    """cancel"""
    handle = fal_client.submit("emulator/slow", {"seconds": 60})
    handle.cancel()
    assert fails(handle.get).status_code == 499
    assert fails(handle.cancel).status_code == 400


@check
def stream():
    """stream"""
    events = list(fal_client.stream("fal-ai/any-llm", {"prompt": "Why is the sky blue?"}))
    assert events[0]["partial"] and not events[-1]["partial"] and len(events) > 10


@check
def stream_workflow():
    """stream of a workflow's events"""
    events = list(fal_client.stream("workflows/emulator/postcard", {"prompt": "a"}))
    assert [event["type"] for event in events] == ["submit", "completion"] * 2 + ["output"], events


@check
def realtime():
    """realtime in MessagePack with a token, and orderly and other ends"""
    control({"realtime": {"timings": True}})
    with fal_client.realtime("fal-ai/fast-lcm-diffusion", max_buffering=2) as connection:
        connection.send({"prompt": "the sea", "request_id": "r1"})
        answer = connection.recv()
        assert answer["request_id"] == "r1" and answer["images"][0]["content"][:2] == b"\xff\xd8", answer
        control({"realtime": {"session_timeout_ms": 0}})
        error = fails(connection.recv, RealtimeError)
        assert error.error == "TIMEOUT", error
        assert connection.recv() is None, "closed in good order"
    control({"realtime": {"session_timeout_ms": None, "timings": False}})
    control({"faults": [{"match": {"path_contains": "/realtime"}, "then": {"close": 1006}}]})
    with fal_client.realtime("emulator/echo") as connection:
        assert fails(connection.recv, RealtimeError).error == "CONNECTION_CLOSED"


@check
def realtime_json():
    """realtime in JSON with a key on the handshake"""
    codec = {"encode_message": lambda value: json.dumps(value).encode(), "decode_message": json.loads}
    with fal_client.realtime("emulator/echo", use_jwt=False, **codec) as connection:
        connection.send({"a": [1, None, "ü"]})
        assert connection.recv() == {"a": [1, None, "ü"]}


@check
def ws_connect():
    """ws_connect gives the bare socket"""
    with fal_client.ws_connect("fal-ai/any-llm", path="/realtime") as socket:
        socket.send('{"prompt": "Why?"}')
        assert "Why?" in json.loads(socket.recv())["output"]


@check
def upload():
    """upload to the CDN, and image to image from it"""
    picture = fal_client.run("fal-ai/flux/schnell", {"prompt": "a house", "image_size": "square"})["images"][0]
    data = urllib.request.urlopen(picture["url"]).read()
    url = fal_client.upload(data, "image/jpeg", "house.jpg")
    assert url.startswith(f"{BASE}/v3.fal.media/files/"), url
    assert urllib.request.urlopen(url).read() == data
    answer = fal_client.run("fal-ai/flux/dev/image-to-image", {"prompt": "at night", "image_url": url})
    assert answer["images"][0]["width"] == 512
    inline = fal_client.encode(data, "image/jpeg")
    assert fal_client.run("fal-ai/flux/dev/image-to-image", {"prompt": "snow", "image_url": inline})["images"]


@check
def upload_presigned():
    """upload through a presigned URL"""
    url = fal_client.upload(b"hello", "text/plain", "hello.txt", repository="fal", fallback_repository=[])
    served = urllib.request.urlopen(url)
    assert (served.headers["content-type"], served.read()) == ("text/plain", b"hello")


@check
def upload_in_parts():
    """upload of 105 MiB, parts in parallel"""
    data = bytes(range(251)) * (105 * 1024 * 1024 // 251)
    url = fal_client.upload(data, "application/x-large", "large.bin")
    file = next(file for file in report()["files"] if file["url"] == url)
    assert (file["size"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest()), file
    parts = [request for request in report()["requests"] if "/multipart/" in request["path"]]
    assert len(parts) == 12, len(parts)
    assert 1 < report()["uploads"][-1]["most_at_once"] <= 10, report()["uploads"][-1]


@check
async def asynchronous():
    """the async client: run, submit, status, subscribe, stream, upload, realtime, cancel"""
    assert (await fal_client.run_async("emulator/echo", {"a": 1}))["input"] == {"a": 1}
    handle = await fal_client.submit_async("emulator/echo", {"a": 2})
    assert (await handle.get())["input"] == {"a": 2}
    assert (await fal_client.subscribe_async("workflows/emulator/postcard", {"prompt": "a"}))["images"]
    assert [event async for event in fal_client.stream_async("fal-ai/any-llm", {"prompt": "Hello"})]
    url = await fal_client.upload_async(b"hello", "text/plain")
    assert urllib.request.urlopen(url).read() == b"hello"
    async with fal_client.realtime_async("emulator/echo") as connection:
        await connection.send({"a": b"\0"})
        assert await connection.recv() == {"a": b"\0"}
    slow = await fal_client.submit_async("emulator/slow", {"seconds": 60})
    await slow.cancel()
    assert isinstance(await slow.status(), fal_client.Completed)


expected = {"127.0.0.1"} if PREFIXED else {"fal.run", "queue.fal.run"}
strangers = SENT - expected - {"127.0.0.1", "rest.fal.ai", "v3.fal.media"}
if strangers:
    failed += 1
    print(f"FAIL requests for unexpected hosts: {strangers}")
print(f"{failed} failed" if failed else "all passed")
sys.exit(1 if failed else 0)
