"""Native handles for descriptors that others opened. All of this blocks: it runs in an executor."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

from ._rapfiles import open_native, run_blocking

_ACCESS = {"r": 0, "w": os.O_CREAT | os.O_TRUNC, "x": os.O_CREAT | os.O_EXCL}
_ACCESS["a"] = os.O_CREAT | os.O_APPEND
_CLOSED_ON_EXEC = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0)
_UNTRANSLATED = getattr(os, "O_BINARY", 0)


class Arguments(NamedTuple):
    """Those of `open` that say how a file is used, not which."""

    mode: str
    buffering: int
    encoding: str | None
    errors: str | None
    newline: str | None

    def are_native(self) -> bool:
        """Whether a native handle can be all this."""
        operation = open_native(0, *self, True)
        if operation is None:
            return False
        operation.close()
        return True

    def flags(self) -> int:
        """What the standard library passes to an opener."""
        access = os.O_RDONLY if "r" in self.mode else os.O_WRONLY
        if "+" in self.mode:
            access = os.O_RDWR
        (made,) = (flags for letter, flags in _ACCESS.items() if letter in self.mode)
        return access | made | _CLOSED_ON_EXEC | _UNTRANSLATED


def adopt(fd: int, name: Any, arguments: Arguments) -> Any:
    """A handle that owns a descriptor. If there can't be one, the descriptor is closed."""
    try:
        operation = open_native(fd, *arguments, True, name)
        if operation is None:
            raise ValueError(f"not for a native handle: {arguments}")
        return run_blocking(operation)
    except BaseException:
        os.close(fd)
        raise


def adopt_from(opener: Callable[[Any, int], int], file: Any, arguments: Arguments) -> Any:
    """A handle for what an opener opens."""
    path = os.fspath(file)
    fd = opener(path, arguments.flags())
    if not isinstance(fd, int):
        raise TypeError("expected integer from opener")
    if fd < 0:
        raise ValueError(f"opener returned {fd}")
    os.set_inheritable(fd, False)
    return adopt(fd, path, arguments)


def close(handle: Any) -> None:
    """Closes a handle that nobody waits for any more."""
    run_blocking(handle.close())
