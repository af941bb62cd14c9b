"""Joins the compiled part of the package to the Python one, and lets it settle at exit."""

from __future__ import annotations

import asyncio
import atexit

from . import _rapfiles
from ._misuse import misuse
from .base import delegate
from .threadpool.binary import AsyncBufferedIOBase, AsyncBufferedReader, AsyncFileIO
from .threadpool.text import AsyncTextIOWrapper


def _resolve(port: _rapfiles.LoopPort, futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        # One that was cancelled meanwhile has nobody who waits.
        if not future.done():
            future.set_result(None)
    if futures:
        # As many as were used will be needed again.
        create_future = futures[0].get_loop().create_future
        port.restock([create_future() for _ in futures])


def _deliver(port: _rapfiles.LoopPort) -> None:
    """Wakes the tasks whose operations have completed. The loop calls it."""
    _resolve(port, port.completed())


def _turn(port: _rapfiles.LoopPort) -> None:
    """Lets those go on who waited for the loop to have a turn. The loop calls it."""
    futures, more = port.rested()
    _resolve(port, futures)
    if more:
        asyncio.get_running_loop().call_soon(_turn, port)


_rapfiles.set_callbacks(_deliver, _turn)
_rapfiles.set_classes(
    AsyncTextIOWrapper, AsyncBufferedReader, AsyncBufferedIOBase, AsyncFileIO, delegate, misuse
)
# Writes that nobody waited for still reach the kernel, as they would from a closing file object.
atexit.register(_rapfiles.settle)
