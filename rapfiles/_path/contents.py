"""What is in the file of a path."""

from __future__ import annotations

import codecs
import locale
import sys
from typing import TYPE_CHECKING, Any, Literal, overload

from .. import _rapfiles
from .._files import write_file
from .._native import native_members
from .._rapfiles import read_file_bytes, write_file_bytes
from ..threadpool import open as open_file
from .pure import Pure

if TYPE_CHECKING:
    from _typeshed import (
        OpenBinaryMode,
        OpenBinaryModeReading,
        OpenBinaryModeUpdating,
        OpenBinaryModeWriting,
        OpenTextMode,
        ReadableBuffer,
    )

    from ..base import AiofilesContextManager
    from ..threadpool.binary import AsyncBufferedIOBase, AsyncBufferedReader, AsyncFileIO
    from ..threadpool.text import AsyncTextIOWrapper

# Those that decode a whole file as they decode it piece by piece.
_PLAIN = {"ascii", "iso8859-1", "utf-8"}


def _plain(encoding: str | None) -> str | None:
    """The encoding's own name, if it is one of the plain ones."""
    if encoding is None:
        encoding = "utf-8" if sys.flags.utf8_mode else locale.getpreferredencoding(False)
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, TypeError, ValueError):
        # Opening the file says what is wrong with it.
        return None
    return name if name in _PLAIN else None


def _read_text(
    path: Pure, encoding: str | None = None, errors: str | None = None, newline: str | None = None
) -> Any:
    name = _plain(encoding) if newline is None else None
    if name is None:
        return _read_opened(path, encoding, errors, newline)
    return _rapfiles.read_file(path, name, errors or "strict")


async def _read_opened(
    path: Pure, encoding: str | None, errors: str | None, newline: str | None
) -> str:
    async with open_file(path, "r", -1, encoding, errors, newline) as file:
        return await file.read()


@native_members(
    {"read_bytes": read_file_bytes, "read_text": _read_text, "write_bytes": write_file_bytes}
)
class Contents(Pure):
    """The part of a path that reads and writes."""

    __slots__ = ()

    @overload
    def open(
        self,
        mode: OpenTextMode = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> AiofilesContextManager[AsyncTextIOWrapper]: ...
    @overload
    def open(  # type: ignore[overload-overlap]  # 0 is an int, too: the first match counts
        self,
        mode: OpenBinaryMode,
        buffering: Literal[0],
        encoding: None = None,
        errors: None = None,
        newline: None = None,
    ) -> AiofilesContextManager[AsyncFileIO]: ...
    @overload
    def open(
        self,
        mode: OpenBinaryModeReading | OpenBinaryModeUpdating,
        buffering: int = -1,
        encoding: None = None,
        errors: None = None,
        newline: None = None,
    ) -> AiofilesContextManager[AsyncBufferedReader]: ...
    @overload
    def open(
        self,
        mode: OpenBinaryModeWriting,
        buffering: int = -1,
        encoding: None = None,
        errors: None = None,
        newline: None = None,
    ) -> AiofilesContextManager[AsyncBufferedIOBase]: ...
    @overload
    def open(
        self,
        mode: str,
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> AiofilesContextManager[Any]: ...
    def open(
        self,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> AiofilesContextManager[Any]:
        """Opens the file: ``f = await path.open()`` or ``async with path.open() as f``.

        The arguments are those of `rapfiles.open`, and so are the handles.
        """
        return open_file(self, mode, buffering, encoding, errors, newline)

    async def read_bytes(self) -> bytes:
        """Reads the whole file, at once if it is in memory."""

    async def read_text(
        self, encoding: str | None = None, errors: str | None = None, newline: str | None = None
    ) -> str:
        r"""Reads the whole file as text, at once if it is in memory.

        Args:
            encoding: By default that of the locale, as everywhere in `pathlib`.
            errors: What is done about bytes that are no text: ``"strict"`` unless said otherwise.
            newline: With None every line end comes as ``\n``; otherwise as it is.

        Raises:
            OSError: There is no file, or it can't be read.
            UnicodeDecodeError: It is no text of this encoding.
        """

    async def write_bytes(self, data: ReadableBuffer) -> int:
        """Makes or replaces the file and returns the number of bytes."""

    async def write_text(
        self,
        data: str,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> int:
        r"""Makes or replaces the file and returns the number of characters.

        Args:
            data: The text.
            encoding: By default that of the locale, as everywhere in `pathlib`.
            errors: What is done about characters that the encoding doesn't have.
            newline: What is written for ``\n``; by default what the system has for it.

        Raises:
            OSError: It can't be written.
            UnicodeEncodeError: The encoding has no such character. If it is UTF-8, ASCII or
                Latin-1 the file is as it was.
        """
        if not isinstance(data, str):
            raise TypeError(f"data must be str, not {type(data).__name__}")
        name = _plain(encoding) if newline is None and sys.platform != "win32" else None
        if name is None:
            async with self.open("w", -1, encoding, errors, newline) as file:
                return await file.write(data)
        await write_file(self, data, name, errors or "strict")
        return len(data)
