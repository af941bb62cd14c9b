"""Streams: one by one, all at once, in batches; given up, closed, in two loops, in none."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

import rapfiles
from conftest import LoopFactory, native_threads, open_fds, settles

COUNT = 20_000


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More files than a stream keeps in store."""
    top = tmp_path_factory.mktemp("tree")
    for directory in range(40):
        inner = top / f"d{directory}"
        inner.mkdir()
        for number in range(COUNT // 40 - 1):
            (inner / f"f{number}").touch()
    return top


def begun(top: Path) -> rapfiles.Stream[Any]:
    return rapfiles.walk(top)


async def test_one_by_one_and_all_at_once_are_the_same(tree: Path) -> None:
    one_by_one = [os.fspath(entry) async for entry in begun(tree)]
    at_once = [os.fspath(entry) for entry in await begun(tree)]
    assert len(one_by_one) == COUNT
    assert sorted(one_by_one) == sorted(at_once)


async def test_batches_hold_as_many_as_were_asked_for(tree: Path) -> None:
    sizes = [len(batch) async for batch in begun(tree).batches(3000)]
    assert sizes == [3000] * 6 + [2000]
    assert len(await begun(tree).batches(COUNT * 2)) == 1
    for size in (0, -1):
        with pytest.raises(ValueError, match="at least one"):
            begun(tree).batches(size)


async def test_a_mixture_of_ways_loses_nothing(tree: Path) -> None:
    stream = begun(tree)
    seen = [await anext(stream) for _ in range(10)]
    async for batch in stream.batches(100):
        seen += batch
        break
    seen += await stream
    assert len({os.fspath(entry) for entry in seen}) == len(seen) == COUNT


async def test_nothing_runs_before_the_first_item_is_asked_for(tmp_path: Path) -> None:
    top = tmp_path / "later"
    stream = begun(top)
    assert "not begun" in repr(stream)
    top.mkdir()
    (top / "file").touch()
    assert len(await stream) == 1


async def test_after_the_end_there_is_nothing(tree: Path) -> None:
    stream = begun(tree)
    assert len(await stream) == COUNT
    assert "ended" in repr(stream)
    assert await stream == []
    assert [entry async for entry in stream] == []


async def test_an_error_ends_it(tmp_path: Path) -> None:
    stream = begun(tmp_path / "missing")
    with pytest.raises(FileNotFoundError) as caught:
        await stream
    assert caught.value.filename == str(tmp_path / "missing")
    assert await stream == []


async def test_leaving_early_stops_the_producers(tree: Path) -> None:
    await begun(tree)
    threads, fds = native_threads(), open_fds()
    for _ in range(20):
        async for _entry in begun(tree):
            break
        async with begun(tree) as stream:
            await anext(stream)
        assert await stream == []
        stream = begun(tree)
        await anext(stream)
        stream.close()
        stream = begun(tree)
        await anext(stream)
        await stream.aclose()
    del stream
    assert settles(open_fds, fds) <= fds
    # Threads that have had nothing to do wait for a while.
    assert native_threads() <= threads + 16


async def test_dropping_it_frees_it(tree: Path) -> None:
    stream = begun(tree)
    await anext(stream)
    gone = weakref.ref(stream)
    del stream
    gc.collect()
    assert gone() is None


async def test_given_up_again_and_again_nothing_is_lost(tree: Path) -> None:
    stream, seen = begun(tree), 0

    async def some() -> None:
        nonlocal seen
        async for _ in stream:
            seen += 1

    for turns in range(30):
        task = asyncio.ensure_future(some())
        for _ in range(turns % 4):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    assert seen + len(await stream) == COUNT


async def test_one_stream_has_one_reader(tree: Path) -> None:
    stream = begun(tree)

    async def read() -> list[Any]:
        return await stream

    read_by = await asyncio.gather(read(), read(), return_exceptions=True)
    assert [len(found) for found in read_by if isinstance(found, list)] == [COUNT]
    refused = [str(found) for found in read_by if isinstance(found, RuntimeError)]
    assert len(refused) == 1
    assert "one stream, one reader" in refused[0]


async def test_others_have_their_turns(tree: Path) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.ensure_future(others())
    await asyncio.sleep(0)
    async for _ in begun(tree):
        pass
    one_by_one = turns
    assert len(await begun(tree)) == COUNT
    task.cancel()
    # 20,000 items are some milliseconds; nobody waits for all of them.
    assert one_by_one > 5
    assert turns - one_by_one > 5


def test_without_a_loop_a_plain_for_does(tree: Path) -> None:
    assert sum(1 for _ in begun(tree)) == COUNT
    with begun(tree) as stream:
        next(stream)
    assert list(stream) == []
    assert [len(batch) for batch in begun(tree).batches(COUNT)] == [COUNT]
    with pytest.raises(FileNotFoundError):
        list(begun(tree / "missing"))


async def test_within_a_loop_a_plain_for_is_refused(tree: Path) -> None:
    stream = begun(tree)
    with pytest.raises(RuntimeError, match="async for"):
        iter(stream)
    with pytest.raises(RuntimeError, match="async for"):
        next(stream)
    assert len(await stream) == COUNT


def test_a_stream_goes_on_in_another_loop(tree: Path, loop_factory: LoopFactory) -> None:
    stream = begun(tree)
    seen: list[Any] = []

    async def some(count: int) -> None:
        async for entry in stream:
            seen.append(entry)
            if len(seen) == count:
                break

    for count in (10, 100, COUNT):
        loop = loop_factory()
        loop.run_until_complete(some(count))
        loop.close()
    assert len(seen) == COUNT


def test_a_loop_may_be_closed_under_it(tree: Path, loop_factory: LoopFactory) -> None:
    loop = loop_factory()
    stream = begun(tree)

    async def some() -> list[Any]:
        return await anext(stream.batches(100))

    task = loop.create_task(some())
    loop.run_until_complete(asyncio.sleep(0))
    task.cancel()
    loop.run_until_complete(asyncio.wait([task]))
    loop.close()
    assert len(list(stream)) <= COUNT


async def test_it_is_generic_and_says_what_it_is() -> None:
    assert str(rapfiles.Stream[str]) == "rapfiles._rapfiles.Stream[str]"
    assert repr(begun(Path("x"))).startswith("<rapfiles stream walk (not begun)")
    with pytest.raises(TypeError):
        rapfiles.Stream()


FORKED = """
import os, rapfiles, sys
stream = rapfiles.walk(sys.argv[1])
next(stream)
child = os.fork()
if not child:
    try:
        next(stream)
        list(stream)
    except RuntimeError as error:
        assert "forked" in str(error)
        assert sum(1 for _ in rapfiles.walk(sys.argv[1])) == 20_000
        os._exit(7)
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert 1 + len(list(stream)) == 20_000
print("ok")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_is_told(tree: Path, python: Callable[..., CompletedProcess[str]]) -> None:
    done = python(FORKED, str(tree))
    assert (done.stdout, done.stderr) == ("ok\n", "")


INTERRUPTED = """
import os, rapfiles, signal, sys, threading
os.mkfifo("never")
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    for _ in rapfiles.walk("/"):
        pass
except KeyboardInterrupt:
    print("interrupted")
"""


def test_a_plain_for_is_interrupted(python: Callable[..., CompletedProcess[str]]) -> None:
    done = python(INTERRUPTED)
    assert (done.stdout, done.stderr) == ("interrupted\n", "")


EXITS = """
import asyncio, rapfiles, sys

async def main():
    global kept
    kept = [rapfiles.walk("/") for _ in range(10)]
    for stream in kept:
        await anext(stream)
    task = asyncio.ensure_future(anext(kept[0]))

asyncio.run(main())
"""


def test_an_exit_does_not_wait_for_producers(
    python: Callable[..., CompletedProcess[str]],
) -> None:
    for _ in range(3):
        done = python(EXITS)
        assert (done.returncode, done.stderr) == (0, "")


SLOW = """
import asyncio, os, rapfiles, sys

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

async def main():
    stream, seen = rapfiles.walk(sys.argv[1]), 0
    await anext(stream)
    await asyncio.sleep(0.1)
    before = resident()
    async for _ in stream:
        seen += 1
        if seen % 1000 == 0:
            await asyncio.sleep(0.001)
    assert resident() - before < 8 << 20, resident() - before
    print(seen)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_slow_reader_keeps_memory_flat(
    tree: Path, python: Callable[..., CompletedProcess[str]]
) -> None:
    done = python(SLOW, str(tree))
    assert (done.stdout, done.stderr) == (f"{COUNT - 1}\n", "")
