"""Promises 6 and 7: an atomic write is old or new, whatever happens; fsync's failure is told."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import os
import random
import signal
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

import pytest

import rapfiles

from .tools import mounts, need, power, strace
from .tools.counters import fd_count, settled
from .tools.figures import record, share
from .tools.process import command, run

CUTS = 2_000
Durability = Literal["full", "rename", "none"]


def page(number: int, size: int) -> bytes:
    """Contents that show whether they are whole, and which they are."""
    body = number.to_bytes(8, "big") + os.urandom(16) + bytes(size)
    return hashlib.sha256(body).digest() + body


def number_of(data: bytes) -> int | None:
    """Which contents these are; None if they are not whole."""
    digest, body = data[:32], data[32:]
    return int.from_bytes(body[:8], "big") if hashlib.sha256(body).digest() == digest else None


class Writers:
    """Tasks that replace files as fast as they can, until the disk is gone."""

    def __init__(self, top: Path, durability: Durability, chance: random.Random) -> None:
        # The last one has the filesystem write its journal, with all names and not all contents.
        self._durability: list[Durability] = [durability, durability, durability, "full"]
        self._chance = chance
        self.paths = [top / name for name in "abcd"]
        #: The last number that was written, and the last one whose write returned.
        self.tried = [0] * 4
        self.done = [0] * 4

    async def begin(self) -> None:
        for path in self.paths:
            await rapfiles.atomic_write_file_bytes(path, page(0, 10))

    async def _write(self, which: int) -> None:
        while True:
            self.tried[which] += 1
            data = page(self.tried[which], self._chance.randrange(40_000))
            await rapfiles.atomic_write_file_bytes(
                self.paths[which], data, durability=self._durability[which]
            )
            self.done[which] = self.tried[which]

    async def until_the_end(self, cut: Callable[[], None]) -> None:
        tasks = [asyncio.ensure_future(self._write(which)) for which in range(4)]
        await asyncio.sleep(self._chance.random() / 50)
        cut()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(result, OSError), result

    def torn(self) -> int:
        """How many files are neither old nor new."""
        torn = 0
        for which, path in enumerate(self.paths):
            number = number_of(path.read_bytes()) if path.exists() else None
            if number is None:
                torn += 1
            elif self._durability[which] == "full":
                assert self.done[which] <= number <= self.tried[which]
            else:
                assert number <= self.tried[which]
        return torn


async def _cuts(disk: power.Disk, cuts: int, durability: Durability) -> tuple[int, int]:
    """How many files were torn, and how many were written, in so many power cuts."""
    chance, torn, written = random.Random(6), 0, 0
    for _ in range(cuts):
        for path in disk.path.iterdir():
            if path.is_file():
                path.unlink()
        writers = Writers(disk.path, durability, chance)
        await writers.begin()
        await writers.until_the_end(disk.cut)
        disk.unmount()
        disk.mount()
        torn += writers.torn()
        written += sum(writers.done)
    return torn, written


@pytest.mark.root
async def test_power_cuts(tmp_path: Path) -> None:
    cuts = share(CUTS, 100)
    full = cuts // 2
    with power.disk(tmp_path / "image", tmp_path / "disk") as disk:
        torn, written = await _cuts(disk, full, "full")
        also_torn, also_written = await _cuts(disk, cuts - full, "rename")
    text = f"{cuts:,} power cuts, {written + also_written:,} writes: {torn + also_torn} torn"
    record("6 atomic writes", text, full=CUTS, ran=cuts)
    assert (torn, also_torn) == (0, 0)


@pytest.mark.root
async def test_the_power_cuts_would_show_it(tmp_path: Path) -> None:
    """Where nothing is promised, files are torn: the test above can fail."""
    with power.disk(tmp_path / "image", tmp_path / "disk") as disk:
        for _ in range(20):
            torn, _written = await _cuts(disk, 5, "none")
            if torn:
                return
    raise AssertionError("no file was torn in 100 power cuts without fsync")


async def test_a_hundred_writers_of_one_path(tmp_path: Path) -> None:
    path, before = tmp_path / "one", fd_count()
    pages = [page(number, 5_000) for number in range(100)]
    await asyncio.gather(*(rapfiles.atomic_write_file_bytes(path, data) for data in pages))
    assert path.read_bytes() in pages
    assert os.listdir(tmp_path) == ["one"]
    assert await settled(fd_count, before + 3) <= before + 3
    record("6 atomic writes", "100 concurrent writers of one path: 0 errors, 0 leftovers")


@pytest.mark.parametrize("round_of", range(3))
def test_killed_in_the_middle(round_of: int, loop_kind: str, tmp_path: Path) -> None:
    chance = random.Random(round_of)
    path = tmp_path / "one"
    process = subprocess.Popen(
        command("atomic_writes.py", loop_kind, path), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        for _ in range(chance.randrange(1, 8)):
            assert process.stdout.readline() == "written\n"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert number_of(path.read_bytes()) is not None


# Disks that are full, or broken.


async def _written_to(path: Path, size: int) -> list[Awaitable[object]]:
    async def opened() -> None:
        async with rapfiles.atomic_open(path, "wb") as file:
            for _ in range(size // 10_000):
                await file.write(bytes(10_000))

    async def together() -> None:
        async with rapfiles.transaction() as t:
            await t.remove_file(path.with_name("other"))
            await t.write_file_bytes(path, bytes(size))

    return [rapfiles.atomic_write_file_bytes(path, bytes(size)), opened(), together()]


@pytest.mark.root
async def test_a_full_disk_keeps_the_old_file(tmp_path: Path) -> None:
    with mounts.tmpfs(tmp_path / "mnt", size="256k") as small:
        path = small / "one"
        path.write_bytes(b"old")
        (small / "other").write_bytes(b"other")
        before = fd_count()
        for write in await _written_to(path, 1 << 20):
            with pytest.raises(OSError) as caught:
                await write
            assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))
            assert sorted(os.listdir(small)) == ["one", "other"]
            assert path.read_bytes() == b"old"
        assert await settled(fd_count, before + 1) <= before + 1


@pytest.mark.root
async def test_a_failure_of_fsync_is_told(tmp_path: Path) -> None:
    """The disk is a file that can't grow: writes succeed, and fail when they have to arrive."""
    with mounts.tmpfs(tmp_path / "below", size="12m") as below:
        with mounts.ext4(below / "image", tmp_path / "disk", megabytes=64) as disk:
            path = disk / "one"
            path.write_bytes(b"old")
            os.sync()
            with open(below / "rest", "wb", buffering=0) as rest:
                with pytest.raises(OSError) as full:
                    while rest.write(bytes(1 << 16)):
                        pass
                assert full.value.errno == errno.ENOSPC
            with pytest.raises(OSError) as caught:
                await rapfiles.atomic_write_file_bytes(path, bytes(8 << 20))
            assert caught.value.errno in (errno.EIO, errno.ENOSPC)
            assert caught.value.filename == str(path)
            assert path.read_bytes() == b"old"
            assert sorted(set(os.listdir(disk)) - {"lost+found"}) == ["one"]
            (below / "rest").unlink()
    record("7 fsync", "fsync on a disk that can't grow: told, the old file kept, no leftovers")


