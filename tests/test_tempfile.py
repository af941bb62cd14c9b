"""Temporary files and directories: there while they are needed, gone afterwards."""

from __future__ import annotations

import asyncio
import errno
import gc
import inspect
import io
import os
import stat
import subprocess
import sys
import tempfile as blocking_tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import rapfiles
from conftest import loop_factories
from rapfiles import tempfile
from rapfiles.base import AiofilesContextManager, AsyncBase
from rapfiles.tempfile import AiofilesContextManagerTempDir, temptypes
from rapfiles.threadpool.binary import AsyncBufferedIOBase, AsyncBufferedReader, AsyncFileIO
from rapfiles.threadpool.text import AsyncTextIOWrapper
from waiting import forgotten, until


@pytest.fixture(params=["native", "executor"])
def pool(request: pytest.FixtureRequest) -> Any:
    """The executor to pass: None, or one."""
    if request.param == "native":
        yield None
    else:
        with ThreadPoolExecutor(2) as executor:
            yield executor


@pytest.fixture(autouse=True, scope="module")
def running_engine(pytestconfig: pytest.Config) -> None:
    """What engine and loops open for themselves, they open before descriptors are counted."""

    async def use() -> None:
        await rapfiles.write_file_bytes(os.devnull, b"")

    for factory in loop_factories(pytestconfig).values():
        loop = factory()
        loop.run_until_complete(use())
        loop.close()


@pytest.fixture
def inside(tmp_path: Path) -> Any:
    """Where everything is made; whatever is left there is left for good."""
    return tmp_path


KINDS: list[tuple[dict[str, Any], type[AsyncBase]]] = [
    ({}, AsyncBufferedReader),
    ({"mode": "w+"}, AsyncTextIOWrapper),
    ({"mode": "r"}, AsyncTextIOWrapper),
    ({"mode": "rb"}, AsyncBufferedReader),
    ({"mode": "wb"}, AsyncBufferedIOBase),
    ({"mode": "w+b", "buffering": 0}, AsyncFileIO),
]


@pytest.mark.parametrize("function", ["TemporaryFile", "NamedTemporaryFile"])
@pytest.mark.parametrize(("arguments", "kind"), KINDS)
@pytest.mark.usefixtures("no_fd_left")
async def test_the_kind_of_handle(
    function: str, arguments: dict[str, Any], kind: Any, pool: Any, inside: Path
) -> None:
    with getattr(blocking_tempfile, function)(dir=inside, **arguments) as blocking:
        opening = getattr(tempfile, function)(dir=inside, executor=pool, **arguments)
        assert isinstance(opening, AiofilesContextManager)
        async with opening as file:
            assert type(file) is kind
            assert file._native is (pool is None)
            assert file.mode == blocking.mode
            assert type(file.name) is type(blocking.name)
            assert await file.writable() is blocking.writable()
            assert await file.seekable() is True
            status = os.fstat(file.fileno())
            assert stat.S_IMODE(status.st_mode) == 0o600
            assert status.st_nlink == (0 if function == "TemporaryFile" else 1)
            assert file.closed is False
        assert file.closed is True
    assert os.listdir(inside) == []


@pytest.mark.parametrize("function", ["TemporaryFile", "NamedTemporaryFile"])
@pytest.mark.parametrize("mode", ["w+", "w+b"])
async def test_written_and_read_back(function: str, mode: str, pool: Any, inside: Path) -> None:
    lines: Any = ["one\n", "zwei ä\n"] if mode == "w+" else [b"one\n", b"two\n"]
    keywords = {"encoding": "utf-8"} if mode == "w+" else {}
    async with getattr(tempfile, function)(mode, dir=inside, executor=pool, **keywords) as file:
        await file.writelines(lines)
        await file.flush()
        await file.seek(0)
        assert [line async for line in file] == lines


@pytest.mark.parametrize("function", ["TemporaryFile", "NamedTemporaryFile"])
async def test_text_settings(function: str, pool: Any, inside: Path) -> None:
    async with getattr(tempfile, function)(
        "w+", -1, "latin-1", "\r\n", dir=inside, errors="replace", executor=pool
    ) as file:
        assert (file.encoding, file.errors) == ("latin-1", "replace")
        await file.write("ä€\n")
        await file.flush()
        with open(os.dup(file.fileno()), "rb") as raw:
            raw.seek(0)
            assert raw.read() == b"\xe4?\r\n"


