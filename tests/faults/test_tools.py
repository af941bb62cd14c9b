"""The fault tools themselves: each does what it says, and each detector fails when it must."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import threading
import time
from pathlib import Path

import pytest

from .tools import mounts, need, strace
from .tools.counters import Peak, fd_count, memory_kib, open_fds, settled, thread_count
from .tools.fuse import fuse
from .tools.limits import soft_limit
from .tools.loop_gap import LoopGap, shortest_gap
from .tools.process import run, run_many
from .tools.seccomp import MACHINES, launcher, program

BLOCK = 0.05


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    path = tmp_path / "hello"
    path.write_text("hello")
    return path


async def _blocks() -> None:
    time.sleep(BLOCK)


async def finished() -> None:
    """An awaitable that never lets the loop turn."""


async def _blocks_in_the_middle() -> None:
    await asyncio.sleep(0.005)
    time.sleep(BLOCK)
    await asyncio.sleep(0.005)


async def test_the_loop_gap_detector_sees_a_block_that_ends_with_the_work() -> None:
    assert await shortest_gap(_blocks, limit=0.005) >= BLOCK


async def test_the_loop_gap_detector_sees_a_block_in_the_middle() -> None:
    assert await shortest_gap(_blocks_in_the_middle, limit=0.005) >= BLOCK


async def test_the_loop_gap_detector_sees_a_loop_that_is_kept_busy() -> None:
    async def never_yields() -> None:
        # Its own time on a processor: what others take of it isn't the loop's.
        end = time.thread_time() + BLOCK
        while time.thread_time() < end:
            await finished()

    assert await shortest_gap(never_yields, limit=0.002) >= BLOCK


async def test_the_loop_gap_detector_is_quiet_while_the_loop_is_free() -> None:
    assert await shortest_gap(lambda: asyncio.sleep(0.05), limit=0.005) <= 0.005


async def test_the_loop_gap_detector_passes_on_what_the_work_raises() -> None:
    with pytest.raises(ValueError, match="mine"):
        async with LoopGap():
            raise ValueError("mine")


def test_the_runner_tells_a_clean_end_from_a_noisy_a_failed_and_a_hung_one(hello: Path) -> None:
    run("tool_probe.py", "read", hello).clean()
    run("tool_probe.py", "fail").clean(returncode=3)
    with pytest.raises(AssertionError, match="something is wrong"):
        run("tool_probe.py", "noisy").clean()
    with pytest.raises(AssertionError, match="exit code 3, expected 0"):
        run("tool_probe.py", "fail").clean()
    with pytest.raises(AssertionError, match=r"hung(.|\n)*in hang"):
        run("tool_probe.py", "hang", timeout=1).clean()


def test_the_runner_starts_several_at_once(hello: Path) -> None:
    ends = run_many("tool_probe.py", [("read", hello)] * 3)
    assert [end.clean().stdout for end in ends] == ["hello\n" * 4] * 3


async def test_counters_follow_what_the_process_holds(hello: Path) -> None:
    fds = fd_count()
    async with Peak(fd_count, interval=0) as peak:
        with hello.open():
            await asyncio.sleep(0.01)
            assert str(hello) in open_fds().values()
    assert peak.peak == fds + 1
    threads, stop = thread_count(), threading.Event()
    waiting = [threading.Thread(target=stop.wait) for _ in range(3)]
    for thread in waiting:
        thread.start()
    assert thread_count() >= threads + 2  # one that was just ending may be gone meanwhile
    stop.set()
    assert memory_kib() > 1000
    with hello.open():
        assert await settled(fd_count, fds, timeout=0.05) == fds + 1
    assert await settled(fd_count, fds) == fds


def test_a_lowered_limit_holds_and_ends(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with soft_limit(resource.RLIMIT_FSIZE, 10):
        with pytest.raises(OSError) as caught, open(tmp_path / "f", "wb", buffering=0) as file:
            while True:
                file.write(b"12345678")
        assert caught.value.errno == errno.EFBIG
    assert (tmp_path / "f").stat().st_size == 10
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == before


def test_strace_injects_every_second_read_of_one_file(hello: Path, tmp_path: Path) -> None:
    need.strace()
    log = tmp_path / "log"
    fault = strace.inject(strace.READS, error="EIO", when="2+2")
    wrap = strace.launcher([fault], calls=strace.READS, paths=[str(hello)], log=log)
    end = run("tool_probe.py", "read", hello, wrap=wrap).clean()
    assert end.stdout.split() == ["hello", "EIO", "hello", "EIO"]
    assert strace.injected(log) == 2


def test_strace_delays_a_write(hello: Path, tmp_path: Path) -> None:
    need.strace()
    fault = strace.inject(strace.WRITES, delay_us=200_000)
    log = tmp_path / "log"
    wrap = strace.launcher([fault], calls=strace.WRITES, paths=[str(hello)], log=log)
    end = run("tool_probe.py", "slow", hello, wrap=wrap).clean()
    assert float(end.stdout) >= 0.2
    assert strace.injected(log) == 1


def test_seccomp_denies_what_it_is_told_and_nothing_else(hello: Path) -> None:
    def outcome(probe: str, **denied: str) -> list[str]:
        rules = {name.replace("__", "."): error for name, error in denied.items()}
        end = run("tool_probe.py", probe, hello, wrap=launcher(rules) if rules else ())
        return end.clean().stdout.split()

    assert outcome("copy") == ["5"]
    assert outcome("copy", copy_file_range="ENOSYS") == ["ENOSYS"]
    assert outcome("copy", statx="EPERM", copy_file_range="EPERM", openat2="EPERM") == ["EPERM"]
    # Not ENOSYS here: the C library answers that one with a fallback of its own.
    assert outcome("flags", preadv2="EIO") == ["EIO", "EIO"]
    assert outcome("flags", preadv2__flags="EPERM", copy_file_range="EIO") == ["5", "EPERM"]


@pytest.mark.parametrize("machine", MACHINES)
def test_a_seccomp_program_is_whole_instructions(machine: str) -> None:
    code = program({"openat2": "ENOSYS", "preadv2.flags": "EOPNOTSUPP"}, machine)
    assert len(code) == 8 * (3 + 3 + 5 + 1)


@pytest.mark.root
def test_a_small_tmpfs_is_soon_full(tmp_path: Path) -> None:
    with mounts.tmpfs(tmp_path / "mnt", size="16k") as small:
        with pytest.raises(OSError) as caught:
            (small / "f").write_bytes(bytes(1 << 20))
        assert caught.value.errno == errno.ENOSPC
    assert os.listdir(tmp_path / "mnt") == []


@pytest.mark.root
def test_an_overlay_shows_both_layers(tmp_path: Path) -> None:
    with mounts.overlay(tmp_path / "base", tmp_path / "mnt") as top:
        (tmp_path / "base/lower/below").write_text("x")
        (top / "above").write_text("y")
        assert sorted(os.listdir(top)) == ["above", "below"]


@pytest.mark.root
def test_a_frozen_filesystem_holds_writers_and_always_thaws(tmp_path: Path) -> None:
    with mounts.ext4(tmp_path / "image", tmp_path / "mnt") as disk:
        with mounts.frozen(disk, at_most=0.3):
            started = time.monotonic()
            (disk / "f").write_text("waits until the watchdog thaws")
            waited = time.monotonic() - started
        assert waited >= 0.2
        (disk / "f").write_text("writable again")


@pytest.mark.root
def test_fuse_moves_ten_bytes_at_a_time(tmp_path: Path) -> None:
    with fuse(tmp_path, chunk=10) as control:
        fd = os.open(control.path / "f", os.O_RDWR | os.O_CREAT)
        assert os.write(fd, bytes(100)) == 10
        os.close(fd)
        (control.path / "f").write_bytes(bytes(1000))
        assert (tmp_path / "backing/f").stat().st_size == 1000
        with open(control.path / "f", "rb", buffering=0) as file:
            assert len(file.read(100) or b"") == 10


@pytest.mark.root
def test_fuse_stalls_and_lets_go(tmp_path: Path) -> None:
    with fuse(tmp_path) as control:
        (control.path / "f").write_text("hello")
        started = time.monotonic()
        with control.stalled("READ", at_most=0.2):
            assert (control.path / "f").read_text() == "hello"
        assert time.monotonic() - started >= 0.2
        started = time.monotonic()
        with control.stalled("WRITE", at_most=10):
            assert (control.path / "f").exists()
        assert time.monotonic() - started < 10


@pytest.mark.root
def test_fuse_is_a_filesystem(tmp_path: Path) -> None:
    with fuse(tmp_path) as control:
        top = control.path
        (top / "d").mkdir()
        (top / "d" / "a").write_text("one")
        os.rename(top / "d" / "a", top / "b")
        os.link(top / "b", top / "c")
        os.symlink("c", top / "s")
        assert ((top / "s").read_text(), os.readlink(top / "s")) == ("one", "c")
        with open(top / "b", "a") as file:
            file.write(" two")
            os.unlink(top / "b")
        assert (top / "c").read_text() == "one two"
        os.truncate(top / "c", 3)
        os.chmod(top / "c", 0o600)
        os.utime(top / "c", (1, 2))
        status = os.stat(top / "c")
        assert (status.st_size, status.st_mtime, status.st_nlink) == (3, 2, 1)
        assert sorted(os.listdir(top)) == ["c", "d", "s"]
        with pytest.raises(FileExistsError):
            (top / "c").open("x")
        with pytest.raises(IsADirectoryError):
            (top / "d").read_bytes()
