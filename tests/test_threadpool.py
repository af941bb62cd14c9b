"""Handles of one's own files and classes: wrap, mocks, executors, subclasses, copies."""

from __future__ import annotations

import asyncio
import builtins
import copy
import gc
import inspect
import io
import os
import pickle
import subprocess
import sys
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

import rapfiles
import rapfiles as aiofiles
from rapfiles import threadpool
from rapfiles.base import AiofilesContextManager, AsyncBase, AsyncIndirectBase, wrap
from rapfiles.threadpool import utils
from rapfiles.threadpool.binary import (
    AsyncBufferedIOBase,
    AsyncBufferedReader,
    AsyncFileIO,
    AsyncIndirectBufferedIOBase,
    AsyncIndirectBufferedReader,
    AsyncIndirectFileIO,
)
from rapfiles.threadpool.text import AsyncTextIndirectIOWrapper, AsyncTextIOWrapper

HANDLES = (AsyncTextIOWrapper, AsyncBufferedIOBase, AsyncBufferedReader, AsyncFileIO)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "file"
    file.write_bytes(b"one\ntwo\nthree\n")
    return file


# wrap: files that others have opened.


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda path: open(path), AsyncTextIOWrapper),
        (lambda path: io.StringIO("one\ntwo\nthree\n"), AsyncTextIOWrapper),
        (lambda path: open(path, "rb"), AsyncBufferedReader),
        (lambda path: open(path, "r+b"), AsyncBufferedReader),
        (lambda path: io.BytesIO(b"one\ntwo\nthree\n"), AsyncBufferedIOBase),
        (lambda path: open(path, "rb", buffering=0), AsyncFileIO),
    ],
)
async def test_wrap_a_file(make: Any, kind: Any, path: Path) -> None:
    inside = make(path)
    file = threadpool.wrap(inside)
    assert type(file) is kind
    assert file._file is inside
    content = path.read_text() if isinstance(inside, io.TextIOBase) else path.read_bytes()
    assert await file.read() == content
    await file.seek(0)
    assert [line async for line in file] == content.splitlines(keepends=True)
    assert await file.tell() == len(content)
    assert file.closed is False
    async with file:
        pass
    assert inside.closed is file.closed is True


def test_wrap_a_writer(path: Path) -> None:
    with open(path, "wb") as inside:
        assert type(threadpool.wrap(inside)) is AsyncBufferedIOBase


@pytest.mark.parametrize("entity", [int, [1, 2, 3], lambda x: x, io.FileIO, None])
def test_wrap_something_else(entity: Any) -> None:
    with pytest.raises(TypeError, match="Unsupported io type"):
        threadpool.wrap(entity)


async def test_a_wrapped_file_takes_the_methods_of_its_own(path: Path) -> None:
    with open(path, "rb") as inside:
        file = threadpool.wrap(inside)
        into = bytearray(4)
        assert await file.readinto1(into) == 4
        assert into == b"one\n"
        assert (await file.peek())[:3] == b"two"
        assert await file.read1(3) == b"two"


async def test_loop_and_executor_of_wrap() -> None:
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, thread_name_prefix="mine") as pool:

        class Named(io.BytesIO):
            def read(self, *args: Any) -> bytes:
                import threading

                return threading.current_thread().name.encode()

        file = threadpool.wrap(Named(), loop=loop, executor=pool)
        assert (file._loop, file._executor) == (loop, pool)
        assert (await file.read()).startswith(b"mine")


# Code of the user's: registered classes, patched opens.


@pytest.fixture
def registrations() -> Iterator[None]:
    """Puts the handle classes back that the test has replaced."""
    # Nothing can be taken out of the registry by its own means.
    (registry,) = gc.get_referents(threadpool.wrap.registry)
    before = dict(registry)
    yield
    registry.clear()
    threadpool.wrap._clear_cache()
    for kind, function in before.items():
        threadpool.wrap.register(kind, function)