@pytest.mark.parametrize(
    "arguments",
    [
        {"mode": "q"},
        {"mode": "rwb"},
        {"mode": "w", "buffering": 0},
        {"mode": "wb", "encoding": "utf-8"},
        {"mode": "w", "newline": "x"},
        {"mode": "w", "encoding": "no-such-codec"},
        {"suffix": "a", "prefix": b"b"},
        {"dir": "/nowhere/at/all"},
    ],
)
@pytest.mark.parametrize("function", ["TemporaryFile", "NamedTemporaryFile"])
@pytest.mark.usefixtures("no_fd_left")
async def test_errors_are_those_of_the_standard_library(
    function: str, arguments: dict[str, Any], inside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocking_tempfile, "tempdir", str(inside))
    with pytest.raises(Exception) as expected:
        getattr(blocking_tempfile, function)(**arguments)
    with pytest.raises(Exception) as found:
        await getattr(tempfile, function)(**arguments)
    assert type(found.value) is type(expected.value)
    if isinstance(expected.value, OSError):
        assert isinstance(found.value, OSError)
        assert found.value.errno == expected.value.errno == errno.ENOENT
    else:
        assert str(found.value) == str(expected.value)
    gc.collect()
    assert os.listdir(inside) == []


# NamedTemporaryFile.


async def test_its_name(pool: Any, inside: Path) -> None:
    opening: Any = tempfile.NamedTemporaryFile(
        suffix=".end", prefix="start-", dir=inside, executor=pool
    )
    async with opening as file:
        assert os.path.dirname(file.name) == str(inside)
        assert os.path.basename(file.name).startswith("start-")
        assert file.name.endswith(".end")
        assert os.path.samestat(os.stat(file.name), os.fstat(file.fileno()))
        assert file.delete is True
        assert file._closer.delete is True
        assert file._file.name == file.name
    assert os.listdir(inside) == []


async def test_its_name_in_bytes(pool: Any, inside: Path) -> None:
    async with tempfile.NamedTemporaryFile(dir=os.fsencode(inside), executor=pool) as file:
        assert isinstance(file.name, bytes)
        assert os.path.exists(file.name)
    assert os.listdir(inside) == []


@pytest.mark.parametrize("mode", ["w+", "w+b", "wb"])
@pytest.mark.parametrize("delete", [True, False])
@pytest.mark.parametrize("delete_on_close", [True, False])
@pytest.mark.usefixtures("no_fd_left")
async def test_when_it_is_removed(
    mode: str, delete: bool, delete_on_close: bool, pool: Any, inside: Path
) -> None:
    async with tempfile.NamedTemporaryFile(
        mode, dir=inside, delete=delete, delete_on_close=delete_on_close, executor=pool
    ) as file:
        await file.write("data" if mode == "w+" else b"data")
        await file.close()
        there = os.path.exists(file.name)
        assert there is not (delete and delete_on_close)
        if there:
            assert Path(file.name).read_bytes() == b"data"
    assert os.path.exists(file.name) is not delete


async def test_the_same_without_its_context(pool: Any, inside: Path) -> None:
    file = await tempfile.NamedTemporaryFile(dir=inside, delete_on_close=False, executor=pool)
    async with file:
        await file.close()
        assert os.path.exists(file.name)
    assert not os.path.exists(file.name)


async def test_closed_and_forgotten(pool: Any, inside: Path) -> None:
    file = await tempfile.NamedTemporaryFile(dir=inside, delete_on_close=False, executor=pool)
    await file.close()
    del file
    await until(lambda: not os.listdir(inside))


async def test_a_new_file_of_the_same_name_is_left_alone(inside: Path) -> None:
    file = await tempfile.NamedTemporaryFile(dir=inside)
    await file.close()
    Path(file.name).write_text("somebody else's")
    await file.close()
    name = file.name
    del file
    gc.collect()
    assert Path(name).read_text() == "somebody else's"


async def test_it_may_be_gone_already(inside: Path) -> None:
    for delete_on_close in (True, False):
        async with tempfile.NamedTemporaryFile(dir=inside, delete_on_close=delete_on_close) as file:
            os.unlink(file.name)


