"""Class decorators for handles of one's own: which names go to an executor, which to the file.

The package's own handles don't need them; code that is written around aiofiles may.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

C = TypeVar("C", bound=type)
Decorator = Callable[[C], C]


def delegate_to_executor(*attrs: str) -> Decorator[Any]:
    """Adds coroutine methods that run the file's methods of the same names in an executor."""
    return _adding(attrs, _delegated)


def proxy_method_directly(*attrs: str) -> Decorator[Any]:
    """Adds methods that call the file's methods of the same names."""
    return _adding(attrs, _called)


def proxy_property_directly(*attrs: str) -> Decorator[Any]:
    """Adds properties that are the file's attributes of the same names."""
    return _adding(attrs, lambda name: property(lambda self: getattr(self._file, name)))


def cond_delegate_to_executor(*attrs: str) -> Decorator[Any]:
    """Adds coroutine methods for spooled files: in an executor once the file is on disk."""
    return _adding(attrs, _delegated_from_disk)


def _adding(names: tuple[str, ...], make: Callable[[str], Any]) -> Decorator[Any]:
    def decorate(cls: C) -> C:
        for name in names:
            member = make(name)
            if callable(member):
                member.__name__, member.__qualname__ = name, f"{cls.__qualname__}.{name}"
            setattr(cls, name, member)
        return cls

    return decorate


def _delegated(name: str) -> Any:
    async def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        call = partial(getattr(self._file, name), *args, **kwargs)
        return await self._loop.run_in_executor(self._executor, call)

    return method


def _called(name: str) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(self._file, name)(*args, **kwargs)

    return method


def _delegated_from_disk(name: str) -> Any:
    async def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        call = partial(getattr(self._file, name), *args, **kwargs)
        if self._file._rolled:
            return await self._loop.run_in_executor(self._executor, call)
        return call()

    return method
