"""Binary and raw handles: every method and attribute, native and through an executor."""

from __future__ import annotations

import array
import contextlib
import io
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import pytest

import rapfiles
from as_blocking import facts

CONTENT = b"first\nsecond\n\nlast, without an end"
LINES = CONTENT.splitlines(keepends=True)


class Opener(Protocol):
    async def __call__(self, mode: str = "rb", buffering: int = -1) -> Any: ...


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "file"
    file.write_bytes(CONTENT)
    return file


@pytest.fixture(params=["native", "executor"])
async def opened(request: pytest.FixtureRequest, path: Path) -> AsyncIterator[Opener]:
    """Opens the file in a mode; it is closed in the end."""
    files: list[Any] = []
    with ThreadPoolExecutor(2) as pool:
        executor = pool if request.param == "executor" else None

        async def opening(mode: str = "rb", buffering: int = -1) -> Any:
            file = await rapfiles.open(path, mode, buffering, executor=executor)
            assert file._native is (executor is None)
            files.append(file)
            return file

        yield opening
        for file in files:
            with contextlib.suppress(ValueError):  # detached
                await file.close()


anyhow = pytest.mark.parametrize(
    ("mode", "buffering"), [("rb", -1), ("r+b", -1), ("rb", 16), ("rb", 0), ("r+b", 0)]
)
written = pytest.mark.parametrize(
    ("mode", "buffering"), [("wb", -1), ("w+b", -1), ("wb", 4), ("wb", 0), ("w+b", 0)]
)


# Reading.


@anyhow
async def test_read_all(mode: str, buffering: int, opened: Opener) -> None:
    file = await opened(mode, buffering)
    assert await file.read() == CONTENT
    assert await file.read() == b""
    for everything in (-1, None):
        await file.seek(0)
        assert await file.read(everything) == CONTENT


@anyhow
async def test_read_a_part(mode: str, buffering: int, opened: Opener) -> None:
    file = await opened(mode, buffering)
    assert await file.read(0) == b""
    assert await file.read(3) == b"fir"
    assert await file.read(4) == b"st\ns"
    assert await file.read(10_000) == CONTENT[7:]
    assert await file.read(1) == b""


@anyhow
async def test_lines(mode: str, buffering: int, opened: Opener) -> None:
    file = await opened(mode, buffering)
    assert await file.readline() == LINES[0]
    assert await file.readline(3) == b"sec"
    assert await file.readline(-1) == b"ond\n"
    # More than so many bytes.
    assert await file.readlines(1) == LINES[2:4]
    assert await file.readlines() == []
    assert await file.readline() == b""
    await file.seek(0)
    assert [line async for line in file] == LINES
    await file.seek(0)
    assert await anext(file) == LINES[0]
    assert await file.read() == CONTENT[6:]


@anyhow
async def test_readinto(mode: str, buffering: int, opened: Opener) -> None:
    file = await opened(mode, buffering)
    into = bytearray(8)
    assert await file.readinto(into) == 8
    assert into == CONTENT[:8]
    part = memoryview(into)[2:5]
    assert await file.readinto(part) == 3
    assert into == CONTENT[:2] + CONTENT[8:11] + CONTENT[5:8]
    numbers = array.array("i", [0, 0])
    assert await file.readinto(numbers) == numbers.itemsize * 2
    assert numbers.tobytes() == CONTENT[11:19]
    rest = bytearray(1000)
    assert await file.readinto(rest) == len(CONTENT) - 19
    assert rest.startswith(CONTENT[19:])
    assert await file.readinto(rest) == 0
    assert await file.readinto(bytearray()) == 0


@pytest.mark.parametrize("mode", ["rb", "r+b"])
async def test_what_one_system_call_brings(mode: str, opened: Opener) -> None:
    file = await opened(mode)
    assert await file.read1(5) == CONTENT[:5]
    assert CONTENT[5:].startswith(await file.read1()) is True
    await file.seek(0)
    into = bytearray(5)
    assert await file.readinto1(into) == 5
    assert into == CONTENT[:5]
    assert await file.peek(1) != b""
    assert CONTENT[5:].startswith(await file.peek())
    assert await file.read() == CONTENT[5:]
    assert await file.read1() == await file.peek() == b""


async def test_readall(opened: Opener) -> None:
    file = await opened("rb", 0)
    await file.read(6)
    assert await file.readall() == CONTENT[6:]
    assert await file.readall() == b""


# Writing.


@written
async def test_write(mode: str, buffering: int, opened: Opener, path: Path) -> None:
    file = await opened(mode, buffering)
    assert await file.write(b"bytes, ") == 7
    assert await file.write(bytearray(b"bytearray, ")) == 11
    assert await file.write(memoryview(b"memoryview, ")) == 12
    numbers = array.array("H", [1, 2])
    assert await file.write(numbers) == 4
    assert await file.write(b"") == 0
    assert await file.writelines([b"lines, ", bytearray(b"of any kind")]) is None
    assert await file.flush() is None
    assert path.read_bytes() == (
        b"bytes, bytearray, memoryview, " + numbers.tobytes() + b"lines, of any kind"
    )
    assert await file.tell() == len(path.read_bytes())


