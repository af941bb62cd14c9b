"""The event loop is never left waiting for the disk, nor starved by reads that are quick.

That the detector used here fails when it must is shown in faults/test_tools.py; filesystems that
stand still are in faults/test_stalled.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

import rapfiles
import rapfiles.os
from faults.tools.loop_gap import INTERVAL, shortest_gap

LONGEST = 0.005
LATEST = 0.002

Operation = Callable[[], Awaitable[object]]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small"
    path.write_bytes(b"0123456789abcde\n" * 256)
    return path


async def _mixed(number: int, small: Path) -> None:
    """One of many tasks: reads whole, writes, reads back by lines, looks, removes."""
    own = small.with_name(f"own{number}")
    assert len(await rapfiles.read_file_bytes(small)) == 4096
    async with rapfiles.open(own, "w") as file:
        for line in range(20):
            await file.write(f"{line}\n")
    assert (await rapfiles.os.stat(own)).st_size == 50
    async with rapfiles.open(own) as file:
        assert len([line async for line in file]) == 20
    await rapfiles.write_file_bytes(own, bytes(1 << 16))
    assert len(await rapfiles.read_file_bytes(own)) == 1 << 16
    await rapfiles.os.remove(own)
    assert not await rapfiles.os.path.exists(own)


async def test_a_thousand_tasks_of_mixed_work(small: Path) -> None:
    async def work() -> None:
        tasks = []
        for number in range(1000):
            tasks.append(asyncio.create_task(_mixed(number, small)))
            if number % 10 == 0:
                await asyncio.sleep(0)  # making a thousand tasks takes a while: the test's own
        await asyncio.gather(*tasks)

    assert await shortest_gap(work, LONGEST, rounds=20) <= LONGEST


async def test_one_read_of_many_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "big"
    path.write_bytes(bytes(64 << 20))
    kept: list[bytes] = []

    async def work() -> None:
        # Kept until the gap was measured: giving 64 MiB back takes time, and is the caller's.
        kept.append(await rapfiles.read_file_bytes(path))
        async with rapfiles.open(path, "rb") as file:
            kept.append(await file.read())

    best = float("inf")
    for _ in range(5):
        best = min(best, await shortest_gap(work, LONGEST, rounds=1))
        assert [len(data) for data in kept] == [64 << 20] * 2
        kept.clear()
    assert best <= LONGEST


async def test_files_that_are_not_in_the_page_cache(tmp_path: Path) -> None:
    paths = [tmp_path / f"cold{number}" for number in range(200)]
    for path in paths:
        path.write_bytes(os.urandom(1 << 16))
        with path.open("rb") as file:
            os.fsync(file.fileno())

    async def work() -> None:
        for path in paths:
            fd = os.open(path, os.O_RDONLY)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(fd)
            assert len(await rapfiles.read_file_bytes(path)) == 1 << 16

    assert await shortest_gap(work, LONGEST) <= LONGEST


async def test_writes_that_fill_many_buffers(tmp_path: Path) -> None:
    async def work() -> None:
        async with rapfiles.open(tmp_path / "out", "wb") as file:
            for _ in range(50):
                await file.write(bytes(100))
                await file.write(bytes(1 << 20))
        assert (tmp_path / "out").stat().st_size == 50 * ((1 << 20) + 100)

    assert await shortest_gap(work, LONGEST) <= LONGEST


async def test_opening_fifos_that_nobody_writes_to(tmp_path: Path) -> None:
    fifos = [tmp_path / f"fifo{number}" for number in range(100)]
    for fifo in fifos:
        os.mkfifo(fifo)

    async def work() -> None:
        opens = [asyncio.ensure_future(rapfiles.open(fifo, "rb")) for fifo in fifos]
        done, _ = await asyncio.wait(opens, timeout=0.05)
        assert not done
        writers = [os.open(fifo, os.O_RDWR | os.O_NONBLOCK) for fifo in fifos]
        for file in await asyncio.gather(*opens):
            await file.close()
        for writer in writers:
            os.close(writer)

    assert await shortest_gap(work, LONGEST) <= LONGEST


async def test_directories_and_names(tmp_path: Path) -> None:
    async def work() -> None:
        for number in range(200):
            directory = tmp_path / f"d{number}"
            await rapfiles.os.makedirs(directory / "below")
            await rapfiles.write_file(directory / "file", "text")
            await rapfiles.os.rename(directory / "file", directory / "name")
            assert sorted(await rapfiles.os.listdir(directory)) == ["below", "name"]
            await rapfiles.os.remove(directory / "name")
            await rapfiles.os.removedirs(directory / "below")
            tmp_path.mkdir(exist_ok=True)

    assert await shortest_gap(work, LONGEST) <= LONGEST


async def test_a_directory_of_many_entries(tmp_path: Path) -> None:
    for number in range(20_000):
        (tmp_path / f"{number:0100}").touch()

    async def work() -> None:
        assert len(await rapfiles.os.listdir(tmp_path)) == 20_000

    assert await shortest_gap(work, LONGEST) <= LONGEST


async def test_huge_patterns(tmp_path: Path) -> None:
    regexes = ["(?i)" + r"\pL" * 100, "|".join(map(str, range(5_000)))]
    globs = ["[!a]" * 16_000, "{" + ",".join(map(str, range(5_000))) + "}"]
    begun: list[Operation] = []
    for regex in regexes:
        begun += [
            partial(rapfiles.search, regex, root=tmp_path),
            partial(rapfiles.find, regex, tmp_path, regex=True),
            partial(rapfiles.find, root=tmp_path, content=regex),
        ]
    for glob in globs:
        begun += [
            partial(rapfiles.walk, str(tmp_path), filter=glob),
            partial(rapfiles.glob, glob, root_dir=str(tmp_path)),
        ]

    async def work() -> None:
        for begin in begun:
            with contextlib.suppress(rapfiles.PatternError):
                assert await begin() == []
            await asyncio.sleep(0)

    assert await shortest_gap(work, LONGEST) <= LONGEST


async def _flat_out(operation: Operation, seconds: float = 0.1) -> None:
    """Await `operation` again and again, never pausing by oneself."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        await operation()


