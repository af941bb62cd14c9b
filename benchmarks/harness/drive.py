"""Clocks and tickers around a workload, and the two ways most rows drive one operation."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from time import perf_counter
from typing import Any

from benchmarks.harness.peers import Operations

Call = Callable[[Any], Any]
Jobs = list[tuple[Any, Any]]
"""What to do: the argument of each call, and the result that is right."""


class Clock:
    """Seconds between entry and exit of `timed()`."""

    seconds = 0.0


@contextmanager
def timed() -> Iterator[Clock]:
    """Time the block; garbage of earlier samples is collected before, not during."""
    clock = Clock()
    gc.collect()
    start = perf_counter()
    yield clock
    clock.seconds = perf_counter() - start


class Ticks:
    """The longest time between two ticks of a 1 ms ticker, in seconds."""

    longest = 0.0


@asynccontextmanager
async def watched() -> AsyncIterator[Ticks]:
    """Run a 1 ms ticker beside the block. The time since the last tick counts at the end as well:
    a block that never lets the ticker run shows as one gap of its whole length."""
    ticks, last = Ticks(), perf_counter()

    def note() -> None:
        nonlocal last
        now = perf_counter()
        ticks.longest = max(ticks.longest, now - last)
        last = now

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.001)
            note()

    gc.collect()
    ticker = asyncio.ensure_future(tick())
    await asyncio.sleep(0.005)
    ticks.longest, last = 0.0, perf_counter()
    try:
        yield ticks
        note()
    finally:
        ticker.cancel()
        await asyncio.wait([ticker])


async def sequential(blocking: bool, call: Call, jobs: Jobs, passes: int = 1) -> tuple[float, int]:
    """One call after the other: seconds per call, and how many results were right."""
    right = 0
    with timed() as clock:
        for _ in range(passes):
            right += _in_turn(call, jobs) if blocking else await _awaited(call, jobs)
    return clock.seconds / (len(jobs) * passes), right


async def spread(
    blocking: bool, call: Call, jobs: Jobs, tasks: int, passes: int = 1
) -> tuple[float, int]:
    """The calls shared out to that many tasks. Blocking code, which has no tasks, goes in turn."""
    if blocking:
        return await sequential(blocking, call, jobs, passes)
    shares = [jobs[number::tasks] * passes for number in range(tasks)]
    with timed() as clock:
        right = sum(await asyncio.gather(*[_awaited(call, share) for share in shares]))
    return clock.seconds / (len(jobs) * passes), right


def _in_turn(call: Call, jobs: Jobs) -> int:
    right = 0
    for argument, wanted in jobs:
        if call(argument) == wanted:
            right += 1
    return right


async def _awaited(call: Call, jobs: Jobs) -> int:
    right = 0
    for argument, wanted in jobs:
        if await call(argument) == wanted:
            right += 1
    return right


async def begun(jobs: Iterable[Coroutine[Any, Any, Any]], per_turn: int) -> list[Any]:
    """The results of coroutines, each a task of its own, so many of which begin in one turn of the
    loop. (A thousand that begin in one turn hold the loop up themselves, whatever they do.)"""
    tasks: list[asyncio.Task[Any]] = []
    for job in jobs:
        tasks.append(asyncio.ensure_future(job))
        if len(tasks) % per_turn == 0:
            await asyncio.sleep(0)
    return await asyncio.gather(*tasks)


async def completed(ops: Operations, name: str, *arguments: Any) -> Any:
    """The result of one call, awaited unless the peer is blocking code."""
    result = ops.get(name)(*arguments)
    return result if ops.blocking else await result
