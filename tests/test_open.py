"""`open`: what it takes, what it gives, when it closes."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import stat
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import rapfiles
from rapfiles.base import AiofilesContextManager, AsyncBase
from rapfiles.threadpool.binary import AsyncBufferedIOBase, AsyncBufferedReader, AsyncFileIO
from rapfiles.threadpool.text import AsyncTextIOWrapper
from waiting import forgotten


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "file"
    file.write_bytes(b"one\ntwo\nthree\n")
    return file


KINDS: list[tuple[dict[str, Any], type[AsyncBase]]] = [
    ({}, AsyncTextIOWrapper),
    ({"mode": "r+"}, AsyncTextIOWrapper),
    ({"mode": "at"}, AsyncTextIOWrapper),
    ({"mode": "rb"}, AsyncBufferedReader),
    ({"mode": "rb+"}, AsyncBufferedReader),
    ({"mode": "wb"}, AsyncBufferedIOBase),
    ({"mode": "ab"}, AsyncBufferedIOBase),
    ({"mode": "rb", "buffering": 0}, AsyncFileIO),
    ({"mode": "r+b", "buffering": 0}, AsyncFileIO),
]


@pytest.mark.parametrize(("arguments", "kind"), KINDS)
@pytest.mark.parametrize("executor", [False, True])
async def test_the_kind_of_handle(
    arguments: dict[str, Any], kind: Any, executor: bool, path: Path
) -> None:
    with ThreadPoolExecutor(1) as pool, open(path, **arguments) as blocking:
        async with rapfiles.open(path, executor=pool if executor else None, **arguments) as file:
            assert type(file) is kind
            assert issubclass(kind, AsyncBase)
            assert file.mode == blocking.mode
            assert file.name == blocking.name == str(path)
            assert file.closed is False
            assert await file.isatty() is False
            assert await file.seekable() is True
            assert await file.writable() is blocking.writable()
            readable = file.readable()
            assert (await readable if kind is AsyncTextIOWrapper else readable) is (
                blocking.readable()
            )
            assert os.fstat(file.fileno()).st_ino == os.stat(path).st_ino
        assert file.closed is True


@pytest.mark.parametrize("way", ["str", "bytes", "PathLike", "PathLike[bytes]"])
async def test_the_ways_to_name_a_file(way: str, path: Path) -> None:
    class BytesPath:
        def __fspath__(self) -> bytes:
            return os.fsencode(path)

    given: Any = {
        "str": str(path),
        "bytes": os.fsencode(path),
        "PathLike": path,
        "PathLike[bytes]": BytesPath(),
    }[way]
    with open(given) as blocking:
        name = blocking.name
    async with rapfiles.open(given) as file:
        assert file.name == name
        assert await file.read() == "one\ntwo\nthree\n"


async def test_a_descriptor_is_closed_with_the_handle(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    async with rapfiles.open(fd, "rb") as file:
        assert file.name == file.fileno() == fd
        assert await file.read(3) == b"one"
    with pytest.raises(OSError):
        os.fstat(fd)


async def test_a_descriptor_of_somebody_else_stays_open(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        async with rapfiles.open(fd, "rb", closefd=False) as file:
            assert await file.readline() == b"one\n"
        assert file.closed
        os.fstat(fd)
    finally:
        os.close(fd)


async def test_a_descriptor_that_cannot_be_opened_stays_open(tmp_path: Path) -> None:
    fd = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(IsADirectoryError):
            await rapfiles.open(fd, "rb")
        os.fstat(fd)
    finally:
        os.close(fd)


async def test_a_path_with_closefd_false_is_refused(path: Path) -> None:
    with pytest.raises(ValueError, match="closefd"):
        await rapfiles.open(path, closefd=False)


WRONG: list[tuple[Callable[[Path], Any], dict[str, Any]]] = [
    (lambda at: at / "missing", {}),
    (lambda at: str(at / "missing"), {"mode": "rb"}),
    (lambda at: os.fsencode(at / "missing"), {"mode": "r+"}),
    (lambda at: at, {}),
    (lambda at: at, {"mode": "wb"}),
    (lambda at: at / "file", {"mode": "x"}),
    (lambda at: at / "file" / "below", {}),
    (lambda at: at / ("n" * 300), {}),
    (lambda at: "", {}),
    (lambda at: "a\0b", {}),
    (lambda at: 987654, {}),
    (lambda at: -1, {}),
    (lambda at: 3.5, {}),
    (lambda at: None, {}),
    (lambda at: at / "file", {"mode": "q"}),
    (lambda at: at / "file", {"mode": "rw"}),
    (lambda at: at / "file", {"mode": "rbt"}),
    (lambda at: at / "file", {"mode": 3}),
    (lambda at: at / "file", {"buffering": 0}),
    (lambda at: at / "file", {"buffering": "x"}),
    (lambda at: at / "file", {"mode": "rb", "encoding": "utf-8"}),
    (lambda at: at / "file", {"mode": "rb", "errors": "strict"}),
    (lambda at: at / "file", {"mode": "rb", "newline": "\n"}),
    (lambda at: at / "file", {"newline": "x"}),
    (lambda at: at / "file", {"newline": 3}),
    (lambda at: at / "file", {"encoding": "no-such-codec"}),
    (lambda at: at / "file", {"encoding": 3}),
    (lambda at: at / "file", {"encoding": "base64"}),
    (lambda at: at / "file", {"errors": 3}),
]


@pytest.mark.parametrize(("make", "arguments"), WRONG)
async def test_what_open_raises_is_what_the_builtin_raises(
    make: Callable[[Path], Any], arguments: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    target = make(tmp_path)
    with pytest.raises(Exception) as expected:
        open(target, **arguments)
    with pytest.raises(Exception) as found:
        await rapfiles.open(target, **arguments)
    assert type(found.value) is type(expected.value)
    assert str(found.value) == str(expected.value)
    for name in ("errno", "strerror", "filename", "filename2"):
        assert getattr(found.value, name, None) == getattr(expected.value, name, None)


# What is awaited, and when.


async def test_nothing_happens_before_it_is_awaited(tmp_path: Path) -> None:
    opening = rapfiles.open(tmp_path / "new", "w")
    assert isinstance(opening, AiofilesContextManager)
    assert inspect.isawaitable(opening)
    assert not (tmp_path / "new").exists()
    async with opening:
        assert (tmp_path / "new").exists()


async def test_an_open_that_is_never_awaited_warns(path: Path) -> None:
    for executor in (None, ThreadPoolExecutor(1)):
        with pytest.warns(RuntimeWarning, match="never awaited"):
            rapfiles.open(path, executor=executor)


async def test_it_can_be_awaited_again_for_the_same_handle(path: Path) -> None:
    opening = rapfiles.open(path)
    assert opening._obj is None
    file = await opening
    assert opening._obj is file
    assert await opening is file
    async with opening as same:
        assert same is file
    assert opening._obj is None
    assert file.closed


@pytest.mark.parametrize("mode", ["r", "rb"])
async def test_the_end_of_the_block_closes_also_after_an_exception(mode: str, path: Path) -> None:
    with pytest.raises(LookupError, match="mine"):
        async with rapfiles.open(path, mode) as file:
            raise LookupError("mine")
    assert file.closed
    assert file._file.closed
    with pytest.raises(ValueError, match="closed file"):
        await file.read()


@pytest.mark.parametrize("executor", [False, True])
async def test_async_with_directly_on_a_handle(executor: bool, path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        file = await rapfiles.open(path, "r+", executor=pool if executor else None)
        async with file as same:
            assert same is file
            await file.write("ONE")
        assert file.closed
    assert path.read_bytes() == b"ONE\ntwo\nthree\n"


@pytest.mark.parametrize("executor", [False, True])
async def test_a_handle_that_is_not_closed_warns(executor: bool, path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        files = [await rapfiles.open(path, executor=pool if executor else None)]
        with pytest.warns(ResourceWarning, match="unclosed file") as seen:
            await forgotten(files, seen)


async def test_what_was_written_to_it_arrives_all_the_same(python: Any, path: Path) -> None:
    # Also when it dies with the interpreter, after everything else is over.
    program = (
        "import asyncio, sys, rapfiles\n"
        "async def main():\n"
        "    global file\n"
        "    file = await rapfiles.open('file', 'w')\n"
        "    await file.write('late')\n"
        "asyncio.run(main())\n"
        "import warnings; warnings.simplefilter('ignore')\n"
    )
    done = await asyncio.to_thread(python, program)
    assert (done.returncode, done.stderr) == (0, "")
    assert path.read_text() == "late"


@pytest.mark.usefixtures("no_fd_left")
async def test_a_cancelled_open_leaves_nothing_open(path: Path) -> None:
    for arguments in ({}, {"opener": os.open}, {"encoding": "utf-16"}):
        for _ in range(20):
            task = asyncio.ensure_future(_awaited(rapfiles.open(path, **arguments)))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                # Some were too quick to be cancelled.
                await (await task).close()
                raise asyncio.CancelledError
    gc.collect()


async def _awaited(opening: AiofilesContextManager[Any]) -> Any:
    return await opening


@pytest.mark.parametrize("executor", [False, True])
async def test_a_closed_handle_is_not_entered(executor: bool, path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        file = await rapfiles.open(path, executor=pool if executor else None)
        await file.close()
        with pytest.raises(ValueError, match="I/O operation on closed file"):
            async with file:
                raise AssertionError("not to be reached")


# Openers, executors, loops.


@pytest.mark.parametrize("mode", ["r", "rb", "r+", "w", "wb", "a", "ab+", "w+", "x"])
async def test_an_opener_gets_what_the_builtin_gives_it(mode: str, tmp_path: Path) -> None:
    seen: list[tuple[Any, int]] = []

    def opener(path: str, flags: int) -> int:
        seen.append((path, flags))
        return os.open(path, flags, 0o600)

    for step, name in enumerate(("blocking", "async")):
        target = tmp_path / name
        if "x" not in mode:
            target.write_text("content")
        if step == 0:
            with open(target, mode, opener=opener) as blocking:
                described = (blocking.mode, blocking.readable(), blocking.writable())
                position = blocking.tell()
        else:
            async with rapfiles.open(target, mode, opener=opener) as file:
                readable = file.readable()
                readable = readable if isinstance(readable, bool) else await readable
                assert (file.mode, readable, await file.writable()) == described
                assert await file.tell() == position
                assert file.name == str(target)
                assert not os.get_inheritable(file.fileno())
    assert [flags for _, flags in seen] == [seen[0][1]] * 2
    assert seen[1][0] == str(tmp_path / "async")


async def test_an_opener_below_a_directory_descriptor(tmp_path: Path) -> None:
    directory = os.open(tmp_path, os.O_RDONLY)
    try:
        opener = partial(os.open, dir_fd=directory, mode=0o640)
        old = os.umask(0)
        try:
            async with rapfiles.open("inside", "w", opener=opener) as file:
                await file.write("text")
        finally:
            os.umask(old)
    finally:
        os.close(directory)
    assert (tmp_path / "inside").read_text() == "text"
    assert stat.S_IMODE((tmp_path / "inside").stat().st_mode) == 0o640


@pytest.mark.parametrize("answer", [-1, "x", None, 987654])
async def test_an_opener_that_opens_nothing(answer: Any, path: Path) -> None:
    with pytest.raises(Exception) as expected:
        open(path, opener=lambda *_: answer)
    with pytest.raises(Exception) as found:
        await rapfiles.open(path, opener=lambda *_: answer)
    assert (type(found.value), str(found.value)) == (type(expected.value), str(expected.value))


async def test_an_opener_that_raises(path: Path) -> None:
    def refuse(*_: Any) -> int:
        raise LookupError("refused")

    with pytest.raises(LookupError, match="refused"):
        await rapfiles.open(path, opener=refuse)


async def test_an_opener_of_something_odd(path: Path) -> None:
    """A pipe has neither a position nor an end of its own."""
    ours, theirs = os.pipe()
    os.write(theirs, b"through\nthe pipe\n")
    os.close(theirs)
    async with rapfiles.open(path, opener=lambda *_: ours) as file:
        assert [line async for line in file] == ["through\n", "the pipe\n"]


class Counting(ThreadPoolExecutor):
    """Counts what it is given."""

    count = 0

    def submit(self, *args: Any, **kwargs: Any) -> Any:
        self.count += 1
        return super().submit(*args, **kwargs)


@pytest.mark.parametrize("mode", ["r+", "rb+"])
async def test_an_executor_gets_everything(mode: str, path: Path) -> None:
    with Counting(1) as pool:
        async with rapfiles.open(path, mode, executor=pool) as file:
            assert pool.count == 1
            await file.read()
            await file.seek(0)
            assert [len(line) async for line in file] == [4, 4, 6]
            assert pool.count == 7
        assert pool.count == 8
        assert file._executor is pool


async def test_a_loop_is_the_one_whose_executor_works(path: Path) -> None:
    loop = asyncio.get_running_loop()
    with Counting(1) as pool:
        loop.set_default_executor(pool)
        async with rapfiles.open(path, loop=loop) as file:
            assert file._loop is loop
            assert await file.read() == "one\ntwo\nthree\n"
    assert pool.count == 3


@pytest.mark.skipif(bool(sys.flags.warn_default_encoding), reason="the interpreter warns by itself")
def test_the_default_encoding_warns_where_that_is_asked_for(python: Any, path: Path) -> None:
    program = (
        "import asyncio, warnings, rapfiles\n"
        "async def main():\n"
        "    with warnings.catch_warnings(record=True) as seen:\n"
        "        warnings.simplefilter('always')\n"
        "        async with rapfiles.open('file'): pass\n"
        "        async with rapfiles.open('file', encoding='utf-8'): pass\n"
        "    print([warning.category.__name__ for warning in seen])\n"
        "asyncio.run(main())\n"
    )
    done = python(program, env={"PYTHONWARNDEFAULTENCODING": "1"})
    assert (done.stderr, done.stdout) == ("", "['EncodingWarning']\n")


def test_no_warning_was_lost_on_the_way() -> None:
    """The suite turns warnings into errors: this is the control."""
    with pytest.raises(ResourceWarning):
        warnings.warn("control", ResourceWarning, stacklevel=1)
