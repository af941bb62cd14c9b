"""What misuse gets: bad modes, sizes and data, closed handles, no loop: the usual clear error."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

import rapfiles
from as_blocking import error_of, facts, of_blocking

T = TypeVar("T")

# Sizes, positions, modes.

MODES = ["rb", "r", "r+b"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [-1, -2, None, -(1 << 40)])
async def test_a_negative_size_is_all_or_the_usual_error(
    mode: str, size: int | None, tmp_path: Path
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"content\n" * 10)
    for name in ("read", "readline", "readlines"):
        with open(path, mode) as blocking:
            try:
                expected = getattr(blocking, name)(size)
            except Exception as error:
                expected = facts(error)
        async with rapfiles.open(path, mode) as file:
            try:
                found = await getattr(file, name)(size)
            except Exception as error:
                found = facts(error)
        assert found == expected, name


# A text position is a cookie: only what can't be one is wrong there.
BAD_IN_TEXT: list[tuple[Any, ...]] = [(-1,), (0, 5), (-1, 1), ("x",)]


@pytest.mark.parametrize(
    ("mode", "args"),
    [(mode, args) for mode in ("r", "rb", "r+b") for args in BAD_IN_TEXT]
    + [(mode, (size,)) for mode in ("rb", "r+b") for size in (1 << 63, 1 << 70, 1.5)],
)
async def test_a_bad_position(mode: str, args: tuple[Any, ...], tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"content")
    with open(path, mode) as blocking:
        expected = of_blocking(lambda: blocking.seek(*args))
    async with rapfiles.open(path, mode) as file:
        found = await error_of(file.seek(*args))
    assert found[0] is expected[0]
    if issubclass(found[0], OSError):
        assert found[1] == expected[1]


@pytest.mark.parametrize("size", [-1, 1 << 63, "x"])
async def test_a_bad_truncation(size: Any, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"content")
    with open(path, "r+b") as blocking:
        expected = of_blocking(lambda: blocking.truncate(size))
    async with rapfiles.open(path, "r+b") as file:
        found = await error_of(file.truncate(size))
    assert found[:2] == expected[:2] if issubclass(found[0], OSError) else found[0] is expected[0]
    assert path.read_bytes() == b"content"


BAD_OPENINGS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    (("",), {}),
    (("q",), {}),
    (("rw",), {}),
    (("rr",), {}),
    (("rbt",), {}),
    (("b",), {}),
    (("r+x",), {}),
    (("U",), {}),
    ((5,), {}),
    (("r\0",), {}),
    (("rb",), {"encoding": "utf-8"}),
    (("rb",), {"errors": "strict"}),
    (("rb",), {"newline": "\n"}),
    (("r",), {"buffering": 0}),
    (("r",), {"newline": "x"}),
    (("r",), {"encoding": "no such codec"}),
    (("r",), {"encoding": "utf-8\0"}),
    (("r",), {"encoding": "rot13"}),
    (("r",), {"closefd": False}),
]


@pytest.mark.parametrize(("args", "options"), BAD_OPENINGS, ids=repr)
async def test_a_bad_mode_or_option(
    args: tuple[Any, ...], options: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "f"
    path.touch()
    expected = of_blocking(lambda: open(path, *args, **options))
    assert await error_of(rapfiles.open(path, *args, **options)) == expected


@pytest.mark.parametrize("fd", [-1, 1 << 20, 1 << 40])
async def test_a_bad_descriptor(fd: int) -> None:
    expected = of_blocking(lambda: open(fd, "rb"))
    assert await error_of(rapfiles.open(fd, "rb")) == expected


@pytest.mark.parametrize("data", ["text", None, 5, [1, 2]], ids=repr)
async def test_what_is_no_bytes(data: Any, tmp_path: Path) -> None:
    with open(tmp_path / "f", "wb") as blocking:
        expected = of_blocking(lambda: blocking.write(data))
    async with rapfiles.open(tmp_path / "f", "wb") as file:
        assert await error_of(file.write(data)) == expected
    with pytest.raises(TypeError):
        await rapfiles.write_file_bytes(tmp_path / "g", data)
    assert not (tmp_path / "g").exists()


@pytest.mark.parametrize("data", [b"bytes", None, 5], ids=repr)
async def test_what_is_no_text(data: Any, tmp_path: Path) -> None:
    with open(tmp_path / "f", "w") as blocking:
        expected = of_blocking(lambda: blocking.write(data))
    async with rapfiles.open(tmp_path / "f", "w") as file:
        assert await error_of(file.write(data)) == expected
    with pytest.raises(TypeError):
        await rapfiles.write_file(tmp_path / "g", data)
    assert not (tmp_path / "g").exists()


async def test_text_that_the_encoding_lacks(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        await rapfiles.write_file(tmp_path / "f", "€", encoding="latin-1")
    assert not (tmp_path / "f").exists()
    (tmp_path / "f").write_bytes(b"ab\xffcd")
    with pytest.raises(UnicodeDecodeError) as caught:
        await rapfiles.read_file(tmp_path / "f")
    assert (caught.value.start, caught.value.object) == (2, b"ab\xffcd")
    with pytest.raises(UnicodeDecodeError):
        async with rapfiles.open(tmp_path / "f", encoding="utf-8") as file:
            await file.read()
    for unknown in ("no such codec", "rot13"):
        with pytest.raises(LookupError):
            await rapfiles.read_file(tmp_path / "f", encoding=unknown)
        with pytest.raises(LookupError):
            await rapfiles.write_file(tmp_path / "g", "x", encoding=unknown)
    assert not (tmp_path / "g").exists()


# Handles.

CALLS: dict[str, tuple[Any, ...]] = {
    "read": (),
    "readline": (),
    "readlines": (),
    "write": (b"x",),
    "writelines": ([b"x"],),
    "seek": (0,),
    "tell": (),
    "truncate": (),
    "flush": (),
    "readable": (),
    "writable": (),
    "seekable": (),
    "isatty": (),
    "fileno": (),
    "readinto": (bytearray(1),),
    "peek": (),
    "read1": (),
}


async def _result(handle: Any, name: str, args: tuple[Any, ...]) -> Any:
    result = getattr(handle, name)(*args)
    return await result if hasattr(result, "__await__") else result


@pytest.mark.parametrize(
    ("mode", "buffering"), [("rb", -1), ("wb", -1), ("r+b", -1), ("rb", 0), ("r", -1), ("w", -1)]
)
async def test_an_operation_on_a_closed_handle(mode: str, buffering: int, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    blocking: Any = open(path, mode, buffering)
    file: Any = await rapfiles.open(path, mode, buffering)
    blocking.close()
    await file.close()
    await file.close()
    for name, args in CALLS.items():
        if not hasattr(blocking, name):
            continue
        if "b" not in mode and name in ("write", "writelines"):
            args = ("x",) if name == "write" else (["x"],)
        try:
            expected: Any = getattr(blocking, name)(*args)
        except Exception as error:
            expected = facts(error)
        try:
            found = await _result(file, name, args)
        except Exception as error:
            found = facts(error)
        assert found == expected, name
    with pytest.raises(ValueError, match=r"closed|^read$|not readable"):
        await anext(file)
    with pytest.raises(ValueError, match="closed"):
        async with file:
            pass


@pytest.mark.parametrize(
    ("mode", "calls"),
    [
        ("rb", ["write", "writelines", "truncate"]),
        ("wb", ["read", "readline", "readlines", "readinto", "read1", "peek"]),
        ("r", ["write", "writelines", "truncate"]),
        ("w", ["read", "readline", "readlines"]),
    ],
)
@pytest.mark.parametrize("buffering", [-1, 0])
async def test_the_wrong_mode(mode: str, calls: list[str], buffering: int, tmp_path: Path) -> None:
    if buffering == 0 and "b" not in mode:
        buffering = 1
    path = tmp_path / "f"
    path.write_text("content")
    for name in calls:
        args = CALLS[name]
        if "b" not in mode and name.startswith("write"):
            args = ("x",) if name == "write" else (["x"],)
        with open(path, mode, buffering) as blocking:
            if not hasattr(blocking, name):
                continue
            expected = of_blocking(lambda: getattr(blocking, name)(*args))  # noqa: B023
        async with rapfiles.open(path, mode, buffering) as file:
            assert await error_of(getattr(file, name)(*args)) == expected, name
        assert issubclass(expected[0], io.UnsupportedOperation)


# Loops.


def _drive(operation: Any) -> Any:
    """Await without a loop, as somebody who calls send() by hand."""
    try:
        next(operation.__await__())
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits for something, outside a loop")


def _run(main: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> T:
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()


def test_outside_a_running_loop(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(bytes(300_000))
    operations: list[Callable[[], Any]] = [
        lambda: rapfiles.open(path, "rb"),
        lambda: rapfiles.read_file(path),
        lambda: rapfiles.read_file_bytes(path),
        lambda: rapfiles.write_file(path, "x"),
        lambda: rapfiles.write_file_bytes(path, b"x"),
    ]
    said: list[BaseException | None] = []

    def drive_all() -> None:
        for operation in operations:
            try:
                said.append(_drive(operation()))
            except RuntimeError as error:
                said.append(error)

    # Somewhere no loop has run yet, as a trio program's thread.
    thread = threading.Thread(target=drive_all)
    thread.start()
    thread.join()
    assert [type(error) for error in said] == [RuntimeError] * len(operations)
    assert all("loop" in str(error) for error in said)
    assert path.stat().st_size == 300_000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a FIFO")
def test_a_handle_that_another_loop_is_using(
    tmp_path: Path, loop_factory: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    both_ends = os.open(path, os.O_RDWR)

    async def opened() -> Any:
        return await rapfiles.open(path, "rb")

    async def started(operation: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.ensure_future(operation)
        await asyncio.sleep(0)
        return task

    async def used(file: Any) -> None:
        for name, args in {"read": (1,), "readline": (), "close": ()}.items():
            with pytest.raises(RuntimeError, match="in use in another event loop"):
                await getattr(file, name)(*args)

    own, other = loop_factory(), loop_factory()
    file = own.run_until_complete(opened())
    reading = own.run_until_complete(started(file.read(7)))
    _run(used(file), other)
    os.write(both_ends, b"content")
    assert own.run_until_complete(reading) == b"content"
    own.run_until_complete(file.close())
    own.close()
    os.close(both_ends)


def test_an_idle_handle_serves_any_loop(
    tmp_path: Path, loop_factory: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"content")

    async def opened() -> Any:
        return await rapfiles.open(path, "r+b")

    async def used(file: Any) -> None:
        assert await file.read(3) == b"con"
        await file.write(b"X")
        await file.flush()

    own, other = loop_factory(), loop_factory()
    file = own.run_until_complete(opened())
    _run(used(file), other)
    own.run_until_complete(file.close())
    own.close()
    assert path.read_bytes() == b"conXent"


@pytest.mark.parametrize("callback", ["opener", "fspath"])
async def test_an_opener_that_raises_leaks_nothing(callback: str, tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0

    def opener(path: str, flags: int) -> int:
        raise KeyError(callback)

    for _ in range(50):
        with pytest.raises(KeyError, match=callback):
            await rapfiles.open(tmp_path / "f", opener=opener)
    after = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    assert after <= before + 2
    assert not (tmp_path / "f").exists()
