"""Promise 3: once `close()` returned every byte is the kernel's, and every error arrived, once."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import rapfiles

from .tools import mounts, need, strace
from .tools.counters import fd_count, settled
from .tools.figures import record
from .tools.process import run

ROUNDS = 10_000
SIZES = (1, 64, 4096, 8192, 8193, 70_000)


async def _write_close_stat(path: Path, rounds: int) -> None:
    for turn in range(rounds):
        size = SIZES[turn % len(SIZES)]
        if turn % 2:
            async with rapfiles.open(path, "wb") as file:
                await file.write(bytes(size))
        else:
            text = await rapfiles.open(path, "w", newline="")
            await text.write("x" * (size // 2))
            await text.write("y" * (size - size // 2))
            await text.close()
        assert os.stat(path).st_size == size


async def test_write_close_stat(tmp_path: Path) -> None:
    await _write_close_stat(tmp_path / "one", ROUNDS // 2)
    tasks = [_write_close_stat(tmp_path / str(n), ROUNDS // 2 // 50) for n in range(50)]
    await asyncio.gather(*tasks)
    record("3 close", f"{ROUNDS:,} write/close/stat: 0 short")


@pytest.mark.parametrize("how", ["handle", "unbuffered", "text", "whole", "flush"])
def test_close_waits_for_a_delayed_write(how: str, loop_kind: str, tmp_path: Path) -> None:
    need.strace()
    path, log = tmp_path / "out", tmp_path / "log"
    path.touch()
    fault = strace.inject(strace.WRITES, delay_us=50_000)
    wrap = strace.launcher([fault], calls=strace.WRITES, paths=[str(path)], log=log)
    run("delayed_write.py", loop_kind, how, path, wrap=wrap).clean()
    assert strace.injected(log) >= 1


async def _in_one_go(path: Path) -> None:
    async with rapfiles.open(path, "wb") as file:
        await file.write(bytes(1 << 20))


async def _bit_by_bit(path: Path) -> None:
    async with rapfiles.open(path, "wb") as file:
        for _ in range(4000):
            await file.write(bytes(50))


async def _only_at_close(path: Path) -> None:
    async with rapfiles.open(path, "wb", buffering=1 << 20) as file:
        await file.write(bytes(200_000))


async def _as_text(path: Path) -> None:
    async with rapfiles.open(path, "w") as file:
        for _ in range(4000):
            await file.write("fifty characters of text, as many as it takes, here")


async def _without_buffer(path: Path) -> None:
    async with rapfiles.open(path, "wb", buffering=0) as file:
        while True:
            await file.write(bytes(5000))


async def _whole_bytes(path: Path) -> None:
    await rapfiles.write_file_bytes(path, bytes(1 << 20))


async def _whole_text(path: Path) -> None:
    await rapfiles.write_file(path, "x" * (1 << 20))


async def _appended(path: Path) -> None:
    async with rapfiles.open(path, "ab") as file:
        await file.write(bytes(1 << 20))


FILLS = (
    _in_one_go,
    _bit_by_bit,
    _only_at_close,
    _as_text,
    _without_buffer,
    _whole_bytes,
    _whole_text,
    _appended,
)


@pytest.mark.root
@pytest.mark.parametrize("fill", FILLS)
async def test_a_full_disk_is_told_with_errno_and_filename(
    fill: Callable[[Path], Awaitable[None]], tmp_path: Path
) -> None:
    with mounts.tmpfs(tmp_path / "mnt", size="64k") as small:
        before = fd_count()
        with pytest.raises(OSError) as caught:
            await fill(small / "out")
        assert type(caught.value) is OSError
        assert caught.value.errno == errno.ENOSPC
        assert caught.value.filename == str(small / "out")
        assert await settled(fd_count, before) == before


async def _errors_of(path: Path, mode: str, data: Any, writes: int, buffering: int) -> list[str]:
    """Where an error came, of writes up to the first that fails, and of two closes."""
    came = []

    async def fails(name: str, call: Awaitable[object]) -> bool:
        with contextlib.suppress(OSError):
            await call
            return False
        came.append(name)
        return True

    file: Any = await rapfiles.open(path, mode, buffering)
    for _ in range(writes):
        if await fails("write", file.write(data)):
            break
    await fails("close", file.close())
    assert file.closed
    await fails("second close", file.close())
    return came


@pytest.mark.root
@pytest.mark.parametrize(
    ("mode", "data", "writes", "buffering", "allowed"),
    [
        ("wb", bytes(1 << 20), 1, -1, [["write"], ["close"]]),
        ("wb", bytes(100_000), 1, 1 << 20, [["close"]]),
        ("wb", bytes(5000), 100, 0, [["write"]]),
        # What the failed write left in the buffer is tried again by close, as it should be.
        ("wb", b"x" * 100, 2000, -1, [["write"], ["write", "close"]]),
        ("w", "x" * 100, 2000, -1, [["write"], ["write", "close"]]),
    ],
    ids=["one big", "at close", "unbuffered", "many small", "text"],
)
async def test_an_error_arrives_once(
    mode: str, data: object, writes: int, buffering: int, allowed: list[list[str]], tmp_path: Path
) -> None:
    with mounts.tmpfs(tmp_path / "mnt", size="64k") as small:
        assert await _errors_of(small / "out", mode, data, writes, buffering) in allowed


@pytest.mark.root
async def test_no_inode_left(tmp_path: Path) -> None:
    with mounts.tmpfs(tmp_path / "mnt", size="64k", inodes=3) as small:
        with pytest.raises(OSError) as caught:
            for number in range(4):
                await rapfiles.write_file_bytes(small / str(number), b"")
        assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(small / "2"))


@pytest.mark.parametrize("error", ["EIO", "EDQUOT", "EACCES", "ENOSPC"])
@pytest.mark.parametrize("call", [1, 3])
def test_a_failing_write_call_is_told(error: str, call: int, tmp_path: Path) -> None:
    need.strace()
    path, log = tmp_path / "out", tmp_path / "log"
    path.touch()
    fault = strace.inject(strace.WRITES, error=error, when=str(call))
    wrap = strace.launcher([fault], calls=strace.WRITES, paths=[str(path)], log=log)
    # One worker thread, so that strace's count per thread is a count of all.
    end = run("failing_write.py", path, wrap=wrap, env={"RAPFILES_THREADS": "1"}).clean()
    assert strace.injected(log) == 1
    expected = OSError(getattr(errno, error), os.strerror(getattr(errno, error)))
    (told,) = json.loads(end.stdout)
    assert told == [type(expected).__name__, expected.errno, expected.strerror, str(path)]
