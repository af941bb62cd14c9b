"""save_upload and stream_upload: whole or not at all."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import io
import os
import random
import resource
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest
from fastapi import FastAPI, Form
from fastapi import UploadFile as FastAPIUploadFile
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request

from asgi import Client, scope_of
from asgi import request as ask
from rapfiles.starlette import SavedUpload, UploadTooLarge, save_upload, stream_upload

SIZES = [0, 1, 70_000, 3_000_000]


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


Make = Callable[..., UploadFile]


@pytest.fixture
def uploaded() -> Iterator[Make]:
    """Makes files as forms have them: in memory up to a size, in a temporary file beyond."""
    with ExitStack() as closing:

        def make(size: int, spooled_from: int = 1_000_000) -> UploadFile:
            file: Any = closing.enter_context(SpooledTemporaryFile(max_size=spooled_from))
            file.write(content(size))
            return UploadFile(file, size=size, filename="name")

        yield make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "uploads"
    made.mkdir()
    return made


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("atomic", [True, False])
@pytest.mark.parametrize("algorithm", [None, "sha256"])
async def test_what_comes_in_is_what_is_saved(
    size: int, atomic: bool, algorithm: str | None, folder: Path, uploaded: Make, no_fd_left: None
) -> None:
    for spooled_from in (1_000_000, 1):
        path = folder / f"{spooled_from}"
        upload = uploaded(size, spooled_from)
        saved = await save_upload(upload, path, hash=algorithm, atomic=atomic, max_bytes=size)
        digest = hashlib.sha256(content(size)).hexdigest() if algorithm else None
        assert saved == SavedUpload(size, digest, str(path))
        assert path.read_bytes() == content(size)
        assert await upload.read(10) == content(size)[:10]
        await upload.close()
    assert sorted(os.listdir(folder)) == ["1", "1000000"]


@pytest.mark.parametrize("atomic", [True, False])
@pytest.mark.parametrize("size", SIZES)
async def test_a_body_is_saved_as_it_comes(
    size: int, atomic: bool, folder: Path, no_fd_left: None
) -> None:
    whole = content(size)
    pieces = [whole[at : at + 50_000] for at in range(0, size, 50_000)] or [b""]
    client = Client(body=pieces)
    asked = Request(scope_of("/", "POST"), client.receive)
    saved = await stream_upload(asked, folder / "a", atomic=atomic, hash="md5", durability="none")
    assert saved == SavedUpload(size, hashlib.md5(whole).hexdigest(), str(folder / "a"))
    assert folder.joinpath("a").read_bytes() == whole
    assert os.listdir(folder) == ["a"]


@pytest.mark.parametrize("atomic", [True, False])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("spooled_from", [1, 10_000_000])
async def test_too_much_is_refused(
    atomic: bool, known: bool, spooled_from: int, folder: Path, uploaded: Make, no_fd_left: None
) -> None:
    upload = uploaded(100_001, spooled_from)
    if not known:
        upload.size = None
    for algorithm in (None, "sha1"):
        with pytest.raises(UploadTooLarge) as refused:
            await save_upload(
                upload, folder / "a", max_bytes=100_000, hash=algorithm, atomic=atomic
            )
        assert (refused.value.status_code, refused.value.max_bytes) == (413, 100_000)
    assert os.listdir(folder) == []
    await upload.close()


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "5000"}, {"Content-Length": "x"}])
async def test_a_body_that_is_too_large_is_refused(
    headers: dict[str, str], folder: Path, no_fd_left: None
) -> None:
    client = Client(body=[b"x" * 1_000] * 5)
    asked = Request(scope_of("/", "POST", headers), client.receive)
    with pytest.raises(UploadTooLarge):
        await stream_upload(asked, folder / "a", max_bytes=4_999)
    assert os.listdir(folder) == []
    # What is announced to be too much isn't even received.
    assert len(client._body) == (5 if headers.get("Content-Length") == "5000" else 0)


async def test_a_client_that_goes_away_leaves_nothing(folder: Path, no_fd_left: None) -> None:
    client = Client(body=[b"x" * 100_000] * 3)
    client._body.append(b"never last")

    async def receive() -> Any:
        message = await client.receive()
        return message if message.get("more_body") else {"type": "http.disconnect"}

    for atomic in (True, False):
        client._body = [b"x" * 100_000] * 3
        with pytest.raises(ClientDisconnect):
            await stream_upload(
                Request(scope_of("/", "POST"), receive), folder / "a", atomic=atomic
            )
        assert os.listdir(folder) == []


@pytest.mark.parametrize("atomic", [True, False])
async def test_what_is_there_stays_unless_it_may_be_replaced(
    atomic: bool, folder: Path, uploaded: Make, no_fd_left: None
) -> None:
    path = folder / "a"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(FileExistsError) as raised:
        await save_upload(uploaded(10), path, atomic=atomic)
    assert (raised.value.errno, raised.value.filename) == (errno.EEXIST, str(path))
    assert path.read_text(encoding="utf-8") == "old"
    await save_upload(uploaded(10), path, atomic=atomic, overwrite=True)
    assert path.read_bytes() == content(10)
    assert os.listdir(folder) == ["a"]


async def test_a_dangling_link_is_something_that_is_there(folder: Path, uploaded: Make) -> None:
    folder.joinpath("a").symlink_to("../outside")
    with pytest.raises(FileExistsError):
        await save_upload(uploaded(10), folder / "a")
    assert not folder.parent.joinpath("outside").exists()


@pytest.mark.parametrize("atomic", [True, False])
async def test_errors_name_the_file_that_was_asked_for(
    atomic: bool, folder: Path, uploaded: Make
) -> None:
    path = folder / "none/a"
    with pytest.raises(FileNotFoundError) as raised:
        await save_upload(uploaded(10), path, atomic=atomic)
    assert (raised.value.errno, raised.value.filename) == (errno.ENOENT, str(path))
    with pytest.raises(IsADirectoryError):
        await save_upload(uploaded(10), folder, atomic=atomic, overwrite=True)
    assert os.listdir(folder) == []


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may grow beyond 50,000 bytes: EFBIG, as a full disk is ENOSPC."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("atomic", [True, False])
async def test_what_can_not_be_written_leaves_nothing(
    no_fd_left: None, atomic: bool, folder: Path, uploaded: Make, request: pytest.FixtureRequest
) -> None:
    uploads = [uploaded(70_000), uploaded(3_000_000)]
    for upload in uploads:
        await upload.seek(0)
    request.getfixturevalue("small_files")
    for upload in uploads:
        for algorithm in (None, "md5"):
            with pytest.raises(OSError) as raised:
                await save_upload(upload, folder / "a", hash=algorithm, atomic=atomic)
            expected = (errno.EFBIG, str(folder / "a"))
            assert (raised.value.errno, raised.value.filename) == expected
            assert os.listdir(folder) == []


async def test_a_device_is_not_removed(folder: Path, uploaded: Make) -> None:
    os.mkfifo(folder / "fifo")
    reading = os.open(folder / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(UploadTooLarge):
            upload = uploaded(10)
            upload.size = None
            await save_upload(upload, folder / "fifo", max_bytes=5, atomic=False, overwrite=True)
    finally:
        os.close(reading)
    assert os.listdir(folder) == ["fifo"]


async def test_bad_arguments_touch_nothing(folder: Path, uploaded: Make) -> None:
    for arguments in ({"hash": "sha3000"}, {"max_bytes": -1}, {"durability": "some"}):
        with pytest.raises(ValueError):
            await save_upload(uploaded(10), folder / "a", **arguments)
    with pytest.raises(ValueError, match="null"):
        await save_upload(uploaded(10), f"{folder}/a\0b")
    assert os.listdir(folder) == []


@pytest.mark.parametrize("atomic", [True, False])
@pytest.mark.parametrize("algorithm", [None, "md5"])
async def test_cancelled_at_any_moment(
    atomic: bool, algorithm: str | None, folder: Path, uploaded: Make, no_fd_left: None
) -> None:
    draw, upload = random.Random(5), uploaded(1_200_000)
    for number in range(40):
        path = folder / str(number)
        saving = asyncio.ensure_future(
            save_upload(upload, path, hash=algorithm, atomic=atomic, durability="none")
        )
        for _ in range(draw.randrange(40)):
            await asyncio.sleep(0)
        saving.cancel()
        await asyncio.wait([saving])
        assert set(os.listdir(folder)) <= {str(number)}
        if path.exists():
            assert path.read_bytes() == content(1_200_000)
            path.unlink()
    await upload.close()


async def test_objects_that_are_only_like_uploads(folder: Path) -> None:
    upload = UploadFile(io.BytesIO(b"some bytes"), filename="x")
    assert (await save_upload(upload, folder / "a")).size == 10
    with folder.joinpath("a").open("rb") as file:
        assert (await save_upload(UploadFile(file), folder / "b")).size == 10


async def test_in_fastapi(folder: Path) -> None:
    app = FastAPI()

    @app.post("/")
    async def take(file: FastAPIUploadFile, name: str = Form()) -> dict[str, Any]:
        saved = await save_upload(file, folder / name, hash="sha256", max_bytes=100_000)
        return saved._asdict()

    def form(body: bytes) -> bytes:
        head = b'--B\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n'
        return b"".join(
            [
                head % (b"name", b""),
                b"saved\r\n",
                head % (b"file", b'; filename="f"'),
                body,
                b"\r\n--B--",
            ]
        )

    for size, status in ((5_000, 200), (200_000, 413)):
        client = Client(body=[form(content(size))])
        headers = {"Content-Type": "multipart/form-data; boundary=B"}
        await app(scope_of("/", "POST", headers), client.receive, client.send)
        assert client.answer.status == status
    assert folder.joinpath("saved").read_bytes() == content(5_000)
    assert (await ask(app, "/", "POST")).status == 422
