"""Compares what a call raises with what the blocking call raises: what a caller can look at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any


def facts(error: BaseException) -> tuple[Any, ...]:
    """What a caller can look at."""
    if isinstance(error, OSError):
        return type(error), error.errno, error.strerror, error.filename, str(error)
    return type(error), str(error)


def of_blocking(call: Callable[[], Any]) -> tuple[Any, ...]:
    try:
        call()
    except Exception as error:
        return facts(error)
    raise AssertionError("the blocking call is content with it")


async def error_of(operation: Awaitable[Any]) -> tuple[Any, ...]:
    try:
        result = await operation
    except Exception as error:
        return facts(error)
    raise AssertionError(f"no error but {result!r}")
