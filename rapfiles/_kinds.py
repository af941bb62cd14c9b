"""Which kinds of files get a native handle: all, until somebody registers a class of their own."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

_KINDS: tuple[type, ...] = (
    io.TextIOWrapper,
    io.BufferedReader,
    io.BufferedWriter,
    io.BufferedRandom,
    io.FileIO,
)


class NativeKinds:
    """Watches a single-dispatch ``wrap`` function for registrations.

    What the function is given must be wrapped as it was told, and that is only possible with the
    standard library's files. So a kind whose registration has changed is no longer made natively.
    """

    def __init__(self, wrap: Any) -> None:
        self._wrap = wrap
        self._own = {kind: wrap.dispatch(kind) for kind in _KINDS}
        self._register = wrap.register
        self.all = True
        wrap.register = self._registering

    def _registering(self, cls: Any, func: Callable[..., Any] | None = None) -> Any:
        """As ``wrap.register``: of a class and a function, or as a decorator of either form."""
        registered = self._register(cls, func)
        if func is None and registered is not cls:
            return lambda func: self._registering(cls, func)
        self.all = all(self._is_own(kind) for kind in _KINDS)
        return registered

    def _is_own(self, kind: type) -> bool:
        return bool(self._wrap.dispatch(kind) is self._own[kind])

    def have(self, mode: Any, buffering: Any) -> bool:
        """Whether what `open` makes for these arguments is still one of ours."""
        return self.all or self._is_own(_kind(str(mode), buffering))


def _kind(mode: str, buffering: Any) -> type:
    if "b" not in mode:
        return io.TextIOWrapper
    if buffering == 0:
        return io.FileIO
    if "+" in mode:
        return io.BufferedRandom
    return io.BufferedReader if "r" in mode else io.BufferedWriter
