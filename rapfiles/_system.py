"""Functions of os and os.path: native in their usual forms, the library's own otherwise."""

from __future__ import annotations

import os
from asyncio import AbstractEventLoop
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from functools import wraps
from types import ModuleType
from typing import Any, TypeAlias

from ._rapfiles import ScandirIterator, os_function
from .base import wrap

Loop: TypeAlias = AbstractEventLoop | None
Pool: TypeAlias = Executor | None
StrPath: TypeAlias = str | os.PathLike[str]
BytesPath: TypeAlias = bytes | os.PathLike[bytes]


def system(
    library: ModuleType, otherwise: dict[str, Callable[..., Any]] | None = None
) -> Callable[[str], Callable[..., Any]]:
    """Finds the coroutine version of a function of `os` or `os.path` by its name.

    With arguments out of the ordinary, or an executor or loop of the caller's, the function itself
    runs in an executor, or what is to be run ``otherwise``.
    """

    def find(name: str) -> Callable[..., Any]:
        in_executor = wrap((otherwise or {}).get(name) or getattr(library, name))
        try:
            return os_function(name, in_executor)
        except LookupError:
            return in_executor

    return find


@wraps(os.scandir)
def read_entries(*args: Any, **kwargs: Any) -> ScandirIterator[Any]:
    """`os.scandir`, with everything read that the entries will be asked for."""
    with os.scandir(*args, **kwargs) as entries:
        found = list(entries)
    for entry in found:
        if entry.is_symlink():
            # The entry remembers what it leads to.
            with suppress(OSError):
                entry.is_dir()
    return ScandirIterator(found)
