"""Getting something made in an executor, with nothing left over if nobody waits for it any more."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from asyncio import AbstractEventLoop
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Generic, TypeVar

T = TypeVar("T")


class _Order(Generic[T]):
    """Something that one thread makes for another, which may turn away meanwhile."""

    def __init__(self, make: Callable[[], T], dispose: Callable[[T], object]) -> None:
        self._make = make
        self._dispose = dispose
        self._lock = threading.Lock()
        self._made: list[T] = []
        self._wanted = True

    def fill(self) -> T:
        made = self._make()
        with self._lock:
            wanted = self._wanted
            self._made.append(made)
        if not wanted:
            self.discard(made)
        return made

    def turn_away(self) -> list[T]:
        """Says that nobody waits. Returns what is made already and is still to be discarded."""
        with self._lock:
            self._wanted = False
            return list(self._made)

    def discard(self, made: T) -> None:
        """Nobody is left to hear of an error."""
        with contextlib.suppress(Exception):
            self._dispose(made)


async def obtain(
    make: Callable[[], T],
    dispose: Callable[[T], object],
    loop: AbstractEventLoop,
    executor: Executor | None,
) -> T:
    """What ``make()`` returns, or what ``dispose`` gets if this is cancelled; in an executor."""
    order = _Order(make, dispose)
    try:
        return await loop.run_in_executor(executor, order.fill)
    except asyncio.CancelledError:
        for made in order.turn_away():
            loop.run_in_executor(executor, partial(order.discard, made))
        raise