async def test_what_is_written_is_as_it_was_at_the_call(opened: Opener, path: Path) -> None:
    file = await opened("wb")
    data = bytearray(b"x" * 300_000)
    await file.write(data)
    data[:] = b"y" * len(data)
    await file.close()
    assert path.read_bytes() == b"x" * 300_000


@pytest.mark.parametrize("buffering", [-1, 0])
async def test_append(buffering: int, opened: Opener, path: Path) -> None:
    file = await opened("a+b", buffering)
    assert await file.tell() == len(CONTENT)
    await file.seek(0)
    assert await file.read(5) == b"first"
    await file.write(b"!")
    await file.close()
    assert path.read_bytes() == CONTENT + b"!"


@pytest.mark.parametrize("buffering", [-1, 0])
async def test_reading_and_writing_in_turns(buffering: int, opened: Opener, path: Path) -> None:
    file = await opened("r+b", buffering)
    assert await file.read(2) == b"fi"
    await file.write(b"RS")
    assert await file.read(2) == b"t\n"
    await file.seek(-3, os.SEEK_END)
    await file.write(b"END")
    await file.seek(0)
    assert await file.read() == b"fiRSt\nsecond\n\nlast, without an END"


@pytest.mark.parametrize("buffering", [-1, 0])
async def test_truncate(buffering: int, opened: Opener, path: Path) -> None:
    file = await opened("r+b", buffering)
    await file.read(3)
    assert await file.truncate() == 3
    assert await file.truncate(10) == 10
    assert await file.tell() == 3
    await file.seek(0)
    assert await file.read() == b"fir" + bytes(7)
    assert path.stat().st_size == 10


@anyhow
async def test_seek_and_tell(mode: str, buffering: int, opened: Opener) -> None:
    file = await opened(mode, buffering)
    assert await file.seek(6) == await file.tell() == 6
    assert await file.read(6) == b"second"
    assert await file.seek(-6, os.SEEK_CUR) == 6
    assert await file.seek(0, os.SEEK_CUR) == 6
    assert await file.seek(-3, os.SEEK_END) == len(CONTENT) - 3
    assert await file.read() == b"end"
    assert await file.seek(1000) == 1000
    assert await file.read() == b""
    with pytest.raises((ValueError, OSError)):
        await file.seek(-1)
    with pytest.raises((ValueError, OSError)):
        await file.seek(0, 77)
    assert await file.tell() == 1000


@pytest.mark.parametrize("buffering", [-1, 0])
@pytest.mark.parametrize("mode", ["rb", "wb"])
async def test_the_wrong_direction(mode: str, buffering: int, opened: Opener, path: Path) -> None:
    file = await opened(mode, buffering)
    names = {"read": (), "readline": ()} if mode == "wb" else {"write": (b"x",), "truncate": ()}
    with open(path, mode, buffering) as blocking:
        for name, args in names.items():
            with pytest.raises(io.UnsupportedOperation) as expected:
                getattr(blocking, name)(*args)
            with pytest.raises(io.UnsupportedOperation) as found:
                await getattr(file, name)(*args)
            assert str(found.value) == str(expected.value)
    assert file.readable() is (mode == "rb")
    assert await file.writable() is (mode == "wb")


@pytest.mark.parametrize("data", ["text", 3, None])
@pytest.mark.parametrize("buffering", [-1, 0])
async def test_only_bytes_are_written(data: Any, buffering: int, opened: Opener) -> None:
    file = await opened("wb", buffering)
    with pytest.raises(TypeError, match="a bytes-like object is required"):
        await file.write(data)


# Attributes, and the file below.


@anyhow
async def test_attributes(mode: str, buffering: int, opened: Opener, path: Path) -> None:
    file = await opened(mode, buffering)
    with open(path, mode, buffering) as blocking:
        assert (file.name, file.mode, file.closed) == (blocking.name, blocking.mode, False)
    assert file._file.closed is False
    assert os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    for name in ("name", "mode", "closed"):
        with pytest.raises(AttributeError):
            setattr(file, name, None)
    await file.close()
    assert file.closed is file._file.closed is True


@pytest.mark.parametrize(
    ("mode", "layer"), [("rb", io.FileIO), ("wb", io.FileIO), ("r+b", io.FileIO)]
)
async def test_the_raw_file_below(mode: str, layer: Any, opened: Opener, path: Path) -> None:
    file = await opened(mode)
    fd = file.fileno()
    raw = file.raw
    assert isinstance(raw, layer)
    assert raw.fileno() == fd
    assert file.raw is raw
    assert isinstance(file._file, io.BufferedIOBase)
    await file.close()
    assert raw.closed


