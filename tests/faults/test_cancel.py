"""Promise 5: a cancelled read loses nothing, a cancelled write is whole or absent; no leaks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import rapfiles
import rapfiles.os

from .tools.counters import fd_count, settled
from .tools.figures import record

CANCELLATIONS = 5_000  # of opens; the twelve reads and five writes below add up to more
READ_TURNS, WRITE_TURNS = 1_000, 2_000
# Some sizes are answered out of a buffer, some by the page cache, the largest by a worker.
SIZES = (1, 16, 100, 5000, 70_000, 300_000)
LINE = 16
CONTENT = b"".join(b"%015d\n" % number for number in range(100_000))

Read = Callable[[Any, int], Awaitable[Any]]


async def _readinto(file: Any, size: int) -> bytes:
    buffer = bytearray(size)
    return bytes(buffer[: await file.readinto(buffer)])


async def _readlines(file: Any, size: int) -> bytes:
    return b"".join(await file.readlines(size))


async def _open(path: Path, mode: str) -> Any:
    return await rapfiles.open(path, mode)


READS: dict[str, tuple[str, dict[str, Any], Read]] = {
    "read": ("rb", {}, lambda file, size: file.read(size)),
    "read1": ("rb", {}, lambda file, size: file.read1(size)),
    "readinto": ("rb", {}, _readinto),
    "readline": ("rb", {}, lambda file, size: file.readline()),
    "readlines": ("rb", {}, _readlines),
    "next": ("rb", {}, lambda file, size: anext(file, b"")),
    "unbuffered": ("rb", {"buffering": 0}, lambda file, size: file.read(size)),
    "read-write": ("r+b", {}, lambda file, size: file.read(size)),
    "text": ("r", {"newline": ""}, lambda file, size: file.read(size)),
    "text line": ("r", {}, lambda file, size: file.readline()),
    "text next": ("r", {}, lambda file, size: anext(file, "")),
    "other codec": ("r", {"encoding": "cp1252"}, lambda file, size: file.read(size)),
}


async def _cancelled(operation: Awaitable[Any], rng: random.Random) -> tuple[bool, Any]:
    """Start an operation, cancel it after a random while; was it, and what came of it?"""
    task = asyncio.ensure_future(operation)
    for _ in range(rng.choice((0, 1, 1, 2, 3, 5, 10, 20))):
        await asyncio.sleep(0)
    task.cancel()
    try:
        return False, await task
    except asyncio.CancelledError:
        return True, None


@pytest.fixture
async def no_leak(tmp_path: Path) -> Any:
    """Descriptors are back to what they were, once the loop has its wake-up."""
    await rapfiles.write_file_bytes(tmp_path / "first", b"")
    before = fd_count()
    yield
    assert await settled(fd_count, before) == before


def _enough(proof: str, cancelled: int) -> None:
    """A run in which hardly anything was cancelled proves nothing."""
    record("5 cancel", f"{proof}: {cancelled:,} of {CANCELLATIONS:,} were cancelled in time")
    assert cancelled >= CANCELLATIONS // 20


@pytest.mark.parametrize("how", READS)
@pytest.mark.usefixtures("no_leak")
async def test_a_cancelled_read_loses_no_byte(how: str, tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(CONTENT)
    mode, options, read = READS[how]
    rng = random.Random(how)
    cancelled = position = 0
    async with rapfiles.open(path, mode, **options) as file:
        for turn in range(READ_TURNS):
            gone, data = await _cancelled(read(file, rng.choice(SIZES)), rng)
            cancelled += gone
            if not gone:
                raw = data.encode() if isinstance(data, str) else data
                assert raw == CONTENT[position : position + len(raw)], f"turn {turn}"
                position += len(raw)
            if position == len(CONTENT) or (not gone and not data):
                assert position == len(CONTENT)
                position = await file.seek(0)
            if "next" not in how and turn % 10 == 0:
                assert await file.tell() == position
        rest = await file.read()
        assert (rest.encode() if isinstance(rest, str) else rest) == CONTENT[position:]
    record("5 cancel", f"{how}: {cancelled} of {turn + 1} were cancelled, position and bytes exact")
    assert cancelled > turn // 20


WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "buffered": ("wb", {}),
    "unbuffered": ("wb", {"buffering": 0}),
    "read-write": ("w+b", {}),
    "append": ("ab", {}),
    "text": ("w", {"newline": "\n"}),
}


def _record(number: int, rng: random.Random) -> bytes:
    """A record says who it is and how long it is, so that a torn one can't pass for whole."""
    size = rng.choice((0, 10, 100, 5000, 200_000) if number % 20 == 0 else (0, 10, 100, 1000))
    return b"%08d %08d %s\n" % (number, size, b"x" * size)


