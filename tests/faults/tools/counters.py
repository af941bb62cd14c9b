"""What a process holds: file descriptors, threads, memory (Linux, from /proc)."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self


def open_fds(pid: int | str = "self") -> dict[int, str]:
    """The open descriptors of a process and what each one points at."""
    found: dict[int, str] = {}
    base = f"/proc/{pid}/fd"
    for name in os.listdir(base):
        try:
            found[int(name)] = os.readlink(f"{base}/{name}")
        except FileNotFoundError:
            continue  # the descriptor of this very listing, or one closed meanwhile
    return found


def fd_count() -> int:
    """How many descriptors this process has open."""
    return len(open_fds())


def thread_count(pid: int | str = "self") -> int:
    """How many threads a process has, those of native code included."""
    return len(os.listdir(f"/proc/{pid}/task"))


def memory_kib(field: str = "VmRSS") -> int:
    """A memory figure of this process from /proc/self/status, in KiB (VmRSS, VmHWM, VmSize)."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1])
    raise LookupError(field)


async def settled(value: Callable[[], int], at_most: int, timeout: float = 10.0) -> int:
    """Wait until `value()` has come down to `at_most` or `timeout` is over; return the last value.

    Work whose task was cancelled ends in the background, and tells nobody when.
    """
    deadline = time.monotonic() + timeout
    while (now := value()) > at_most and time.monotonic() < deadline:
        await asyncio.sleep(0.005)
    return now


class Peak:
    """The largest value of a counter, sampled by a task while `async with` runs."""

    def __init__(self, value: Callable[[], int], interval: float = 0.002) -> None:
        self.value = value
        self.interval = interval
        self.peak = 0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])
        self.peak = max(self.peak, self.value())

    async def _watch(self) -> None:
        while True:
            self.peak = max(self.peak, self.value())
            await asyncio.sleep(self.interval)
