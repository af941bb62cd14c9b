"""The standard streams."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ..base import AsyncIndirectBase
from . import _stdin
from ._kept import Kept
from .binary import AsyncIndirectBufferedIOBase, AsyncIndirectBufferedReader
from .text import AsyncTextIndirectIOWrapper

# They neither wait nor move.
_QUESTIONS = {"isatty", "readable", "seekable", "writable"}


class _StandardInput(AsyncIndirectBase):
    """Reads in a thread that doesn't keep the process from ending."""

    def __init__(self, name: str, indirect: Callable[[], Any]) -> None:
        super().__init__(name, None, None, indirect)
        self._kept = Kept()

    async def _call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if kwargs or name in _QUESTIONS:
            return await super()._call(name, *args, **kwargs)
        return await _stdin.call(self._file, name, args, self._kept)


class AsyncTextStandardInput(_StandardInput, AsyncTextIndirectIOWrapper):
    """`sys.stdin`."""


class AsyncBufferedStandardInput(_StandardInput, AsyncIndirectBufferedReader):
    """`sys.stdin.buffer`."""


stdin: AsyncTextIndirectIOWrapper = AsyncTextStandardInput("sys.stdin", lambda: sys.stdin)
stdout: AsyncTextIndirectIOWrapper = AsyncTextIndirectIOWrapper(
    "sys.stdout", None, None, indirect=lambda: sys.stdout
)
stderr: AsyncTextIndirectIOWrapper = AsyncTextIndirectIOWrapper(
    "sys.stderr", None, None, indirect=lambda: sys.stderr
)
stdin_bytes: AsyncIndirectBufferedReader = AsyncBufferedStandardInput(
    "sys.stdin.buffer", lambda: sys.stdin.buffer
)
stdout_bytes: AsyncIndirectBufferedIOBase = AsyncIndirectBufferedIOBase(
    "sys.stdout.buffer", None, None, indirect=lambda: sys.stdout.buffer
)
stderr_bytes: AsyncIndirectBufferedIOBase = AsyncIndirectBufferedIOBase(
    "sys.stderr.buffer", None, None, indirect=lambda: sys.stderr.buffer
)
