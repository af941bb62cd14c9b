"""Long work: how it is driven, how it tells how far it is, and how it ends early."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from inspect import isawaitable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from .types import Progress

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)


class Long(Protocol[_T_co]):
    """What `_rapfiles.Long` is."""

    def advance(self) -> Awaitable[bool]: ...
    def give_up(self) -> Awaitable[None]: ...
    def progress(self) -> tuple[int, int, int]: ...
    def result(self) -> _T_co: ...


async def carry(
    work: Long[_T], progress: Progress | None = None, timeout: float | None = None
) -> _T:
    """Does all of it. If it ends early nothing goes on, and nothing is half."""
    end = None if timeout is None else asyncio.get_running_loop().time() + timeout
    try:
        while not await whole(work.advance()):
            if progress is not None:
                await outcome(progress(*work.progress()))
            if end is not None and asyncio.get_running_loop().time() >= end:
                raise TimeoutError
        if progress is not None:
            await outcome(progress(*work.progress()))
    except BaseException:
        await whole(work.give_up())
        raise
    return work.result()


async def outcome(value: Awaitable[_T] | _T) -> _T:
    """What a callback returned, awaited if that has to be."""
    return await value if isawaitable(value) else value


async def whole(operation: Awaitable[_T]) -> _T:
    """Waits for a moment's work even if cancelled: nothing goes on behind anybody's back."""
    task = asyncio.ensure_future(operation)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()
        raise


def checked(name: str, value: str, *allowed: str) -> str:
    """A word that has to be one of some."""
    if value not in allowed:
        raise ValueError(f"{name} must be {' or '.join(map(repr, allowed))}: {value!r}")
    return value