def _assert_fair(gap: float) -> None:
    assert gap - INTERVAL <= LATEST, f"a tick came {(gap - INTERVAL) * 1e3:.1f} ms late"


async def test_a_tight_loop_of_whole_reads_is_fair(small: Path) -> None:
    async def read() -> None:
        await rapfiles.read_file_bytes(small)

    _assert_fair(await shortest_gap(lambda: _flat_out(read), INTERVAL + LATEST))


async def test_tight_loops_in_several_tasks_are_fair_together(small: Path) -> None:
    async def read() -> None:
        await rapfiles.read_file_bytes(small)

    async def work() -> None:
        await asyncio.gather(*(_flat_out(read) for _ in range(5)))

    _assert_fair(await shortest_gap(work, INTERVAL + LATEST))


async def test_a_tight_loop_of_stats_is_fair(small: Path) -> None:
    async def stat() -> None:
        await rapfiles.os.stat(small)
        await rapfiles.os.path.exists(small)

    _assert_fair(await shortest_gap(lambda: _flat_out(stat), INTERVAL + LATEST))


async def test_a_tight_loop_of_chunks_is_fair(small: Path) -> None:
    async with rapfiles.open(small, "rb") as file:

        async def rewind_and_read() -> None:
            await file.seek(0)
            while await file.read(64):
                pass

        _assert_fair(await shortest_gap(lambda: _flat_out(rewind_and_read), INTERVAL + LATEST))


async def test_a_tight_loop_of_lines_is_fair(small: Path) -> None:
    async with rapfiles.open(small) as file:

        async def lines() -> None:
            await file.seek(0)
            async for _ in file:
                pass

        _assert_fair(await shortest_gap(lambda: _flat_out(lines), INTERVAL + LATEST))


async def test_a_tight_loop_of_small_writes_is_fair(tmp_path: Path) -> None:
    async with rapfiles.open(tmp_path / "out", "wb") as file:

        async def write() -> None:
            await file.write(b"x" * 64)

        _assert_fair(await shortest_gap(lambda: _flat_out(write), INTERVAL + LATEST))


async def test_a_tight_loop_of_open_read_close_is_fair(small: Path) -> None:
    async def whole() -> None:
        async with rapfiles.open(small, "rb") as file:
            await file.read()

    _assert_fair(await shortest_gap(lambda: _flat_out(whole), INTERVAL + LATEST))
