"""Handles of text files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .. import _handover
from .. import _rapfiles as core
from .._native import native_methods
from ..base import AsyncIndirectBase
from . import _common

# As handle_newlines counts: 1 for a lone CR, 2 for LF, 4 for both together.
_CR, _LF, _CRLF = "\r", "\n", "\r\n"
_NEWLINES = (None, _CR, _LF, (_CR, _LF), _CRLF, (_CR, _CRLF), (_LF, _CRLF), (_CR, _LF, _CRLF))


@native_methods
class AsyncTextIOWrapper(_common.AsyncFile):
    """A text file."""

    async def read(self, size: int | None = -1, /) -> str:
        """Reads ``size`` characters, fewer at the end of the file; without a size, all of it."""

    async def readline(self, size: int = -1, /) -> str:
        """Reads a line with its end, at most ``size`` characters of it."""

    async def readlines(self, hint: int | None = -1, /) -> list[str]:
        """Reads lines until they are ``hint`` characters long together; without a hint, all."""

    async def peek(self, size: int = -1, /) -> str:
        """Characters that come next, without reading them; at most ``size``, perhaps fewer."""

    async def write(self, text: str, /) -> int:
        """Writes a string and returns its length."""

    async def writelines(self, lines: Iterable[str], /) -> None:
        """Writes string after string."""

    async def seek(self, cookie: int, whence: int = 0, /) -> int:
        """Goes where `tell` said it was, to the start, or to the end (``seek(0, 2)``)."""

    async def readable(self) -> bool:
        """Whether the file can be read from."""

    async def reconfigure(self, **changes: Any) -> None:
        """Writes what is buffered, then changes ``encoding``, ``errors``, ``newline``,
        ``line_buffering`` or ``write_through``; the first three only before anything was read.
        """
        if _handover.reconfigure_native(self, changes):
            await self.flush()
        else:
            await self._call("reconfigure", **changes)

    def detach(self) -> Any:
        """Gives away the file below and ends the use of this handle. Not a coroutine."""
        return _common.detach(self)

    @property
    def buffer(self) -> Any:
        """The binary file below. A native handle works through Python's files from then on."""
        return _common.below(self, "buffer")

    @property
    def encoding(self) -> str:
        """The encoding of the file."""
        encoding: str = core.handle_text(self)[0] if self._native else self._file.encoding
        return encoding

    @property
    def errors(self) -> str | None:
        """What is done about bytes that can't be decoded and characters that can't be encoded."""
        errors: str | None = core.handle_text(self)[1] if self._native else self._file.errors
        return errors

    @property
    def line_buffering(self) -> bool:
        """Whether a line that is written goes to the kernel at once."""
        on: bool = core.handle_text(self)[2] if self._native else self._file.line_buffering
        return on

    @property
    def write_through(self) -> bool:
        """Whether all that is written goes to the kernel at once."""
        on: bool = core.handle_text(self)[3] if self._native else self._file.write_through
        return on

    @property
    def newlines(self) -> str | tuple[str, ...] | None:
        """The line ends met so far: None, one of them, or a tuple."""
        if self._native:
            # It raises for a detached file.
            core.handle_closed(self)
            return _NEWLINES[core.handle_newlines(self)]
        met: str | tuple[str, ...] | None = self._file.newlines
        return met

    if TYPE_CHECKING:

        async def __anext__(self) -> str: ...


class AsyncTextIndirectIOWrapper(AsyncIndirectBase, AsyncTextIOWrapper):
    """A text file that is looked up at each use."""
