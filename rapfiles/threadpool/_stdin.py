"""Reading standard input, which may wait for ever, without keeping the process from ending.

A thread of an executor is joined when the interpreter exits. So reads of standard input have a
daemon thread of their own. And because a program often stops waiting for input (a timeout, another
event), what an abandoned read brings is kept for the next one.
"""

from __future__ import annotations

import asyncio
import atexit
import gc
import io
import os
import threading
from asyncio import AbstractEventLoop
from collections import deque
from typing import Any

from .._rapfiles import never_free
from ._kept import Kept

# How long the thread waits for the next read before it ends.
_LINGER = 5.0


class _Read:
    """One call, and who waits for it."""

    def __init__(self, file: Any, name: str, args: tuple[Any, ...], kept: Kept) -> None:
        self.file, self.name, self.args, self.kept = file, name, args, kept
        self.loop: AbstractEventLoop = asyncio.get_running_loop()
        self.woken: asyncio.Future[None] = self.loop.create_future()
        self.wanted = True
        self.over = False
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self.kept.answer(self.file, self.name, self.args)
        except BaseException as error:
            self.error = error

    def wake(self) -> None:
        if not self.woken.done():
            self.woken.set_result(None)

    def put_back(self) -> None:
        if self.error is None:
            self.kept.put_back(self.file, self.name, self.args, self.result)


class _Thread:
    """Does one read after the other; ends when there has been none for a while."""

    def __init__(self) -> None:
        self._more = threading.Condition()
        self._reads: deque[_Read] = deque()
        # Over, and then nobody took the result.
        self._returned: deque[_Read] = deque()
        self._running = False
        self._reading: _Read | None = None

    async def read(self, read: _Read) -> Any:
        with self._more:
            self._reads.append(read)
            self._more.notify()
            if not self._running:
                self._running = True
                threading.Thread(target=self._work, name="rapfiles-stdin", daemon=True).start()
        try:
            await read.woken
        except asyncio.CancelledError:
            with self._more:
                read.wanted = False
                if read.over:
                    self._returned.append(read)
            raise
        if read.error is not None:
            raise read.error
        return read.result

    def _next(self) -> _Read | None:
        with self._more:
            while True:
                while self._returned:
                    self._returned.popleft().put_back()
                while self._reads:
                    self._reading = self._reads.popleft()
                    if self._reading.wanted:
                        return self._reading
                self._reading = None
                if not self._more.wait(_LINGER) and not self._reads:
                    self._running = False
                    return None

    def _work(self) -> None:
        while (read := self._next()) is not None:
            read.run()
            with self._more:
                read.over = True
                if read.wanted:
                    try:
                        read.loop.call_soon_threadsafe(read.wake)
                    except RuntimeError:
                        # The loop was closed under whoever waited.
                        read.put_back()
                else:
                    read.put_back()

    def leave_behind(self) -> None:
        """At exit, a file that is being read is locked by the thread: closing it would be fatal.

        So would be to free it, or a file on top of it, which closes it.
        """
        if self._reading is not None:
            file = self._reading.file
            layers = [file, getattr(file, "buffer", file)]
            above = [other for layer in layers for other in gc.get_referrers(layer)]
            for layer in layers + [other for other in above if isinstance(other, io.IOBase)]:
                never_free(layer)


_thread = _Thread()


def _start_anew() -> None:
    """In a forked child the thread isn't there."""
    global _thread
    _thread = _Thread()


atexit.register(lambda: _thread.leave_behind())
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)


async def call(file: Any, name: str, args: tuple[Any, ...], kept: Kept) -> Any:
    """Runs a method of the file behind standard input, when its turn has come."""
    return await _thread.read(_Read(file, name, args, kept))
