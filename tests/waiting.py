"""Waiting for what has no event to wait for: what threads do when nobody waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest


async def until(condition: Callable[[], object]) -> None:
    """Lets the loop run until a condition holds."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to pass")


async def forgotten(holder: list[Any], seen: pytest.WarningsRecorder) -> None:
    """Lets go of what a list holds, and waits until that has warned.

    A thread that made it may have a hand on it for a moment more.
    """
    holder.clear()
    await until(lambda: len(seen))