async def test_it_can_be_renamed_away(inside: Path) -> None:
    async with tempfile.NamedTemporaryFile("w", dir=inside, delete=False) as file:
        await file.write("final")
        await file.close()
        await rapfiles.os.rename(file.name, inside / "final")
    assert (inside / "final").read_text() == "final"


@pytest.mark.usefixtures("no_fd_left")
async def test_forgotten_while_open(inside: Path) -> None:
    for function in (tempfile.TemporaryFile, tempfile.NamedTemporaryFile):
        files = [await function(dir=inside)]
        with pytest.warns(ResourceWarning, match="unclosed file") as seen:
            await forgotten(files, seen)
    # A thread of the engine closes and removes it.
    await until(lambda: not os.listdir(inside))


async def test_handed_over_it_is_removed_all_the_same(inside: Path) -> None:
    async with tempfile.NamedTemporaryFile("w+", dir=inside) as file:
        await file.write("text")
        assert isinstance(file.buffer, io.BufferedRandom)
        assert os.path.exists(file.name)
        assert not file._native
    assert os.listdir(inside) == []
    async with tempfile.NamedTemporaryFile("w+", dir=inside, delete=False) as file:
        assert file.buffer
    assert os.listdir(inside) == [os.path.basename(file.name)]


ENDS = {
    "open": "",
    "closed": "await file.close()",
    "exit": "sys.exit(0)",
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("delete_on_close", [True, False])
def test_nothing_is_left_when_the_process_ends(
    end: str, delete_on_close: bool, inside: Path
) -> None:
    program = (
        "import asyncio, sys, rapfiles.tempfile\n"
        "async def main():\n"
        "    global file\n"
        f"    file = await rapfiles.tempfile.NamedTemporaryFile(\n"
        f"        dir='.', delete_on_close={delete_on_close})\n"
        "    await file.write(b'x')\n"
        f"    {ENDS[end]}\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=inside, capture_output=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert os.listdir(inside) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
async def test_a_forked_child_removes_nothing(inside: Path) -> None:
    program = (
        "import asyncio, os, sys, rapfiles.tempfile\n"
        "async def main():\n"
        "    return [await rapfiles.tempfile.NamedTemporaryFile(\n"
        "        dir='.', delete_on_close=late) for late in (True, False)]\n"
        "files = asyncio.run(main())\n"
        "if os.fork() == 0:\n"
        "    files.clear()\n"
        "    sys.exit(0)\n"
        "code = os.wait()[1]\n"
        "left = len(os.listdir('.'))\n"
        "sys.exit(code or (0 if left == 2 else 10 + left))\n"
    )
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], cwd=inside, timeout=60
    )
    assert done.returncode == 0
    assert os.listdir(inside) == []


# Being cancelled while it is made.


def slowly(monkeypatch: pytest.MonkeyPatch, name: str) -> tuple[threading.Event, threading.Event]:
    """Makes a function of the standard library's tempfile wait: it has begun, it may go on."""
    begun, go_on = threading.Event(), threading.Event()
    original = getattr(blocking_tempfile, name)

    def slow(*args: Any, **kwargs: Any) -> Any:
        made = original(*args, **kwargs)
        begun.set()
        assert go_on.wait(60)
        return made

    monkeypatch.setattr(blocking_tempfile, name, slow)
    return begun, go_on