@pytest.mark.parametrize("mode", ["rb", "r+b"])
async def test_the_raw_file_stands_where_the_handle_stood(mode: str, opened: Opener) -> None:
    file = await opened(mode)
    assert await file.readline() == LINES[0]
    raw = file.raw
    assert await file.readline() == LINES[1]
    assert await file.tell() == 13
    assert raw is file.raw


async def test_pending_writes_are_kept_when_the_raw_file_is_asked_for(
    opened: Opener, path: Path
) -> None:
    file = await opened("wb")
    await file.write(b"a" * 20_000)
    assert file.raw.fileno() == file.fileno()
    await file.write(b"b")
    await file.close()
    assert path.read_bytes() == b"a" * 20_000 + b"b"


@pytest.mark.parametrize("mode", ["rb", "r+b", "wb"])
async def test_detach(mode: str, opened: Opener, path: Path) -> None:
    file = await opened(mode)
    if mode == "wb":
        await file.write(CONTENT)
    else:
        await file.readline()
    raw = file.detach()
    assert isinstance(raw, io.FileIO)
    for name in ("flush", "tell", "seekable"):
        with pytest.raises(ValueError, match="raw stream has been detached"):
            await getattr(file, name)()
    with pytest.raises(ValueError, match="raw stream has been detached"):
        file.detach()
    with pytest.raises(ValueError, match="raw stream has been detached"):
        _ = file.closed
    raw.close()
    assert path.read_bytes() == CONTENT


async def test_a_raw_handle_has_nothing_below(opened: Opener) -> None:
    file = await opened("rb", 0)
    assert not hasattr(file, "raw")
    assert not hasattr(file, "detach")


@anyhow
@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("read", ()),
        ("readline", ()),
        ("readlines", ()),
        ("readinto", (bytearray(1),)),
        ("write", (b"x",)),
        ("writelines", ([b"x"],)),
        ("flush", ()),
        ("seek", (0,)),
        ("tell", ()),
        ("truncate", ()),
        ("isatty", ()),
        ("seekable", ()),
        ("writable", ()),
    ],
)
async def test_a_closed_file_says_so(
    mode: str, buffering: int, name: str, args: tuple[Any, ...], opened: Opener, path: Path
) -> None:
    blocking = open(path, mode, buffering)
    blocking.close()
    file = await opened(mode, buffering)
    await file.close()
    await file.close()
    try:
        expected = getattr(blocking, name)(*args)
    except ValueError as error:
        expected = facts(error)
    try:
        found = await getattr(file, name)(*args)
    except ValueError as error:
        found = facts(error)
    assert found == expected


@anyhow
async def test_a_closed_file_has_no_lines(mode: str, buffering: int, opened: Opener) -> None:
    file = await opened(mode, buffering)
    await file.close()
    with pytest.raises(ValueError, match="closed file"):
        await anext(file)


async def test_properties_of_a_closed_file(opened: Opener, path: Path) -> None:
    file = await opened()
    await file.close()
    for call in (file.fileno, file.readable):
        with pytest.raises(ValueError, match="closed file"):
            call()
    assert (file.name, file.mode) == (str(path), "rb")


# What isn't a regular file.


async def test_a_pipe() -> None:
    ours, theirs = os.pipe()
    async with rapfiles.open(theirs, "wb") as writer, rapfiles.open(ours, "rb") as reader:
        assert await writer.seekable() is await reader.seekable() is False
        with pytest.raises(io.UnsupportedOperation, match="File or stream is not seekable"):
            await reader.seek(0)
        with pytest.raises(OSError, match="Illegal seek"):
            await reader.tell()
        await writer.write(b"one\ntwo\n")
        await writer.flush()
        assert await reader.readline() == b"one\n"
        raw = reader.raw
        assert (raw.name, raw.mode) == (ours, "rb")
        await writer.write(b"three\n")
        await writer.close()
        assert await reader.read() == b"two\nthree\n"


@pytest.mark.parametrize("mode", ["r+b", "r+", "w+"])
async def test_a_pipe_for_both_is_refused(mode: str) -> None:
    ours, theirs = os.pipe()
    os.close(theirs)
    try:
        with pytest.raises(io.UnsupportedOperation, match="File or stream is not seekable"):
            await rapfiles.open(ours, mode, closefd=False)
    finally:
        os.close(ours)


async def test_a_raw_pipe() -> None:
    ours, theirs = os.pipe()
    async with (
        rapfiles.open(theirs, "wb", buffering=0) as writer,
        rapfiles.open(ours, "rb", buffering=0) as reader,
    ):
        assert await writer.write(b"x" * 10) == 10
        assert await reader.read(4) == b"x" * 4
        # What one system call brings.
        assert await reader.read(1000) == b"x" * 6
        await writer.close()
        assert await reader.readall() == b""
