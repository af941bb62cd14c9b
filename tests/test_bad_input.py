"""What a bad name gets, and a name of what is no file: a clear error, the usual one.

"As the blocking call" means the same exception type, errno, message and filename.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import rapfiles
from as_blocking import error_of, of_blocking

#: Everything that takes a path, and the blocking way to the same error.
OPENERS: dict[str, tuple[Callable[[Any], Awaitable[Any]], Callable[[Any], Any]]] = {
    "open to read": (lambda path: _opened(path, "rb"), lambda path: open(path, "rb")),
    "open text": (lambda path: _opened(path, "r"), lambda path: open(path)),
    "open to write": (lambda path: _opened(path, "wb"), lambda path: open(path, "wb")),
    "open to change": (lambda path: _opened(path, "r+b"), lambda path: open(path, "r+b")),
    "open to append": (lambda path: _opened(path, "a"), lambda path: open(path, "a")),
    "open to make": (lambda path: _opened(path, "x"), lambda path: open(path, "x")),
    "open unbuffered": (lambda path: _opened(path, "rb", 0), lambda path: open(path, "rb", 0)),
    "read_file": (lambda path: rapfiles.read_file(path), lambda path: open(path)),
    "read_file_bytes": (lambda path: rapfiles.read_file_bytes(path), lambda path: open(path)),
    "write_file": (lambda path: rapfiles.write_file(path, "x"), lambda path: open(path, "w")),
    "write_file_bytes": (
        lambda path: rapfiles.write_file_bytes(path, b"x"),
        lambda path: open(path, "wb"),
    ),
    "atomic_write_file": (
        lambda path: rapfiles.atomic_write_file(path, "x"),
        lambda path: open(path, "w"),
    ),
}
READERS = [name for name in OPENERS if "read" in name or "change" in name or "text" in name]


async def _opened(path: Any, mode: str, buffering: int = -1) -> None:
    async with rapfiles.open(path, mode, buffering):
        pass


async def _assert_same(opener: str, path: Any) -> tuple[Any, ...]:
    """The error of opening this path, after seeing that the blocking call has the same."""
    ours, blocking = OPENERS[opener]
    expected = of_blocking(lambda: blocking(path))
    assert await error_of(ours(path)) == expected
    return expected


# Names.


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize("path", ["a\0b", b"a\0b", "\0"], ids=repr)
async def test_a_nul_in_a_name(opener: str, path: str | bytes) -> None:
    facts = await _assert_same(opener, path)
    assert facts[0] is ValueError


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize("path", ["", b""], ids=repr)
async def test_no_name_at_all(opener: str, path: str | bytes) -> None:
    facts = await _assert_same(opener, path)
    assert facts[:2] == (FileNotFoundError, errno.ENOENT)


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize(
    "name", ["x" * 256, "/".join(["d" * 100] * 60), b"x" * 256], ids=["component", "path", "bytes"]
)
async def test_a_name_too_long(opener: str, name: str | bytes, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/" + name if isinstance(name, bytes) else f"{tmp_path}/{name}"
    facts = await _assert_same(opener, path)
    assert facts[1] == errno.ENAMETOOLONG
    assert facts[3] == path


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize("path", [None, 1.5, object, ["list"], bytearray(b"x")], ids=repr)
async def test_what_is_no_path(opener: str, path: object) -> None:
    ours, _ = OPENERS[opener]
    with pytest.raises(TypeError):
        await ours(path)


async def test_a_path_object_that_raises(tmp_path: Path) -> None:
    class Odd:
        def __fspath__(self) -> str:
            raise LookupError("no path today")

    for ours, _ in OPENERS.values():
        with pytest.raises(LookupError, match="no path today"):
            await ours(Odd())


ODD_NAMES = [b"\xff\xfe", b"caf\xe9", "schön \U0001f600".encode(), b"\x01 new\nline", b"-rf *"]


@pytest.mark.parametrize("raw", ODD_NAMES, ids=repr)
async def test_names_that_are_not_utf8_round_trip(raw: bytes, tmp_path: Path) -> None:
    as_bytes = os.path.join(os.fsencode(tmp_path), raw)
    as_str = os.fsdecode(as_bytes)
    await rapfiles.write_file_bytes(as_bytes, b"by bytes")
    assert os.listdir(os.fsencode(tmp_path)) == [raw]
    assert await rapfiles.read_file(as_str) == "by bytes"
    async with rapfiles.open(as_str, "w") as file:
        assert file.name == as_str
        await file.write("by str")
    async with rapfiles.open(as_bytes, "rb") as file:
        assert file.name == as_bytes
        assert await file.read() == b"by str"
    assert os.listdir(os.fsencode(tmp_path)) == [raw]


@pytest.mark.parametrize("opener", READERS)
@pytest.mark.parametrize("raw", ODD_NAMES, ids=repr)
async def test_the_filename_of_an_error_is_the_name_that_was_given(
    opener: str, raw: bytes, tmp_path: Path
) -> None:
    path = os.path.join(os.fsencode(tmp_path), raw)
    assert (await _assert_same(opener, path))[3] == path
    assert (await _assert_same(opener, os.fsdecode(path)))[3] == os.fsdecode(path)
    assert (await _assert_same(opener, Path(os.fsdecode(path))))[0] is FileNotFoundError


async def test_a_surrogate_that_no_name_can_have(tmp_path: Path) -> None:
    path = str(tmp_path / "\ud800")
    for opener in OPENERS:
        assert (await _assert_same(opener, path))[0] is UnicodeEncodeError


# What a name stands for.


@pytest.mark.parametrize("opener", OPENERS)
async def test_a_directory_opened_as_file(opener: str, tmp_path: Path) -> None:
    facts = await _assert_same(opener, str(tmp_path))
    expected = FileExistsError if opener == "open to make" else IsADirectoryError
    assert facts[0] is expected
    assert facts[3] == str(tmp_path)


@pytest.mark.parametrize("opener", OPENERS)
async def test_a_file_used_as_directory(opener: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert (await _assert_same(opener, str(tmp_path / "file" / "x")))[0] is NotADirectoryError


@pytest.mark.parametrize("opener", OPENERS)
async def test_a_loop_of_symlinks(opener: str, tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    facts = await _assert_same(opener, str(tmp_path / "a"))
    assert facts[1] == (errno.EEXIST if opener == "open to make" else errno.ELOOP)


@pytest.mark.parametrize("opener", READERS)
async def test_a_missing_file(opener: str, tmp_path: Path) -> None:
    assert (await _assert_same(opener, tmp_path / "missing"))[0] is FileNotFoundError


@pytest.mark.parametrize("opener", OPENERS)
async def test_a_socket(opener: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(tmp_path)
        server.bind("socket")  # by a short name: a socket's may have 107 bytes at most
        facts = await _assert_same(opener, path)
    assert facts[1] == (errno.EEXIST if opener == "open to make" else errno.ENXIO)


async def test_a_fifo_blocks_nobody_else(tmp_path: Path) -> None:
    fifo, plain = tmp_path / "fifo", tmp_path / "plain"
    os.mkfifo(fifo)
    plain.write_text("plain")
    reading = asyncio.ensure_future(rapfiles.read_file_bytes(fifo))
    for _ in range(100):
        assert await rapfiles.read_file(plain) == "plain"
    assert not reading.done()
    async with rapfiles.open(fifo, "wb") as file:
        await file.write(b"through the pipe")
    assert await reading == b"through the pipe"


async def test_devices() -> None:
    assert await rapfiles.read_file_bytes("/dev/null") == b""
    async with rapfiles.open("/dev/zero", "rb") as file:
        assert await file.read(100_000) == bytes(100_000)
    async with rapfiles.open("/dev/full", "wb") as file:
        await file.write(b"x")
        with pytest.raises(OSError) as caught:
            await file.flush()
        assert caught.value.errno == errno.ENOSPC
        with pytest.raises(OSError):
            await file.close()


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs /proc")
async def test_files_whose_size_says_nothing() -> None:
    assert os.stat("/proc/self/status").st_size == 0
    assert f"Pid:\t{os.getpid()}\n" in await rapfiles.read_file("/proc/self/status")
    async with rapfiles.open("/proc/self/status") as file:
        assert f"Pid:\t{os.getpid()}\n" in await file.read()
    async with rapfiles.open("/proc/self/status", "rb") as file:
        assert b"Pid:" in b"".join([line async for line in file])


@pytest.mark.skipif(not os.path.exists("/proc/filesystems"), reason="needs /proc")
@pytest.mark.parametrize("mode", ["rb", "r"])
async def test_what_was_read_ahead_of_such_a_file_is_not_lost(mode: str) -> None:
    with open("/proc/filesystems", mode) as blocking:
        expected = blocking.readline(), blocking.read(3), blocking.read()
    async with rapfiles.open("/proc/filesystems", mode) as file:
        assert (await file.readline(), await file.read(3), await file.read()) == expected


async def test_what_was_read_ahead_of_a_pipe_is_not_lost() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"one\ntwo\nthree")
    os.close(writer)
    async with rapfiles.open(reader, "rb") as file:
        assert (await file.readline(), await file.read()) == (b"one\n", b"two\nthree")


async def test_a_file_that_grows_and_shrinks_under_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(bytes(1000))
    async with rapfiles.open(path, "rb", 0) as file:
        assert len(await file.read(400)) == 400
        os.truncate(path, 500)
        assert len(await file.read()) == 100
        with path.open("ab") as more:
            more.write(bytes(300_000))
        assert len(await file.read()) == 300_000