@pytest.mark.parametrize("form", ["call", "decorator", "annotation"])
@pytest.mark.parametrize(
    ("kind", "mode", "buffering"),
    [
        (io.TextIOBase, "r", -1),
        (io.TextIOWrapper, "r+", -1),
        (io.BufferedReader, "rb", -1),
        (io.BufferedWriter, "wb", -1),
        (io.BufferedRandom, "r+b", -1),
        (io.FileIO, "rb", 0),
    ],
)
@pytest.mark.usefixtures("registrations")
async def test_a_class_of_ones_own(
    form: str, kind: Any, mode: str, buffering: int, path: Path
) -> None:
    class Mine(AsyncBase):
        async def close(self) -> None:
            self._file.close()

    def make(file: Any, *, loop: Any = None, executor: Any = None) -> Mine:
        return Mine(file, loop, executor)

    register: Any = threadpool.wrap.register
    if form == "call":
        register(kind, make)
    elif form == "decorator":
        assert register(kind)(make) is make
    else:
        make.__annotations__ = {"file": kind}
        assert register(make) is make
    async with rapfiles.open(path, mode, buffering) as file:
        assert type(file) is Mine
        assert isinstance(file._file, kind)
    # Other kinds are what they were.
    other = "rb" if "b" not in mode else "r"
    async with rapfiles.open(path, other) as file:
        assert file._native


async def test_after_that_all_is_native_again(path: Path) -> None:
    for arguments in (("r",), ("rb",), ("r+b",), ("ab",), ("rb", 0)):
        async with rapfiles.open(path, *arguments) as file:
            assert file._native


async def test_the_mocking_recipe() -> None:
    """The one of aiofiles' README."""
    threadpool.wrap.register(mock.MagicMock)(
        lambda *args, **kwargs: threadpool.AsyncBufferedIOBase(*args, **kwargs)
    )
    chunks = iter([b"file chunks 1", b"file chunks 2", b""])
    stream = mock.MagicMock(read=lambda *args, **kwargs: next(chunks))
    with mock.patch("rapfiles.threadpool.sync_open", return_value=stream) as mock_open:
        async with aiofiles.open("filename", "w") as f:
            await f.write("data")
            chunk: object = await f.read()
            assert chunk == b"file chunks 1"
    stream.write.assert_called_once_with("data")
    assert stream.__exit__.call_count == 1
    mock_open.assert_called_once_with(
        "filename",
        mode="w",
        buffering=-1,
        encoding=None,
        errors=None,
        newline=None,
        closefd=True,
        opener=None,
    )


