"""Handles of binary files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .. import _rapfiles as core
from .._native import native_methods
from ..base import AsyncIndirectBase
from . import _common

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


@native_methods
class _Binary(_common.AsyncFile):
    """What all binary handles can do."""

    async def read(self, size: int | None = -1, /) -> bytes:
        """Reads ``size`` bytes, fewer at the end of the file; without a size, all that is left."""

    async def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Reads into a writable buffer and returns the number of bytes."""

    async def readline(self, size: int | None = -1, /) -> bytes:
        """Reads a line with its end, at most ``size`` bytes of it."""

    async def readlines(self, hint: int | None = -1, /) -> list[bytes]:
        """Reads lines until they are ``hint`` bytes long together; without a hint, all of them."""

    async def write(self, data: ReadableBuffer, /) -> int:
        """Writes bytes and returns how many."""

    async def writelines(self, lines: Iterable[ReadableBuffer], /) -> None:
        """Writes bytes after bytes."""

    async def seek(self, offset: int, whence: int = 0, /) -> int:
        """Goes to an offset from the start (``whence`` 0), from here (1) or from the end (2)."""

    def readable(self) -> bool:
        """Whether the file can be read from. Not a coroutine, as in aiofiles."""
        return core.handle_readable(self) if self._native else bool(self._file.readable())

    if TYPE_CHECKING:

        async def __anext__(self) -> bytes: ...


@native_methods
class AsyncBufferedIOBase(_Binary):
    """A buffered file that is written, or any other with `io.BufferedIOBase`'s methods."""

    async def read1(self, size: int = -1, /) -> bytes:
        """Reads what is buffered, or what one system call brings."""

    async def readinto1(self, buffer: WriteableBuffer, /) -> int:
        """As `readinto`, with at most one system call."""

    def detach(self) -> Any:
        """Gives away the file below and ends the use of this handle. Not a coroutine."""
        return _common.detach(self)

    @property
    def raw(self) -> Any:
        """The unbuffered file below. A native handle works through Python's files from then on."""
        return _common.below(self, "raw")


@native_methods
class AsyncBufferedReader(AsyncBufferedIOBase):
    """A buffered file that is read, or read and written."""

    async def peek(self, size: int = 0, /) -> bytes:
        """What comes next, without reading it: what is buffered, or what one system call brings."""


@native_methods
class AsyncFileIO(_Binary):
    """A file without a buffer: each operation is a system call."""

    async def readall(self) -> bytes:
        """Reads all that is left."""


class AsyncIndirectBufferedIOBase(AsyncIndirectBase, AsyncBufferedIOBase):
    """A buffered file that is looked up at each use."""


class AsyncIndirectBufferedReader(AsyncIndirectBufferedIOBase, AsyncBufferedReader):
    """A buffered file for reading that is looked up at each use."""


class AsyncIndirectFileIO(AsyncIndirectBase, AsyncFileIO):
    """An unbuffered file that is looked up at each use."""