def _whole_records(content: bytes) -> list[int]:
    """The numbers of the records in a file that has nothing but whole ones."""
    numbers, at = [], 0
    while at < len(content):
        number, size = int(content[at : at + 8]), int(content[at + 9 : at + 17])
        assert content[at + 18 : at + 19 + size] == b"x" * size + b"\n", f"torn: {number}"
        numbers.append(number)
        at += 19 + size
    return numbers


@pytest.mark.parametrize("how", WRITES)
@pytest.mark.usefixtures("no_leak")
async def test_a_cancelled_write_is_whole_or_absent(how: str, tmp_path: Path) -> None:
    mode, options = WRITES[how]
    rng = random.Random(how)
    cancelled, accepted = 0, []
    turns = WRITE_TURNS
    async with rapfiles.open(tmp_path / "out", mode, **options) as file:
        for number in range(turns):
            data = _record(number, rng)
            text = data.decode() if mode == "w" else data
            gone, written = await _cancelled(file.write(text), rng)
            cancelled += gone
            if not gone:
                assert written == len(data)
                accepted.append(number)
    found = _whole_records((tmp_path / "out").read_bytes())
    assert found == sorted(set(found))
    assert set(accepted) <= set(found)
    record("5 cancel", f"write, {how}: {cancelled} of {turns} were cancelled, 0 torn, 0 lost")
    assert cancelled > turns // 20


@pytest.mark.usefixtures("no_leak")
async def test_a_cancelled_open_leaves_nothing_open(tmp_path: Path) -> None:
    rng = random.Random("open")
    cancelled = 0
    for number in range(CANCELLATIONS):
        mode = "rb" if number % 2 else "wb"
        path = tmp_path / "in" if number % 2 else tmp_path / f"out{number % 50}"
        (tmp_path / "in").touch()
        gone, file = await _cancelled(_open(path, mode), rng)
        cancelled += gone
        if not gone:
            await file.close()
    _enough("open", cancelled)


@pytest.mark.usefixtures("no_leak")
async def test_cancelled_whole_reads_and_stats_leak_nothing(tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(bytes(300_000))
    rng = random.Random("whole")
    cancelled = 0
    for number in range(CANCELLATIONS):
        operation = rapfiles.os.stat(path) if number % 3 == 0 else rapfiles.read_file_bytes(path)
        gone, result = await _cancelled(operation, rng)
        cancelled += gone
        assert gone or (result.st_size if number % 3 == 0 else len(result)) == 300_000
    assert len(await rapfiles.read_file_bytes(path)) == 300_000
    _enough("whole reads and stats", cancelled)


@pytest.mark.usefixtures("no_leak")
async def test_a_cancelled_whole_write_is_whole_or_absent(tmp_path: Path) -> None:
    rng = random.Random("write_file")
    data = bytes(range(256)) * 100
    before = fd_count()
    returned = set()
    turns = CANCELLATIONS // 5
    for number in range(turns):
        gone, _ = await _cancelled(rapfiles.write_file_bytes(tmp_path / str(number), data), rng)
        if not gone:
            returned.add(number)
    assert await settled(fd_count, before) == before
    for number in range(turns):
        path = tmp_path / str(number)
        assert path.exists() or number not in returned
        if path.exists():
            assert path.read_bytes() == data
    record("5 cancel", f"write_file: {turns - len(returned)} of {turns} were cancelled, 0 torn")
    assert turns - len(returned) > turns // 20


@pytest.mark.usefixtures("no_leak")
async def test_a_group_that_fails_cancels_and_leaves_the_handle_usable(tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(CONTENT)
    async with rapfiles.open(path, "rb") as file:
        for _ in range(100):
            await file.seek(0)
            tasks = [asyncio.ensure_future(file.read(200_000)) for _ in range(5)]
            await asyncio.sleep(0)
            for task in tasks[1:]:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            taken = b"".join(part for part in ended if isinstance(part, bytes))
            assert taken + await file.read() == CONTENT
