"""The sides of the comparison: the standard library, and a module with aiofiles' surface."""

from __future__ import annotations

import builtins
import inspect
from collections.abc import Coroutine
from types import ModuleType
from typing import Any, TypeVar

T = TypeVar("T")

# aiofiles passes these straight on; everything else is awaited.
DIRECT = {
    "text": {"fileno", "detach"},
    "raw": {"fileno", "readable"},
    "reader": {"fileno", "readable", "detach"},
    "writer": {"fileno", "readable", "detach"},
    "random": {"fileno", "readable", "detach"},
}


class NotAsAiofiles(AssertionError):
    """A member is awaitable where aiofiles' isn't, or the other way round."""


class Blocking:
    """The standard library's file objects. Its coroutines never wait."""

    name = "the standard library"

    async def open(self, *args: Any, **options: Any) -> Any:
        return builtins.open(*args, **options)

    async def call(self, handle: Any, kind: str, method: str, *args: Any) -> Any:
        return getattr(handle, method)(*args)

    async def lines(self, handle: Any, most: int) -> list[Any]:
        # aiofiles iterates by readline: unlike the blocking iterator it leaves tell() usable.
        found: list[Any] = []
        while len(found) < most and (line := handle.readline()):
            found.append(line)
        return found


class Async:
    """A module that has aiofiles' surface."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.name = module.__name__

    async def open(self, *args: Any, **options: Any) -> Any:
        return await self.module.open(*args, **options)

    async def call(self, handle: Any, kind: str, method: str, *args: Any) -> Any:
        result = getattr(handle, method)(*args)
        if inspect.isawaitable(result) != (method not in DIRECT[kind]):
            raise NotAsAiofiles(f"{method} of a {kind} handle returned {type(result)}")
        return result if method in DIRECT[kind] else await result

    async def lines(self, handle: Any, most: int) -> list[Any]:
        found: list[Any] = []
        if most == 0:
            return found
        async for line in handle:
            found.append(line)
            if len(found) == most:
                break
        return found


Side = Blocking | Async


def run_blocking(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits, without a loop."""
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise RuntimeError("the blocking side waited for something")
