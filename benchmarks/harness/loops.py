"""The event loop a run is made on: asyncio's or uvloop's, one for the whole run."""

import asyncio
from collections.abc import Coroutine
from importlib import import_module
from typing import Any, TypeVar

T = TypeVar("T")

NAMES = ("asyncio", "uvloop")


def run(main: Coroutine[Any, Any, T], loop_name: str) -> T:
    """Run `main` to its end. One loop and one main task for all samples: what peers keep per
    loop or per main task (threads, in the main) is made once, in the uncounted round."""
    loop = import_module("uvloop").new_event_loop() if loop_name == "uvloop" else None
    loop = loop or asyncio.new_event_loop()
    try:
        asyncio.set_event_loop(loop)
        result: T = loop.run_until_complete(main)
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        return result
    finally:
        asyncio.set_event_loop(None)
        loop.close()