@pytest.mark.parametrize(
    ("function", "arguments", "inner"),
    [
        ("NamedTemporaryFile", {}, "mkstemp"),
        ("NamedTemporaryFile", {"delete": False}, "mkstemp"),
        ("NamedTemporaryFile", {"delete": False, "mode": "w", "encoding": "utf-16"}, "mkstemp"),
        ("TemporaryDirectory", {}, "mkdtemp"),
    ],
)
@pytest.mark.usefixtures("no_fd_left")
async def test_cancelled_while_it_is_made(
    function: str,
    arguments: dict[str, Any],
    inner: str,
    inside: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go_on = slowly(monkeypatch, inner)

    async def make() -> Any:
        return await getattr(tempfile, function)(dir=inside, **arguments)

    task = asyncio.ensure_future(make())
    assert await asyncio.to_thread(begun.wait, 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(os.listdir(inside)) == 1
    go_on.set()
    await until(lambda: not os.listdir(inside))


# SpooledTemporaryFile.


@pytest.fixture(params=["w+b", "w+"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def data(mode: str, text: str) -> Any:
    return text.encode() if "b" in mode else text


@pytest.fixture
def spooled(mode: str, pool: Any, inside: Path) -> Callable[..., Any]:
    def opening(max_size: int = 0) -> Any:
        return tempfile.SpooledTemporaryFile(max_size, mode, dir=inside, executor=pool)

    return opening


async def test_it_moves_to_the_disk_when_it_outgrows_memory(spooled: Any, mode: str) -> None:
    async with spooled(10) as file:
        assert isinstance(file, temptypes.AsyncSpooledTemporaryFile)
        assert await file.write(data(mode, "0123456789")) == 10
        assert file._file._rolled is False
        memory = file._file._file
        assert isinstance(memory, io.BytesIO if "b" in mode else io.TextIOWrapper)
        assert file.name is None
        assert await file.write(data(mode, "!")) == 1
        assert file._file._rolled is True
        assert file._file._file is not memory
        assert isinstance(file.name, int)
        await file.seek(0)
        assert await file.read() == data(mode, "0123456789!")
        await file.writelines([data(mode, "more")])
        await file.seek(-4 if "b" in mode else 11, 2 if "b" in mode else 0)
        assert await file.readline() == data(mode, "more")
    assert file.closed


@pytest.mark.parametrize("rolled", [False, True])
async def test_every_method_in_memory_and_on_the_disk(
    rolled: bool, spooled: Any, mode: str
) -> None:
    lines = [data(mode, line) for line in ("one\n", "two\n", "three")]
    async with spooled() as file:
        if rolled:
            await file.rollover()
        assert file._file._rolled is rolled
        await file.writelines(lines)
        await file.flush()
        assert await file.tell() == 13
        assert await file.seek(0) == 0
        assert await file.readline() == lines[0]
        assert await file.readline(2) == lines[1][:2]
        assert await file.readlines() == [lines[1][2:], lines[2]]
        assert await file.seek(4) == 4
        assert await file.readlines(2) == lines[1:2]
        await file.seek(0)
        assert [line async for line in file] == lines
        await file.seek(0)
        assert await file.read(3) == lines[0][:3]
        await file.seek(3)
        await file.truncate()
        await file.seek(0)
        assert await file.read() == lines[0][:3]
        assert await file.isatty() is False
        assert await file.readable() is await file.writable() is await file.seekable() is True
        if "b" in mode:
            await file.seek(0)
            assert await file.read1(2) == b"on"
            into = bytearray(4)
            assert await file.readinto(into) == 1
            assert into == b"e\0\0\0"
        assert file.mode == mode if not rolled else file.mode in ("w+", "rb+")
        assert file.closed is False
        assert file._file._rolled is rolled


async def test_its_text(pool: Any, inside: Path) -> None:
    async with tempfile.SpooledTemporaryFile(
        0, "w+", -1, "latin-1", "", dir=inside, errors="replace", executor=pool
    ) as file:
        assert (file.encoding, file.errors, file.newlines) == ("latin-1", "replace", None)
        await file.write("ä€\r\n")
        await file.seek(0)
        assert await file.read() == "ä?\r\n"
        assert file.newlines == "\r\n"


async def test_its_descriptor(spooled: Any, mode: str) -> None:
    async with spooled() as file:
        await file.write(data(mode, "text"))
        fd = await file.fileno()
        assert file._file._rolled is True
        await file.flush()
        assert os.fstat(fd).st_size == 4


async def test_extended_beyond_memory(spooled: Any, mode: str) -> None:
    async with spooled(10) as file:
        await file.truncate(11)
        assert file._file._rolled is True
        assert await file.seek(0, 2) == 11


async def test_many_writers_of_one_spooled_file(spooled: Any, mode: str) -> None:
    """None of them finds it between memory and disk."""
    async with spooled(100) as file:
        await asyncio.gather(*(file.write(data(mode, f"{number:04}\n")) for number in range(200)))
        await file.seek(0)
        lines = await file.readlines()
    assert sorted(lines) == [data(mode, f"{number:04}\n") for number in range(200)]


async def test_in_memory_no_thread_is_needed(inside: Path) -> None:
    class Nobody(ThreadPoolExecutor):
        def submit(self, *args: Any, **kwargs: Any) -> Any:
            raise AssertionError("no thread is needed")

    file = await tempfile.SpooledTemporaryFile(100, dir=inside, executor=Nobody())
    await file.write(b"data")
    await file.seek(0)
    assert await file.read() == b"data"
    await file.close()


# TemporaryDirectory.


async def test_a_directory(pool: Any, inside: Path) -> None:
    opening = tempfile.TemporaryDirectory("end", "start", inside, executor=pool)
    assert isinstance(opening, AiofilesContextManagerTempDir)
    async with opening as name:
        assert type(name) is str
        assert os.path.dirname(name) == str(inside)
        assert os.path.basename(name).startswith("start")
        assert name.endswith("end")
        assert stat.S_IMODE(os.stat(name).st_mode) == 0o700
        os.makedirs(os.path.join(name, "a", "b"))
        Path(name, "a", "file").touch()
        assert isinstance(opening._obj, temptypes.AsyncTemporaryDirectory)
    assert opening._obj is None
    assert os.listdir(inside) == []


async def test_a_directory_that_is_cleaned_up_by_hand(pool: Any, inside: Path) -> None:
    for way in ("cleanup", "close"):
        directory = await tempfile.TemporaryDirectory(dir=inside, executor=pool)
        assert os.listdir(inside) == [os.path.basename(directory.name)]
        assert "TemporaryDirectory" in repr(directory)
        await getattr(directory, way)()
        assert os.listdir(inside) == []
    async with await tempfile.TemporaryDirectory(dir=inside, executor=pool) as directory:
        assert os.path.isdir(directory.name)
    assert os.listdir(inside) == []


async def test_a_directory_in_bytes(inside: Path) -> None:
    async with tempfile.TemporaryDirectory(dir=os.fsencode(inside), suffix=b"-end") as name:
        assert type(name) is bytes
        assert name.endswith(b"-end")


async def test_a_directory_that_stays(pool: Any, inside: Path) -> None:
    async with tempfile.TemporaryDirectory(dir=inside, delete=False, executor=pool) as name:
        pass
    gc.collect()
    assert os.path.isdir(name)


async def test_a_directory_that_cannot_be_removed(inside: Path) -> None:
    for ignore in (True, False):
        context = tempfile.TemporaryDirectory(dir=inside, ignore_cleanup_errors=ignore)
        await context.__aenter__()
        directory = context._obj
        os.rmdir(directory.name)
        Path(directory.name).touch()
        if ignore:
            await context.__aexit__(None, None, None)
        else:
            with pytest.raises(NotADirectoryError):
                await context.__aexit__(None, None, None)


async def test_a_directory_that_is_forgotten(inside: Path) -> None:
    directories = [await tempfile.TemporaryDirectory(dir=inside)]
    assert len(os.listdir(inside)) == 1
    with pytest.warns(ResourceWarning, match="Implicitly cleaning up") as seen:
        await forgotten(directories, seen)
    await until(lambda: not os.listdir(inside))


# The module.


def test_the_parameters_are_aiofiles_and_errors() -> None:
    for function in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile"):
        ours = inspect.signature(getattr(tempfile, function)).parameters
        names = [name for name in ours if name not in ("loop", "executor")]
        theirs = list(inspect.signature(getattr(blocking_tempfile, function)).parameters)
        assert set(theirs) <= set(names)
        assert ours["errors"].kind is inspect.Parameter.KEYWORD_ONLY
        assert list(ours)[-3:] == ["loop", "executor", "errors"]


async def test_wrap_and_its_registrations(inside: Path) -> None:
    raw = io.FileIO(inside / "file", "w")
    assert type(tempfile.wrap(raw, raw)) is AsyncFileIO
    raw.close()
    with pytest.raises(TypeError, match="Unsupported IO type"):
        tempfile.wrap(3, 3)

    class Mine(AsyncTextIOWrapper):
        pass

    (registry,) = gc.get_referents(tempfile.wrap.registry)
    before = dict(registry)
    try:
        tempfile.wrap.register(io.TextIOBase)(lambda _inside, file, **kwargs: Mine(file, **kwargs))
        async with tempfile.NamedTemporaryFile("w+", dir=inside) as file:
            assert type(file) is Mine
            await file.write("mine")
        async with tempfile.NamedTemporaryFile("w+b", dir=inside) as binary:
            assert binary._native
    finally:
        registry.clear()
        tempfile.wrap._clear_cache()
        for kind, function in before.items():
            tempfile.wrap.register(kind, function)
    async with tempfile.TemporaryFile("w+", dir=inside) as file:
        assert file._native
