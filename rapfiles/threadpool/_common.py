"""What handles of text and of bytes share."""

from __future__ import annotations

from typing import Any

from .. import _handover
from .. import _rapfiles as core
from .._native import native_methods
from ..base import AsyncBase


@native_methods
class AsyncFile(AsyncBase):
    """A file of either kind. Its properties are those of the file behind it."""

    async def flush(self) -> None:
        """Hands to the kernel what is buffered."""

    async def tell(self) -> int:
        """Where the file stands, as a number for `seek`; in text not always a count of bytes."""

    async def truncate(self, size: int | None = None, /) -> int:
        """Cuts or extends the file to a size in bytes, by default to where it stands."""

    async def close(self) -> None:
        """Writes what is buffered and closes. An error that was held back so far is raised here."""

    async def isatty(self) -> bool:
        """Whether the file is a terminal."""

    async def seekable(self) -> bool:
        """Whether the file has a position."""

    async def writable(self) -> bool:
        """Whether the file can be written to."""

    def fileno(self) -> int:
        """The number of the file's descriptor."""
        number: int = core.handle_fileno(self) if self._native else self._file.fileno()
        return number

    @property
    def closed(self) -> bool:
        """Whether the file is closed."""
        closed: bool = core.handle_closed(self) if self._native else self._file.closed
        return closed

    @property
    def name(self) -> Any:
        """What the file was opened by: a path, or the number of a descriptor."""
        return attached(self)[0] if self._native else self._file.name

    @property
    def mode(self) -> str:
        """The mode of the file."""
        mode: str = mode_of(self) if self._native else self._file.mode
        return mode


def attached(handle: AsyncBase) -> tuple[Any, str]:
    """Name and mode of a native handle, unless its file was detached."""
    # It raises for a detached one.
    core.handle_closed(handle)
    name, mode, *_ = core.handle_info(handle)
    return name, mode


def mode_of(handle: AsyncBase) -> str:
    """The mode of a native handle: a text file knows its own, any other its raw file's."""
    _, mode, kind, *_ = core.handle_info(handle)
    text_mode: str = mode if kind == "text" else attached(handle)[1]
    return text_mode


def detach(self: AsyncBase) -> Any:
    """Separates the file from what it is buffered in and returns the latter, a blocking file.

    The handle is unusable then.
    """
    return _handover.surrender(self).detach() if self._native else self._file.detach()


def below(handle: AsyncBase, name: str) -> Any:
    """An inner layer of the file. A native handle works through Python's files from then on."""
    file = _handover.hand_over(handle) if handle._native else handle._file
    return getattr(file, name)
