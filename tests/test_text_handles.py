"""Text handles: every method and attribute, on native handles and on those of an executor."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import pytest

import rapfiles
from rapfiles.threadpool.text import AsyncTextIOWrapper

CONTENT = "first\nsecond äöü\n\nlast, without an end"


class Opener(Protocol):
    async def __call__(self, mode: str = "r", **arguments: Any) -> Any: ...


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "file"
    file.write_text(CONTENT, encoding="utf-8")
    return file


@pytest.fixture(params=["native", "executor"])
async def opened(request: pytest.FixtureRequest, path: Path) -> AsyncIterator[Opener]:
    """Opens the file in a mode; it is closed in the end."""
    files: list[AsyncTextIOWrapper] = []
    with ThreadPoolExecutor(2) as pool:
        executor = pool if request.param == "executor" else None

        async def opening(mode: str = "r", **arguments: Any) -> Any:
            arguments = {"encoding": "utf-8", **arguments}
            file = await rapfiles.open(path, mode, executor=executor, **arguments)
            if file.errors == "strict" and file.encoding == "utf-8":
                assert file._native is (executor is None)
            files.append(file)
            return file

        yield opening
        for file in files:
            with contextlib.suppress(ValueError):  # detached
                await file.close()


# Reading.


async def test_read_all(opened: Opener) -> None:
    file = await opened()
    assert await file.read() == CONTENT
    assert await file.read() == ""


@pytest.mark.parametrize("everything", [-1, -7, None])
async def test_read_all_said_otherwise(everything: int | None, opened: Opener) -> None:
    file = await opened()
    assert await file.read(everything) == CONTENT


async def test_read_counts_characters(opened: Opener) -> None:
    file = await opened()
    assert await file.read(0) == ""
    assert await file.read(15) == "first\nsecond äö"
    assert await file.read(3) == "ü\n\n"
    assert await file.read(1000) == "last, without an end"


async def test_readline(opened: Opener) -> None:
    file = await opened()
    assert await file.readline() == "first\n"
    assert await file.readline(6) == "second"
    assert await file.readline(-1) == " äöü\n"
    assert await file.readline(0) == ""
    assert await file.readline() == "\n"
    assert await file.readline() == "last, without an end"
    assert await file.readline() == ""


async def test_readlines(opened: Opener) -> None:
    file = await opened()
    lines = CONTENT.splitlines(keepends=True)
    assert await file.readlines(7) == lines[:2]
    assert await file.readlines() == lines[2:]
    assert await file.readlines(None) == []


async def test_iteration(opened: Opener) -> None:
    file = await opened()
    assert [line async for line in file] == CONTENT.splitlines(keepends=True)
    assert [line async for line in file] == []
    await file.seek(0)
    assert await anext(file) == "first\n"
    async for line in file:
        assert line == "second äöü\n"
        break
    assert await file.read() == "\nlast, without an end"
    with pytest.raises(StopAsyncIteration):
        await anext(file)


@pytest.mark.parametrize("newline", [None, "", "\n", "\r", "\r\n"])
async def test_newline(newline: str | None, opened: Opener, path: Path) -> None:
    path.write_bytes(b"unix\nwindows\r\nmac\rend\r")
    with open(path, encoding="utf-8", newline=newline) as blocking:
        lines, newlines = blocking.readlines(), blocking.newlines
    file = await opened(newline=newline)
    assert file.newlines is None
    assert await file.readlines() == lines
    assert file.newlines == newlines
    file = await opened("w", newline=newline)
    await file.write("a\nb\r\n")
    await file.close()
    with open(path.with_name("other"), "w", newline=newline) as blocking:
        blocking.write("a\nb\r\n")
    assert path.read_bytes() == path.with_name("other").read_bytes()


async def test_peek_takes_nothing(path: Path) -> None:
    """`io.TextIOWrapper` has no peek: native handles only."""
    async with rapfiles.open(path, encoding="utf-8") as file:
        assert await file.peek(3) == "fir"
        assert CONTENT.startswith(await file.peek())
        assert await file.read() == CONTENT
        assert await file.peek() == ""


# Writing.


async def test_write_and_flush(opened: Opener, path: Path) -> None:
    file = await opened("w")
    assert await file.write("äö\n") == 3
    assert await file.writelines(["x\n", "y"]) is None
    assert await file.writelines(iter(())) is None
    assert await file.flush() is None
    assert path.read_text(encoding="utf-8") == "äö\nx\ny"
    assert await file.write("") == 0
    assert await file.close() is None
    assert await file.close() is None


async def test_append_goes_to_the_end(opened: Opener, path: Path) -> None:
    file = await opened("a+")
    assert await file.tell() == len(CONTENT.encode())
    await file.seek(0)
    assert await file.readline() == "first\n"
    await file.write("!")
    await file.close()
    assert path.read_text(encoding="utf-8") == CONTENT + "!"


async def test_reading_and_writing_in_turns(opened: Opener, path: Path) -> None:
    file = await opened("r+")
    assert await file.readline() == "first\n"
    position = await file.tell()
    await file.seek(position)
    await file.write("SECOND")
    await file.seek(0)
    assert await file.read() == CONTENT.replace("second", "SECOND")


async def test_truncate(opened: Opener, path: Path) -> None:
    file = await opened("r+")
    assert await file.truncate(5) == 5
    assert await file.tell() == 0
    await file.seek(0, os.SEEK_END)
    await file.write("+")
    assert await file.truncate() == 6
    assert await file.truncate(None) == 6
    assert path.read_text() == "first+"


async def test_seek_and_tell(opened: Opener) -> None:
    file = await opened()
    assert await file.tell() == 0
    await file.readline()
    after_first = await file.tell()
    second = await file.readline()
    assert await file.seek(after_first) == after_first
    assert await file.readline() == second
    assert await file.seek(0, os.SEEK_END) == len(CONTENT.encode())
    assert await file.read() == ""
    assert await file.seek(0) == 0
    assert await file.seek(0, os.SEEK_CUR) == 0
    with pytest.raises(io.UnsupportedOperation, match="nonzero cur-relative seeks"):
        await file.seek(1, os.SEEK_CUR)
    with pytest.raises(ValueError, match="negative seek position"):
        await file.seek(-1)


@pytest.mark.parametrize("mode", ["r", "w"])
async def test_the_wrong_direction(mode: str, opened: Opener) -> None:
    file = await opened(mode)
    with pytest.raises(io.UnsupportedOperation, match=r"not (readable|writable)"):
        await (file.write("x") if mode == "r" else file.read())
    assert await file.readable() is (mode == "r")
    assert await file.writable() is (mode == "w")
    with pytest.raises(io.UnsupportedOperation):
        await (file.writelines(["x"]) if mode == "r" else file.readline())


@pytest.mark.parametrize("data", [b"bytes", 3, None])
async def test_only_strings_are_written(data: Any, opened: Opener) -> None:
    file = await opened("w")
    with pytest.raises(TypeError, match="must be str"):
        await file.write(data)


# Attributes.


async def test_attributes(opened: Opener, path: Path) -> None:
    file = await opened("r+", errors="replace")
    with open(path, "r+", encoding="utf-8", errors="replace") as blocking:
        for name in ("name", "mode", "closed", "encoding", "errors", "newlines"):
            assert getattr(file, name) == getattr(blocking, name), name
        for name in ("line_buffering", "write_through"):
            assert getattr(file, name) is getattr(blocking, name), name
    assert file._file.closed is False
    await file.close()
    assert file.closed is True
    assert file._file.closed is True


@pytest.mark.parametrize("name", ["closed", "encoding", "line_buffering", "name", "newlines"])
async def test_attributes_are_read_only(name: str, opened: Opener) -> None:
    file = await opened()
    with pytest.raises(AttributeError):
        setattr(file, name, None)


async def test_a_line_buffered_file(opened: Opener, path: Path) -> None:
    file = await opened("w", buffering=1)
    assert file.line_buffering is True
    await file.write("no line yet")
    assert path.read_text() == ""
    await file.write("\nnext")
    assert path.read_text() == "no line yet\nnext"


async def test_reconfigure_buffering(opened: Opener, path: Path) -> None:
    file = await opened("w")
    await file.write("before")
    await file.reconfigure(line_buffering=True)
    assert path.read_text() == "before"
    assert file.line_buffering is True
    await file.write(" a line\n")
    assert path.read_text() == "before a line\n"
    await file.reconfigure(line_buffering=False, write_through=True)
    assert (file.line_buffering, file.write_through) == (False, True)
    await file.write("x")
    await file.flush()
    assert path.read_text() == "before a line\nx"
    await file.reconfigure()
    assert file.write_through is True


async def test_write_through_leaves_nothing_behind(opened: Opener, path: Path) -> None:
    file = await opened("w")
    await file.reconfigure(write_through=True)
    await file.write("at once")
    # In the standard library, as far as the buffer below.
    assert path.read_text() == ("at once" if file._native else "")


async def test_reconfigure_what_text_is(opened: Opener, path: Path) -> None:
    file = await opened("w")
    await file.write("ä")
    await file.reconfigure(encoding="latin-1", errors="replace", newline="\r\n")
    assert (file.encoding, file.errors) == ("latin-1", "replace")
    await file.write("ä€\n")
    await file.close()
    assert path.read_bytes() == "ä".encode() + b"\xe4?\r\n"
    reader = await opened()
    await reader.reconfigure(encoding="latin-1", newline="")
    assert await reader.read() == "Ã¤ä?\r\n"


async def test_reconfigure_after_reading_is_refused(opened: Opener) -> None:
    file = await opened()
    await file.readline()
    with pytest.raises(io.UnsupportedOperation, match="after the first read"):
        await file.reconfigure(encoding="latin-1")
    with pytest.raises(TypeError):
        await file.reconfigure(colour="blue")


async def test_the_binary_file_below(opened: Opener, path: Path) -> None:
    file = await opened()
    assert await file.readline() == "first\n"
    below = file.buffer
    assert isinstance(below, io.BufferedReader)
    # The same file from here on, in both ways.
    assert file.buffer is below
    assert (await file.read()).startswith("second")


async def test_what_was_written_before_the_file_below_was_asked_for(
    opened: Opener, path: Path
) -> None:
    file = await opened("w")
    await file.write("text, ")
    below = file.buffer
    await file.write("more")
    await file.flush()
    below.write(b", bytes")
    await file.close()
    assert below.closed
    assert path.read_bytes() == b"text, more, bytes"


async def test_detach(opened: Opener, path: Path) -> None:
    file = await opened("r+")
    assert await file.readline() == "first\n"
    fd = file.fileno()
    below = file.detach()
    assert isinstance(below, io.BufferedRandom)
    assert below.fileno() == fd
    for use in (file.read, file.write, file.flush, file.tell):
        with pytest.raises(ValueError, match="underlying buffer has been detached"):
            await (use("x") if use == file.write else use())
    for name in ("closed", "name"):
        with pytest.raises(ValueError, match="underlying buffer has been detached"):
            getattr(file, name)
    with pytest.raises(ValueError, match="underlying buffer has been detached"):
        file.detach()
    below.close()
    with pytest.raises(ValueError, match="underlying buffer has been detached"):
        await file.close()


# A closed file.

USES: list[tuple[str, tuple[Any, ...]]] = [
    ("read", ()),
    ("readline", ()),
    ("readlines", ()),
    ("__anext__", ()),
    ("write", ("x",)),
    ("writelines", (["x"],)),
    ("flush", ()),
    ("seek", (0,)),
    ("tell", ()),
    ("truncate", ()),
    ("isatty", ()),
    ("readable", ()),
    ("seekable", ()),
    ("writable", ()),
]


@pytest.mark.parametrize(("name", "args"), USES)
async def test_a_closed_file_says_so(name: str, args: tuple[Any, ...], opened: Opener) -> None:
    file = await opened("r+")
    await file.close()
    with pytest.raises(ValueError, match=r"I/O operation on closed file"):
        await getattr(file, name)(*args)


async def test_a_closed_file_has_no_descriptor(opened: Opener) -> None:
    file = await opened()
    await file.close()
    with pytest.raises(ValueError, match="closed file"):
        file.fileno()
    assert file.encoding == "utf-8"
    assert file.mode == "r"


# What isn't a regular file.


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes in the file system")
async def test_a_pipe_as_text(path: Path) -> None:
    ours, theirs = os.pipe()
    async with rapfiles.open(theirs, "w", encoding="utf-8") as writer:
        assert await writer.seekable() is False
        await writer.write("ä line\nanother")
    async with rapfiles.open(ours, encoding="utf-8") as reader:
        assert await reader.seekable() is False
        assert await reader.readline() == "ä line\n"
        with pytest.raises(io.UnsupportedOperation, match="underlying stream is not seekable"):
            await reader.seek(0)
        with pytest.raises(io.UnsupportedOperation, match="underlying stream is not seekable"):
            await reader.tell()
        below = reader.buffer
        assert below.read() == b"another"
