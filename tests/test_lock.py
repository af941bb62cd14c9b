"""Locks: who has them, who waits, and that nobody keeps them by accident."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import rapfiles
from conftest import native_threads, open_fds

HOLDER = """
import fcntl, sys
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_SH if sys.argv[2:] else fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


@pytest.fixture
def holder(path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Another process that has the lock until its stdin ends, or it does."""
    holders = []

    def start(*how: str) -> subprocess.Popen[str]:
        line = [sys.executable, "-S", "-E", "-c", HOLDER, str(path), *how]
        pipe = subprocess.PIPE
        process = subprocess.Popen(line, text=True, stdin=pipe, stdout=pipe)
        holders.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        return process

    yield start
    for process in holders:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()


def is_free(path: Path) -> bool:
    """Whether anybody else could lock it."""
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


async def turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


# One holder.


async def test_a_lock(path: Path, no_fd_left: None) -> None:
    async with rapfiles.lock_file(path) as lock:
        assert (lock.path, lock.exclusive, lock.held) == (path, True, True)
        assert "exclusive, held" in repr(lock)
        assert not is_free(path)
    assert not lock.held
    assert "released" in repr(lock)
    assert is_free(path)
    assert path.read_bytes() == b""


async def test_released_at_once_and_twice(path: Path, no_fd_left: None) -> None:
    lock = await rapfiles.lock_file(path)
    assert not is_free(path)
    await lock.release()
    assert is_free(path)
    await lock.release()
    async with await rapfiles.lock_file(path):
        assert not is_free(path)
    assert is_free(path)


async def test_a_request_may_be_used_again(path: Path) -> None:
    request = rapfiles.lock_file(path)
    for _ in range(2):
        async with request as lock:
            assert lock.held
        assert is_free(path)


async def test_an_exception_releases(path: Path) -> None:
    with pytest.raises(LookupError):
        async with rapfiles.lock_file(path):
            raise LookupError
    assert is_free(path)


async def test_a_new_file_has_the_usual_mode(path: Path) -> None:
    async with rapfiles.lock_file(path):
        path.with_name("usual").touch()
        assert path.stat().st_mode == path.with_name("usual").stat().st_mode


async def test_contents_stay(path: Path) -> None:
    path.write_text("text")
    async with rapfiles.lock_file(path):
        assert await rapfiles.read_file(path) == "text"
    assert path.read_text() == "text"


@pytest.mark.parametrize("exclusive", [True, False])
async def test_a_file_that_may_only_be_read(path: Path, exclusive: bool) -> None:
    path.touch()
    path.chmod(0o444)
    async with rapfiles.lock_file(path, exclusive) as lock:
        assert lock.exclusive is exclusive
        assert not is_free(path)


@pytest.mark.parametrize(
    ("name", "number"),
    [("", errno.EISDIR), ("missing/lock", errno.ENOENT), ("x" * 256, errno.ENAMETOOLONG)],
)
async def test_errors(tmp_path: Path, name: str, number: int, no_fd_left: None) -> None:
    given = f"{tmp_path}/{name}" if name else str(tmp_path)
    for path in (given, os.fsencode(given)):
        with pytest.raises(OSError) as caught:
            await rapfiles.lock_file(path)
        assert (caught.value.errno, caught.value.filename) == (number, path)


@pytest.mark.parametrize("timeout", [-1, float("nan"), float("-inf")])
async def test_a_timeout_that_makes_no_sense(path: Path, timeout: float) -> None:
    with pytest.raises(ValueError, match="timeout"):
        await rapfiles.lock_file(path, timeout=timeout)


async def test_other_bad_arguments(path: Path) -> None:
    bad: Any = rapfiles.lock_file
    with pytest.raises(ValueError, match="null byte"):
        await bad("a\0b")
    for arguments in ((None,), (path, "yes"), (path, True, "soon")):
        with pytest.raises(TypeError):
            await bad(*arguments)


@pytest.mark.parametrize("timeout", [None, 5, 1e300, float("inf")])
async def test_a_timeout_that_isnt_needed(path: Path, timeout: float | None) -> None:
    async with rapfiles.lock_file_shared(path, timeout):
        pass


# Tasks.


async def test_tasks_take_turns_in_order(path: Path, no_fd_left: None) -> None:
    order: list[int] = []
    inside = 0

    async def work(number: int) -> None:
        nonlocal inside
        async with rapfiles.lock_file(path):
            inside += 1
            assert inside == 1
            order.append(number)
            await turns(2)
            inside -= 1

    first = await rapfiles.lock_file(path)
    tasks = []
    for number in range(30):
        tasks.append(asyncio.ensure_future(work(number)))
        await asyncio.sleep(0.002)
    await first.release()
    await asyncio.wait_for(asyncio.gather(*tasks), 20)
    assert order == list(range(30))


async def test_a_counter_between_tasks(path: Path) -> None:
    counter = path.with_name("counter")
    counter.write_text("0")

    async def add() -> None:
        for _ in range(5):
            async with rapfiles.lock_file(path):
                number = int(await rapfiles.read_file(counter))
                await rapfiles.atomic_write_file(counter, str(number + 1), durability="none")

    await asyncio.wait_for(asyncio.gather(*(add() for _ in range(20))), 20)
    assert counter.read_text() == "100"


async def test_those_who_share(path: Path, no_fd_left: None) -> None:
    locks = [await rapfiles.lock_file_shared(path) for _ in range(5)]
    with pytest.raises(TimeoutError):
        await rapfiles.lock_file(path, timeout=0)
    waiting = asyncio.ensure_future(rapfiles.lock_file(path)._acquire())
    for lock in locks:
        await turns()
        assert not waiting.done()
        await lock.release()
    await (await waiting).release()


async def test_who_wants_it_alone_is_not_starved(path: Path) -> None:
    first = await rapfiles.lock_file_shared(path)
    alone = asyncio.ensure_future(rapfiles.lock_file(path)._acquire())
    await asyncio.sleep(0.02)
    later = asyncio.ensure_future(rapfiles.lock_file_shared(path)._acquire())
    await asyncio.sleep(0.02)
    assert not later.done()
    await first.release()
    lock = await asyncio.wait_for(alone, 10)
    assert not later.done()
    await lock.release()
    await (await asyncio.wait_for(later, 10)).release()


def test_threads_with_loops_of_their_own(path: Path, loop_factory: Any) -> None:
    inside: list[int] = []

    async def work() -> None:
        for _ in range(10):
            async with rapfiles.lock_file(path):
                inside.append(1)
                assert len(inside) == 1
                await asyncio.sleep(0)
                inside.pop()

    failures: list[BaseException] = []

    def run() -> None:
        loop = loop_factory()
        try:
            loop.run_until_complete(work())
        except BaseException as error:
            failures.append(error)
        finally:
            loop.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []


# Time.


@pytest.mark.parametrize("timeout", [0, 0.02])
async def test_a_timeout(path: Path, timeout: float, no_fd_left: None) -> None:
    async with rapfiles.lock_file(path):
        with pytest.raises(TimeoutError) as caught:
            await rapfiles.lock_file(path, timeout=timeout)
        error: Any = caught.value
        assert (error.errno, error.filename) == (errno.ETIMEDOUT, str(path))
        assert "not locked within" in error.strerror
    async with rapfiles.lock_file(path, timeout=0):
        pass


async def test_a_timeout_of_one_leaves_the_others(path: Path) -> None:
    first = await rapfiles.lock_file(path)
    short = asyncio.ensure_future(rapfiles.lock_file(path, timeout=0.02)._acquire())
    await asyncio.sleep(0.005)
    long = asyncio.ensure_future(rapfiles.lock_file(path, timeout=20)._acquire())
    with pytest.raises(TimeoutError):
        await short
    await first.release()
    await (await long).release()


# Other processes.


@pytest.mark.parametrize("how", [[], ["shared"]])
async def test_another_process_lets_go(
    no_fd_left: None, path: Path, holder: Callable[..., subprocess.Popen[str]], how: list[str]
) -> None:
    process = holder(*how)
    if how:
        await (await rapfiles.lock_file_shared(path, timeout=0)).release()
    with pytest.raises(TimeoutError):
        await rapfiles.lock_file(path, timeout=0.03)
    waiting = asyncio.ensure_future(rapfiles.lock_file(path)._acquire())
    await asyncio.sleep(0.02)
    assert not waiting.done()
    assert process.stdin is not None
    process.stdin.close()
    await (await asyncio.wait_for(waiting, 10)).release()
    process.wait()


async def test_another_process_is_killed(
    path: Path, holder: Callable[..., subprocess.Popen[str]]
) -> None:
    process = holder()
    waiting = asyncio.ensure_future(rapfiles.lock_file(path)._acquire())
    await asyncio.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    await (await asyncio.wait_for(waiting, 10)).release()
    process.wait()


# The file.


async def test_a_file_that_was_removed_is_made_again(path: Path, no_fd_left: None) -> None:
    first = await rapfiles.lock_file(path)
    waiting = asyncio.ensure_future(rapfiles.lock_file(path)._acquire())
    await asyncio.sleep(0.02)
    path.unlink()
    await first.release()
    lock = await asyncio.wait_for(waiting, 10)
    assert path.exists() and not is_free(path)
    await lock.release()


async def test_a_link_leads_to_the_file(path: Path) -> None:
    path.with_name("link").symlink_to("lock")
    async with rapfiles.lock_file(path.with_name("link")):
        assert not is_free(path)
        with pytest.raises(TimeoutError):
            await rapfiles.lock_file(path, timeout=0)


# Nobody keeps one by accident.


async def test_a_thousand_cancelled_waits(path: Path, no_fd_left: None) -> None:
    chance = random.Random(19)
    before = open_fds()
    held = await rapfiles.lock_file(path)
    for _ in range(10):
        waits = [asyncio.ensure_future(rapfiles.lock_file(path)._acquire()) for _ in range(100)]
        await asyncio.sleep(chance.random() / 100)
        if held.held and chance.random() < 0.5:
            await held.release()
        for wait in chance.sample(waits, 100):
            wait.cancel()
            if chance.random() < 0.02:
                await asyncio.sleep(0)
        results = await asyncio.gather(*waits, return_exceptions=True)
        for lock in results:
            # Some were not cancelled in time.
            if isinstance(lock, rapfiles.FileLock):
                await lock.release()
        if not held.held:
            held = await asyncio.wait_for(rapfiles.lock_file(path)._acquire(), 10)
    await held.release()
    async with rapfiles.lock_file(path, timeout=10):
        pass
    assert is_free(path)
    assert open_fds() <= before + 5


async def test_a_forgotten_lock(path: Path, no_fd_left: None) -> None:
    lock = await rapfiles.lock_file(path)
    with pytest.warns(ResourceWarning, match="never released"):
        del lock
    assert is_free(path)


async def test_waiters_hold_neither_threads_nor_files(path: Path) -> None:
    async with rapfiles.lock_file(path):
        threads, fds = native_threads(), open_fds()
        waits = [asyncio.ensure_future(rapfiles.lock_file(path)._acquire()) for _ in range(600)]
        while rapfiles.metrics()["queued"] > 600 or open_fds() > fds + 2:
            await asyncio.sleep(0.01)
        started = time.perf_counter()
        assert await rapfiles.read_file_bytes(path) == b""
        assert time.perf_counter() - started < 1
        # Those that opened the file go away by themselves.
        assert native_threads() <= threads + 70
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_leaves_the_lock_to_the_parent(python: Any) -> None:
    done = python(FORK)
    assert (done.stdout, done.stderr) == ("child sees released\nparent holds\nfree\n", "")


FORK = """
import asyncio, fcntl, os, sys
import rapfiles

def is_free():
    with open("lock") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

async def main():
    lock = await rapfiles.lock_file("lock")
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        state = "held" if lock.held else "released"
        print("child sees", state, flush=True)
        os.write(ready[1], b"x")
        os.read(go[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    print("parent holds" if not is_free() else "lost", flush=True)
    await lock.release()
    print("free" if is_free() else "held", flush=True)
    os.write(go[1], b"x")
    os.waitpid(child, 0)

asyncio.run(main())
"""