# Each call that fails is told, changes nothing and leaves nothing.

CALLS = ["fsync", "fchmod", "renameat,renameat2,rename"]
ERRORS = ["EIO", "ENOSPC", "EDQUOT", "EACCES"]


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("calls", CALLS)
@pytest.mark.parametrize("how", ["write", "open", "transaction"])
def test_errno(how: str, calls: str, error: str, tmp_path: Path) -> None:
    need.strace()
    top, log = tmp_path / "top", tmp_path / "log"
    top.mkdir()
    (top / "one").write_bytes(b"old")
    fault = strace.inject(calls, error=error, when="1")
    wrap = strace.launcher([fault], calls=calls, paths=[], log=log)
    end = run("atomic_fault.py", how, top / "one", wrap=wrap, env={"RAPFILES_THREADS": "1"})
    told: list[Any] = json.loads(end.clean().stdout)
    assert strace.injected(log) == 1
    assert told == [getattr(errno, error), str(top / "one"), 0]
    assert (os.listdir(top), (top / "one").read_bytes()) == (["one"], b"old")


@pytest.mark.parametrize("how", ["write", "open", "transaction"])
def test_interrupted_calls_are_invisible(how: str, tmp_path: Path) -> None:
    need.strace()
    top, log = tmp_path / "top", tmp_path / "log"
    top.mkdir()
    (top / "one").write_bytes(b"old")
    calls = "fsync,fchmod,renameat,renameat2"
    fault = strace.inject(calls, error="EINTR", when="1+2")
    wrap = strace.launcher([fault], calls=calls, paths=[], log=log)
    end = run("atomic_fault.py", how, top / "one", wrap=wrap, env={"RAPFILES_THREADS": "1"})
    assert json.loads(end.clean().stdout) == [None, None, 0]
    assert strace.injected(log) >= 2
    assert (os.listdir(top), (top / "one").read_bytes()) == (["one"], b"new" * 1000)


@pytest.mark.parametrize("how", ["write", "open", "transaction"])
def test_a_directory_that_cant_be_synced_is_told(how: str, tmp_path: Path) -> None:
    """By then a write has its name; a transaction takes the names back."""
    need.strace()
    top, log = tmp_path / "top", tmp_path / "log"
    top.mkdir()
    (top / "one").write_bytes(b"old")
    wrap = strace.launcher(
        [strace.inject("fsync", error="EIO", when="2")], calls="fsync", paths=[], log=log
    )
    end = run("atomic_fault.py", how, top / "one", wrap=wrap, env={"RAPFILES_THREADS": "1"})
    assert json.loads(end.clean().stdout) == [errno.EIO, str(top / "one"), 0]
    assert os.listdir(top) == ["one"]
    expected = b"old" if how == "transaction" else b"new" * 1000
    assert (top / "one").read_bytes() == expected