async def test_sync_open_is_looked_up_at_each_call(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    def mine(*args: Any, **kwargs: Any) -> Any:
        opened.append(args)
        return open(*args, **kwargs)

    monkeypatch.setattr(threadpool, "sync_open", mine)
    for open_function in (rapfiles.open, threadpool.open):
        async with open_function(path) as file:
            assert isinstance(file._file, io.TextIOWrapper)
    assert opened == [(path,), (path,)]
    monkeypatch.undo()
    async with rapfiles.open(path) as file:
        assert file._native


async def test_wrap_can_be_patched(path: Path) -> None:
    with mock.patch.object(threadpool, "wrap", return_value=mock.MagicMock()) as patched:
        file = await rapfiles.open(path)
    assert file is patched.return_value
    assert isinstance(patched.call_args.args[0], io.TextIOWrapper)
    patched.call_args.args[0].close()


async def test_a_patched_builtin_is_none_of_our_business(path: Path) -> None:
    with mock.patch.object(builtins, "open", side_effect=AssertionError):
        async with rapfiles.open(path) as file:
            assert await file.readline() == "one\n"


async def test_the_file_of_a_handle_can_be_replaced(path: Path) -> None:
    file = await rapfiles.open(path)
    assert await file.readline() == "one\n"
    with pytest.warns(ResourceWarning, match="unclosed file"):
        file._file = io.StringIO("other\n")
    assert await file.read() == "other\n"
    assert type(file._file) is io.StringIO
    await file.close()
    assert file.closed


# Coroutine functions, signatures.

METHODS = [
    (handle, name)
    for handle in HANDLES
    for name in """read readline readlines write writelines flush seek tell truncate close isatty
        seekable writable""".split()
]


@pytest.mark.parametrize(("handle", "name"), METHODS)
def test_methods_are_coroutine_functions(handle: type, name: str) -> None:
    method = getattr(handle, name)
    assert inspect.iscoroutinefunction(method)
    assert asyncio.iscoroutinefunction(method)
    assert method.__name__ == name
    assert method.__qualname__.endswith(f".{name}")
    assert method.__module__.startswith("rapfiles.")
    assert inspect.getdoc(method)
    assert next(iter(inspect.signature(method).parameters)) == "self"


async def test_their_results_are_awaitable_once(path: Path) -> None:
    async with rapfiles.open(path) as file:
        reading = file.read()
        assert inspect.isawaitable(reading)
        assert await reading == "one\ntwo\nthree\n"
        with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
            await reading
        with pytest.warns(RuntimeWarning, match="'read' was never awaited"):
            file.read()  # type: ignore[unused-coroutine]


async def test_they_can_be_tasks(path: Path) -> None:
    async with rapfiles.open(path, "rb") as file:
        lines = await asyncio.gather(*(file.readline() for _ in range(3)))
        assert lines == [b"one\n", b"two\n", b"three\n"]
        assert await asyncio.create_task(file.tell()) == 14
        assert await asyncio.wait_for(file.seek(0), 60) == 0
        assert await asyncio.shield(file.read(3)) == b"one"


def test_wrap_a_function() -> None:
    def add(a: int, b: int = 1) -> int:
        """Adds."""
        return a + b

    wrapped = wrap(add)
    assert inspect.iscoroutinefunction(wrapped)
    assert (wrapped.__name__, wrapped.__doc__) == ("add", "Adds.")

    async def main() -> None:
        with ThreadPoolExecutor(1) as pool:
            assert await wrapped(1) == 2
            assert await wrapped(1, b=2, executor=pool) == 3
            assert await wrapped(1, loop=asyncio.get_running_loop()) == 2
            with pytest.raises(TypeError):
                await wrapped("x")

    asyncio.run(main())


@pytest.mark.parametrize("option", ["-O", "-OO"])
def test_without_docstrings_they_work_all_the_same(option: str, path: Path) -> None:
    program = (
        "import asyncio, rapfiles.os\n"
        "async def main():\n"
        "    async with rapfiles.open('file') as file:\n"
        "        print(await file.readline(), end='')\n"
        "    print(await rapfiles.read_file_bytes('file'))\n"
        "    print(await rapfiles.os.path.exists('file'))\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, option, "-c", program],
        cwd=path.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "one\nb'one\\ntwo\\nthree\\n'\nTrue\n"


# What objects can do.


@pytest.fixture(params=["native", "wrapped"])
async def handle(request: pytest.FixtureRequest, path: Path) -> Any:
    if request.param == "native":
        async with rapfiles.open(path) as file:
            yield file
    else:
        with open(path) as inside:
            yield threadpool.wrap(inside)


async def test_handles_have_weak_references(handle: Any) -> None:
    assert weakref.ref(handle)() is handle


async def test_handles_take_attributes(handle: Any) -> None:
    handle.note = "mine"
    assert handle.note == "mine"
    assert vars(handle)["note"] == "mine"
    with pytest.raises(AttributeError):
        _ = handle.missing


async def test_handles_compare_by_identity(handle: Any) -> None:
    assert handle == handle
    assert handle != threadpool.wrap(io.StringIO())
    assert {handle: 1}[handle] == 1


async def test_handles_say_what_they_wrap(handle: Any, path: Path) -> None:
    text = repr(handle)
    assert text.startswith("<rapfiles.threadpool.text.AsyncTextIOWrapper object at 0x")
    assert " wrapping <" in text
    assert repr(str(path)) in text


@pytest.mark.parametrize(
    "attempt", [pickle.dumps, copy.copy, copy.deepcopy, lambda handle: handle.__reduce__()]
)
async def test_handles_are_not_copied(attempt: Any, handle: Any) -> None:
    with pytest.raises(TypeError, match="cannot pickle"):
        attempt(handle)


async def test_handles_are_no_context_managers_of_the_blocking_kind(handle: Any) -> None:
    assert not hasattr(handle, "__enter__")
    assert not hasattr(handle, "__iter__")


async def test_a_cycle_with_a_handle_is_collected(path: Path) -> None:
    file: Any = await rapfiles.open(path)
    file.myself = file
    await file.close()
    gone = weakref.ref(file)
    del file
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("kind", HANDLES)
async def test_subclasses(kind: type[AsyncBase], path: Path) -> None:
    class Mine(kind):  # type: ignore[valid-type,misc]
        def __init__(self, file: Any, **kwargs: Any) -> None:
            super().__init__(file, **kwargs)
            self.calls = 0

        async def read(self, *args: Any) -> Any:
            self.calls += 1
            return await super().read(*args)

    with open(path) if kind is AsyncTextIOWrapper else open(path, "rb") as inside:
        mine = Mine(inside)
        assert isinstance(mine, AsyncBase)
        assert isinstance(mine, kind)
        assert await mine.read(3) in ("one", b"one")
        assert await mine.readline() in ("\n", b"\n")
        assert mine.calls == 1


def test_how_the_classes_are_related() -> None:
    assert issubclass(AsyncBufferedReader, AsyncBufferedIOBase)
    for indirect in (
        AsyncTextIndirectIOWrapper,
        AsyncIndirectBufferedIOBase,
        AsyncIndirectBufferedReader,
        AsyncIndirectFileIO,
    ):
        assert issubclass(indirect, AsyncIndirectBase)
    assert issubclass(AsyncIndirectBufferedReader, AsyncIndirectBufferedIOBase)
    assert issubclass(AsyncIndirectBase, AsyncBase)


async def test_an_indirect_handle_of_ones_own() -> None:
    files = [io.BytesIO(b"first"), io.BytesIO(b"second")]
    handle = AsyncIndirectBufferedIOBase("mine", None, None, indirect=lambda: files[0])
    assert await handle.read() == b"first"
    del files[0]
    assert await handle.read() == b"second"
    handle._file = None
    assert handle._file is files[0]
    assert handle._name == "mine"


async def test_a_context_manager_of_ones_own() -> None:
    async def made() -> Any:
        return threadpool.wrap(io.StringIO("text"))

    async with AiofilesContextManager(made()) as file:
        assert await file.read() == "text"
    assert file.closed
    assert AiofilesContextManager[Any] is not AiofilesContextManager
    assert AiofilesContextManager[None, None, AsyncBase]  # type: ignore[misc]


# aiofiles' class decorators.


async def test_a_handle_made_by_decorators(path: Path) -> None:
    @utils.delegate_to_executor("read", "close")
    @utils.proxy_method_directly("fileno")
    @utils.proxy_property_directly("name", "closed")
    class Mine(AsyncBase):
        pass

    with open(path) as inside, ThreadPoolExecutor(1) as pool:
        mine: Any = Mine(inside, None, pool)
        assert inspect.iscoroutinefunction(mine.read)
        assert Mine.read.__qualname__.endswith("Mine.read")  # type: ignore[attr-defined]
        assert await mine.read(3) == "one"
        assert (mine.name, mine.fileno(), mine.closed) == (inside.name, inside.fileno(), False)
        await mine.close()
        assert mine.closed


async def test_a_spooled_handle_made_by_decorators() -> None:
    import tempfile

    @utils.cond_delegate_to_executor("read", "write")
    class Mine(AsyncBase):
        pass

    with tempfile.SpooledTemporaryFile() as inside:
        mine: Any = Mine(inside)
        await mine.write(b"memory")
        inside.rollover()
        await mine.write(b", disk")
        inside.seek(0)
        assert await mine.read() == b"memory, disk"


# The blocking view of a native handle.


async def test_the_blocking_file_of_a_native_handle(path: Path) -> None:
    async with rapfiles.open(path, "r+") as file:
        blocking = file._file
        assert blocking.readline() == "one\n"
        assert next(blocking) == "two\n"
        assert list(blocking) == ["three\n"]
        assert blocking.seek(0) == 0
        assert blocking.write("ONE") == 3
        assert blocking.readable() is True
        assert blocking.reconfigure(line_buffering=True) is None
        assert blocking.line_buffering is True
        assert path.read_text().startswith("ONE")
        assert (blocking.name, blocking.mode) == (str(path), "r+")
        assert blocking.fileno() == file.fileno()
        assert blocking == file._file
        assert hash(blocking) == hash(file._file)
        assert repr(blocking) == f"<rapfiles text name={str(path)!r} mode='r+'>"
        with pytest.raises(AttributeError):
            _ = blocking.missing
        with blocking as same:
            assert same is blocking
        assert blocking.closed is file.closed is True


async def test_it_reconfigures_text_in_place(path: Path) -> None:
    async with rapfiles.open(path, "w") as file:
        file._file.reconfigure(encoding="latin-1")
        assert not isinstance(file._file, io.TextIOWrapper)
        await file.write("ä")
    assert path.read_bytes() == b"\xe4"


async def test_a_file_that_is_busy_is_not_given_away(path: Path) -> None:
    ours, theirs = os.pipe()
    async with rapfiles.open(ours, "rb") as file:
        reading = asyncio.ensure_future(file.read(1))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="an operation is under way"):
            file.detach()
        with pytest.raises(RuntimeError, match="an operation is under way"):
            _ = file.raw
        os.write(theirs, b"x")
        assert await reading == b"x"
    os.close(theirs)


def test_partial_and_others_see_coroutine_functions() -> None:
    assert inspect.iscoroutinefunction(partial(AsyncFileIO.read))
