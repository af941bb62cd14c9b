"""Removing a named temporary file when its time has come."""

from __future__ import annotations

import contextlib
import os
import tempfile
import weakref
from typing import Any

from ..os import unlink


class Closer:
    """Belongs to a handle, and knows when the handle's file is to be removed.

    With ``delete_on_close`` it is removed by whoever closes it. Otherwise it stays until the end of
    the ``async with`` block, or until nobody has the handle any more.
    """

    def __init__(self, name: Any, delete: bool, delete_on_close: bool) -> None:
        self.name = name
        self.delete = delete
        self.delete_on_close = delete_on_close
        self._last_chance: Any = None
        if delete and not delete_on_close:
            self._last_chance = weakref.finalize(self, _unlink, name, os.getpid())

    async def leave(self) -> None:
        """The ``async with`` block is over and the file is closed."""
        if self._last_chance is not None and self._last_chance.detach():
            with contextlib.suppress(FileNotFoundError):
                await unlink(self.name)

    def take(self, file: Any) -> Any:
        """Has the standard library remove the file that a native handle was handed over to."""
        on_close = self.delete and self.delete_on_close
        return tempfile._TemporaryFileWrapper(file, self.name, on_close)


def _unlink(path: Any, maker: int) -> None:
    """In a forked child it is somebody else's file."""
    if os.getpid() == maker:
        with contextlib.suppress(OSError):
            os.unlink(path)
