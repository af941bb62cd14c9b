"""The loop-gap detector: how long did the running event loop leave a 1 ms ticker waiting?

Time in which the loop's thread could have run, but the machine gave the processor to others, is not
counted (Linux tells it; elsewhere the wall's time is all there is): neither a disk nor this package
makes a thread wait for a processor. Sleeping, waiting for a lock and being busy all count.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

INTERVAL = 0.001


class _RunDelay:
    """How long this thread has been ready to run without a processor, in seconds."""

    def __init__(self) -> None:
        try:
            self._fd = os.open("/proc/thread-self/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            self._fd = -1

    def __call__(self) -> float:
        if self._fd < 0:
            return 0.0
        return int(os.pread(self._fd, 100, 0).split()[1]) / 1e9

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)


class LoopGap:
    """Samples the running loop during `async with` and once after its body.

    The sample after the body matters: a block that ends together with the work leaves the ticker
    no turn to notice it.
    """

    def __init__(self, interval: float = INTERVAL) -> None:
        self.interval = interval
        self.gaps: list[float] = []
        self._delay = _RunDelay()
        self._last = self._delayed = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        # A full collection of everything the test process has imported takes longer than the
        # figures measured here, and isn't what is being measured.
        gc.collect()
        gc.freeze()
        self._task = asyncio.create_task(self._tick())
        while not self.gaps:
            await asyncio.sleep(self.interval)
        self.gaps.clear()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._sample()
        gc.unfreeze()
        self._delay.close()
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _tick(self) -> None:
        self._last, self._delayed = time.perf_counter(), self._delay()
        while True:
            await asyncio.sleep(self.interval)
            self._sample()

    def _sample(self) -> None:
        now, delayed = time.perf_counter(), self._delay()
        self.gaps.append(now - self._last - (delayed - self._delayed))
        self._last, self._delayed = now, delayed

    @property
    def longest(self) -> float:
        """The longest time between two samples, in seconds."""
        return max(self.gaps)

    @property
    def latest(self) -> float:
        """How late the latest tick came, in seconds."""
        return self.longest - self.interval


async def shortest_gap(
    work: Callable[[], Awaitable[object]], limit: float, rounds: int = 5
) -> float:
    """The longest gap of the best of `rounds` runs of `work`; stops at the first within `limit`.

    The best of a few, because a virtual machine's host can take the processor away for 10 ms and
    tell nobody (a loop that only counts sees it). What blocks the loop does so in every round.
    """
    best = float("inf")
    for _ in range(rounds):
        async with LoopGap() as gap:
            await work()
        best = min(best, gap.longest)
        if best <= limit:
            break
    return best
