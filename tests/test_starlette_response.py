"""FileResponse: what Starlette's own does, and what it doesn't."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import FileResponse as FastAPIFileResponse
from starlette import responses
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Message

import rapfiles
from asgi import Answer, Client, request, scope_of
from conftest import open_fds, settles
from rapfiles.starlette import FileNotServed, FileResponse

BIG = 3_000_000


@pytest.fixture
def files(tmp_path: Path) -> dict[int, Path]:
    """Files of some sizes: empty, small, just over what is read at once, of many chunks."""
    made = {}
    for size in (0, 1, 4_096, 262_145, BIG):
        path = tmp_path / f"{size}.html"
        path.write_bytes(random.Random(size).randbytes(size))
        made[size] = path
    return made


def comparable(answer: Answer) -> tuple[object, ...]:
    """All that two servers have to agree on: only the boundary is chosen at random."""
    headers, body = answer.raw_headers, answer.body
    kind = answer.headers.get("content-type", "")
    if found := re.search(r"boundary=(\w+)", kind):
        boundary = found.group(1)
        headers = [(name, value.replace(boundary, "B")) for name, value in headers]
        body = body.replace(boundary.encode(), b"B")
    return answer.status, headers, body, answer.is_whole


def some_range(draw: random.Random, size: int) -> str:
    near = [0, 1, 5, size // 2, size - 1, size, size + 1, 10 * size]

    def number() -> str:
        return "" if draw.random() < 0.2 else str(max(0, draw.choice(near) + draw.randint(-2, 2)))

    odd = [
        "bytes=",
        "lines=0-1",
        "0-1",
        "bytes=x",
        "bytes=-",
        "bytes=5-2",
        "bytes=,,1-2,",
        "bytes=a-b",
    ]
    if draw.random() < 0.15:
        return draw.choice([*odd, "bytes=" + "0-0," * 101, "Bytes = 1 - 2 "])
    parts = [f"{number()}-{number()}" for _ in range(draw.choice([1, 1, 1, 2, 3, 7]))]
    return "bytes=" + draw.choice([",", ", "]).join(parts)


async def test_600_requests_are_answered_as_by_starlette(files: dict[int, Path]) -> None:
    draw = random.Random(1)
    for _ in range(600):
        size = draw.choice([0, 1, 4_096, 4_096, 262_145])
        etag = (await request(responses.FileResponse(files[size]), method="HEAD")).headers
        headers = {}
        if draw.random() < 0.8:
            headers["Range"] = some_range(draw, size)
        if draw.random() < 0.3:
            choices = [etag["etag"], "W/" + etag["etag"], etag["last-modified"], '"x"', "", "x"]
            headers["If-Range"] = draw.choice(choices)
        method = draw.choice(["GET", "GET", "GET", "HEAD", "POST", "get"])
        arguments: dict[str, Any] = draw.choice(
            [
                {},
                {"filename": "a b.txt"},
                {"media_type": "text/css", "headers": {"X-Own": "1", "ETag": '"own"'}},
                {"status_code": 201},
                {"stat_result": files[size].stat()},
                {"filename": "x.txt", "content_disposition_type": "inline"},
            ]
        )
        mine = await request(FileResponse(files[size], **arguments), "/", method, headers)
        other = await request(
            responses.FileResponse(files[size], **arguments), "/", method, headers
        )
        assert comparable(mine) == comparable(other), (method, headers, arguments)


async def test_a_small_file_is_one_crossing_without_a_thread(files: dict[int, Path]) -> None:
    await request(FileResponse(files[1]))
    before = rapfiles.metrics()["kinds"]["serve"]
    for _ in range(10):
        answer = await request(FileResponse(str(files[4_096])))
        assert (answer.status, len(answer.messages)) == (200, 2)
    after = rapfiles.metrics()["kinds"]["serve"]
    assert after["now"] + after["soon"] == before["now"] + before["soon"] + 10
    if os.environ.get("RAPFILES_NOW") == "0":
        assert after["now"] == before["now"]


async def test_a_large_file_comes_whole(files: dict[int, Path], no_fd_left: None) -> None:
    answer = await request(FileResponse(files[BIG]))
    assert answer.body == files[BIG].read_bytes()
    assert answer.headers["content-length"] == str(BIG)
    assert len(answer.messages) > 5


async def test_preconditions(files: dict[int, Path], no_fd_left: None) -> None:
    path = files[BIG]
    etag = (await request(FileResponse(path))).headers["etag"]
    response = FileResponse(path, headers={"Cache-Control": "private"})
    response.set_cookie("a", "b")
    answer = await request(response, headers={"If-None-Match": f"W/{etag}"})
    assert (answer.status, answer.body) == (304, b"")
    assert [name for name, _ in answer.raw_headers] == ["cache-control", "set-cookie", "etag"]
    answer = await request(FileResponse(path), headers={"If-Match": '"other"'})
    assert answer.status == 412
    answer = await request(FileResponse(path), headers={"If-Match": etag, "Range": "bytes=0-1"})
    assert (answer.status, answer.body) == (206, path.read_bytes()[:2])
    answer = await request(FileResponse(path), "/", "POST", {"If-None-Match": "*"})
    assert answer.status == 200
    answer = await request(FileResponse(path, 201), headers={"If-None-Match": "*"})
    assert answer.status == 201


async def test_metadata_that_are_out_of_date_are_corrected(files: dict[int, Path]) -> None:
    old = files[4_096].stat()
    files[4_096].write_bytes(b"new")
    answer = await request(FileResponse(files[4_096], stat_result=old))
    fresh = await request(FileResponse(files[4_096]))
    assert answer.body == b"new"
    assert answer.headers == fresh.headers


def cut_after_first(client: Client, path: Path, size: int) -> Any:
    """What is sent to changes the file when the first part of the body has arrived."""

    async def send(message: Message) -> None:
        await client.send(message)
        if len(client.answer.messages) == 2:
            os.truncate(path, size)

    return send


async def test_a_file_that_is_cut_while_it_is_sent_ends_the_connection(
    files: dict[int, Path], no_fd_left: None
) -> None:
    client = Client()
    with pytest.raises(RuntimeError, match="shorter than expected"):
        await FileResponse(files[BIG])(
            scope_of("/"), client.receive, cut_after_first(client, files[BIG], 1_000)
        )
    assert not client.answer.is_whole
    assert client.answer.headers["content-length"] == str(BIG)


async def test_of_a_file_that_grows_only_what_was_announced_is_sent(
    files: dict[int, Path], no_fd_left: None
) -> None:
    client, content = Client(), files[BIG].read_bytes()
    send = cut_after_first(client, files[BIG], BIG + 1_000_000)
    await FileResponse(files[BIG])(scope_of("/"), client.receive, send)
    assert client.answer.body == content
    assert client.answer.is_whole


@pytest.mark.parametrize("kind", ["missing", "directory", "fifo", "device", "loop"])
async def test_what_is_no_file_is_not_found(kind: str, tmp_path: Path, no_fd_left: None) -> None:
    paths = {name: tmp_path / name for name in ("missing", "directory", "fifo", "loop")}
    paths["device"] = Path("/dev/zero")
    paths["directory"].mkdir()
    os.mkfifo(paths["fifo"])
    paths["loop"].symlink_to("loop")
    for method, headers in [("GET", {}), ("HEAD", {}), ("GET", {"Range": "bytes=0-1"})]:
        expected = OSError if kind == "loop" else FileNotServed
        with pytest.raises(expected) as raised:
            await request(FileResponse(paths[kind]), "/", method, headers)
        if isinstance(raised.value, FileNotServed):
            assert str(paths[kind]) in str(raised.value)
            assert isinstance(raised.value, RuntimeError)
        else:
            assert isinstance(raised.value, OSError)
            assert (raised.value.errno, raised.value.filename) == (errno.ELOOP, str(paths[kind]))


async def test_an_application_answers_404_and_tells_nothing(tmp_path: Path) -> None:
    async def endpoint(asked: Request) -> FileResponse:
        return FileResponse(tmp_path / "secret-name")

    answer = await request(Starlette(routes=[Route("/", endpoint)]))
    assert answer.status == 404
    assert b"secret-name" not in answer.body


@pytest.mark.parametrize(("path", "error"), [("a\0b", ValueError), ("x" * 5_000, OSError)])
async def test_bad_paths(path: str, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        await request(FileResponse(path, media_type="text/plain"))
    if isinstance(raised.value, OSError):
        assert (raised.value.errno, raised.value.filename) == (errno.ENAMETOOLONG, path)


async def test_a_client_that_goes_away_is_not_read_for(
    files: dict[int, Path], no_fd_left: None
) -> None:
    done: list[int] = []
    client = Client(goes_after=3)
    response = FileResponse(files[BIG], background=BackgroundTask(done.append, 1))
    await response(scope_of("/"), client.receive, client.send)
    assert 3 <= len(client.answer.messages) <= 5
    assert not client.answer.is_whole
    assert done == [1]


async def test_a_server_that_fails_to_receive_is_heard(
    files: dict[int, Path], no_fd_left: None
) -> None:
    async def receive() -> Message:
        raise OSError(errno.EIO, "no more messages")

    with pytest.raises(OSError, match="no more messages"):
        await FileResponse(files[BIG])(scope_of("/"), receive, Client().send)


async def test_a_server_that_fails_to_send_is_heard(
    files: dict[int, Path], no_fd_left: None
) -> None:
    async def send(message: Message) -> None:
        if message.get("body"):
            raise OSError(errno.EPIPE, "gone")

    scope = scope_of("/", asgi={"version": "3.0", "spec_version": "2.4"})
    for headers in ({}, {"Range": "bytes=0-999999,1999999-2999999"}):
        scope["headers"] = scope_of("/", headers=headers)["headers"]
        with pytest.raises(OSError, match="gone"):
            await FileResponse(files[BIG])(scope, Client().receive, send)


@pytest.mark.parametrize("spec", ["2.3", "2.4"])
async def test_cancelled_while_it_is_sent(
    spec: str, files: dict[int, Path], no_fd_left: None
) -> None:
    reached = asyncio.Event()

    async def send(message: Message) -> None:
        if message.get("body"):
            reached.set()
            await asyncio.Event().wait()

    scope = scope_of("/", asgi={"version": "3.0", "spec_version": spec})
    sending = asyncio.ensure_future(FileResponse(files[BIG])(scope, Client().receive, send))
    await reached.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


async def test_cancelled_at_any_moment(files: dict[int, Path], no_fd_left: None) -> None:
    draw = random.Random(2)
    for _ in range(100):
        sending = asyncio.ensure_future(request(FileResponse(files[BIG])))
        for _ in range(draw.randrange(12)):
            await asyncio.sleep(0)
        sending.cancel()
        await asyncio.wait([sending])


async def test_the_server_sends_the_file_itself_if_it_offers_to(files: dict[int, Path]) -> None:
    offer: dict[str, Any] = {"extensions": {"http.response.pathsend": {}}}
    answer = await request(FileResponse(files[BIG]), **offer)
    assert answer.messages[1] == {"type": "http.response.pathsend", "path": str(files[BIG])}
    assert answer.headers["content-length"] == str(BIG)
    part = await request(FileResponse(files[BIG]), headers={"Range": "bytes=0-1"}, **offer)
    assert part.body == files[BIG].read_bytes()[:2]
    head = await request(FileResponse(files[BIG]), method="HEAD", **offer)
    assert head.body == b""


async def test_a_websocket_is_denied_with_a_file(files: dict[int, Path]) -> None:
    client = Client()
    scope = scope_of("/", type="websocket", extensions={"websocket.http.response": {}})
    del scope["method"]
    await FileResponse(files[4_096])(scope, client.receive, client.send)
    kinds = [message["type"] for message in client.answer.messages]
    assert kinds == ["websocket.http.response.start", "websocket.http.response.body"]
    assert client.answer.body == files[4_096].read_bytes()


async def test_fastapi_takes_it_as_its_own(files: dict[int, Path]) -> None:
    app = FastAPI()

    @app.get("/returned")
    async def returned() -> FileResponse:
        return FileResponse(files[4_096])

    @app.get("/class", response_class=FileResponse)
    async def by_class() -> str:
        return str(files[4_096])

    for path in ("/returned", "/class"):
        answer = await request(app, path)
        assert (answer.status, answer.body) == (200, files[4_096].read_bytes())
    assert isinstance(FileResponse("x"), FastAPIFileResponse)


async def test_a_response_that_is_never_sent_holds_nothing(
    files: dict[int, Path], no_fd_left: None
) -> None:
    FileResponse(files[BIG])


async def test_many_at_once(files: dict[int, Path], no_fd_left: None) -> None:
    before = open_fds()
    answers = await asyncio.gather(*(request(FileResponse(files[BIG])) for _ in range(40)))
    assert {len(answer.body) for answer in answers} == {BIG}
    assert settles(open_fds, before) <= before
