"""The engine as its users see it: what an awaitable is, when it needs the loop, what is counted."""

from __future__ import annotations

import asyncio
import gc
import inspect
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import rapfiles

NOW = rapfiles.metrics()["now"]
needs_now = pytest.mark.skipif(not NOW, reason="*now* is switched off in this run")


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "file"
    file.write_bytes(b"one\ntwo\nthree\n")
    return str(file)


def counted(kind: str, way: str) -> int:
    counters: Any = rapfiles.metrics()["kinds"][kind]
    return int(counters[way])


def at_once(operation: Any) -> Any:
    """What an awaitable comes to without a loop; None if it takes one."""
    try:
        operation.send(None)
    except StopIteration as stop:
        return stop.value
    operation.close()
    return None


@needs_now
async def test_a_cached_file_is_read_without_the_loop(path: str) -> None:
    # The first time a worker learns what filesystem it is, and when somebody has mounted another.
    for _ in range(100):
        await rapfiles.read_file_bytes(path)
        found = at_once(rapfiles.read_file_bytes(path))
        if found is not None:
            break
    assert found == b"one\ntwo\nthree\n"


async def test_a_worker_answers_where_now_is_off(path: str) -> None:
    rapfiles.configure(now=False)
    try:
        before = counted("read_file", "soon")
        assert await rapfiles.read_file_bytes(path) == b"one\ntwo\nthree\n"
        assert counted("read_file", "soon") == before + 1
    finally:
        rapfiles.configure(now=NOW)


async def test_nothing_happens_before_it_is_awaited(path: str) -> None:
    async with rapfiles.open(path, "rb") as file:
        later = file.read(3)
        assert await file.read(4) == b"one\n"
        assert await later == b"two"


async def test_what_is_never_awaited_says_so(path: str) -> None:
    async with rapfiles.open(path, "rb") as file:
        for forget in (file.read, lambda: rapfiles.open(path), lambda: rapfiles.read_file(path)):
            with pytest.warns(RuntimeWarning, match="was never awaited"):
                forget()


async def test_it_is_awaited_once(path: str) -> None:
    reading = rapfiles.read_file(path)
    await reading
    with pytest.raises(RuntimeError, match="already awaited"):
        await reading


async def test_tasks_and_combinators_take_it(path: str) -> None:
    async with rapfiles.open(path, "rb") as file:
        assert await asyncio.create_task(file.read(1)) == b"o"
        assert await asyncio.wait_for(file.read(1), 10) == b"n"
        assert await asyncio.shield(file.read(1)) == b"e"
        assert list(await asyncio.gather(file.read(1), file.read(3))) == [b"\n", b"two"]
        assert await asyncio.create_task(file.__anext__()) == b"\n"


def test_asyncio_run_takes_it(path: str) -> None:
    assert asyncio.run(rapfiles.read_file_bytes(path)) == b"one\ntwo\nthree\n"


async def test_its_functions_are_coroutine_functions(path: str) -> None:
    async with rapfiles.open(path) as file:
        for function in (file.read, file.write, file.close, type(file).read, rapfiles.read_file):
            assert inspect.iscoroutinefunction(function)
        assert list(inspect.signature(file.read).parameters) == ["size"]
        assert "characters" in (inspect.getdoc(file.read) or "")


async def test_a_line_that_nobody_took_is_still_there(path: str) -> None:
    async with rapfiles.open(path) as file:
        assert await anext(file) == "one\n"
        step = file.__anext__()
        with pytest.raises(ValueError):
            step.throw(ValueError("changed my mind"))
        del step
        assert [line async for line in file] == ["two\n", "three\n"]


def test_outside_a_loop_it_says_what_to_do(path: str) -> None:
    rapfiles.configure(now=False)
    try:
        reading = rapfiles.read_file(path)
        with pytest.raises(RuntimeError, match=r"asyncio\.run"):
            reading.send(None)
    finally:
        rapfiles.configure(now=NOW)


def test_a_handle_serves_one_loop_after_the_other(
    path: str, loop_factory: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    def run(coroutine: Any) -> Any:
        loop = loop_factory()
        try:
            return loop.run_until_complete(coroutine)
        finally:
            loop.close()

    async def opened() -> Any:
        return await rapfiles.open(path, "rb")

    file = run(opened())
    assert run(file.readline()) == b"one\n"
    assert run(file.read()) == b"two\nthree\n"
    run(file.close())


def test_a_loop_closed_under_its_operations_leaves_the_next_one_alone(
    path: str, loop_factory: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    rapfiles.configure(now=False)
    try:
        for _ in range(20):
            loop = loop_factory()
            reading = [rapfiles.read_file_bytes(path) for _ in range(50)]
            for one in reading:
                loop.call_soon(one.send, None)
            loop.call_soon(loop.stop)
            loop.run_forever()
            loop.close()
        assert asyncio.run(rapfiles.read_file_bytes(path)) == b"one\ntwo\nthree\n"
    finally:
        rapfiles.configure(now=NOW)


class Unwatching(asyncio.SelectorEventLoop):
    """A loop that watches no descriptors of others, as Windows' default one."""

    def add_reader(self, *arguments: Any) -> Any:  # type: ignore[override]
        raise NotImplementedError


def test_a_loop_without_add_reader_is_called(path: str) -> None:
    rapfiles.configure(now=False)
    loop = Unwatching()
    try:

        async def many() -> list[bytes]:
            return await asyncio.gather(*[rapfiles.read_file_bytes(path) for _ in range(50)])

        for _ in range(3):
            assert loop.run_until_complete(many()) == [b"one\ntwo\nthree\n"] * 50
    finally:
        loop.close()
        rapfiles.configure(now=NOW)


def test_limits_come_from_the_environment_and_calls_beat_it(python: Any) -> None:
    text = (
        "import json, rapfiles\n"
        "first = rapfiles.metrics()\n"
        "rapfiles.configure(threads=5, now=True)\n"
        "print(json.dumps([first, rapfiles.metrics()]))"
    )
    env = {"RAPFILES_THREADS": "3", "RAPFILES_FD_LIMIT": "77", "RAPFILES_NOW": "0"}
    done = python(text, env=env)
    assert done.stderr == ""
    first, second = json.loads(done.stdout)
    assert (first["threads"], first["fd_limit"], first["now"]) == (3, 77, False)
    assert (second["threads"], second["fd_limit"], second["now"]) == (5, 77, True)


async def test_metrics_count_what_was_done(path: str) -> None:
    before = rapfiles.metrics()["kinds"]["read_file"]
    for _ in range(10):
        await rapfiles.read_file_bytes(path)
    with pytest.raises(FileNotFoundError):
        await rapfiles.read_file_bytes(path + "missing")
    after = rapfiles.metrics()["kinds"]["read_file"]
    done = after["now"] + after["soon"] - before["now"] - before["soon"]
    assert done == 10
    assert after["bytes"] - before["bytes"] == 10 * 14
    assert after["errors"] - before["errors"] == 1
    assert sum(after["latency_buckets"]) == after["soon"]


async def test_a_closed_coroutine_is_silent(path: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rapfiles.read_file(path).close()
        gc.collect()
