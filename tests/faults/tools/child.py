"""What a child script needs: the loop it was told to use, and a way to say what it measured."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def runner(kind: str) -> Callable[[Coroutine[Any, Any, T]], T]:
    """`asyncio.run`, or uvloop's; uvloop is imported only where it is used."""
    if kind == "uvloop":
        import uvloop

        return uvloop.run
    assert kind == "asyncio", kind
    return asyncio.run


def new_loop(kind: str) -> asyncio.AbstractEventLoop:
    """A loop of this kind, for a child that drives it by hand."""
    if kind == "uvloop":
        import uvloop

        return uvloop.new_event_loop()
    assert kind == "asyncio", kind
    return asyncio.new_event_loop()


def report(**figures: float) -> None:
    """The child's last line: what it measured."""
    print(json.dumps(figures), flush=True)
