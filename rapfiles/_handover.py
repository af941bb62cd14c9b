"""Between native handles and the standard library's files: a blocking view, and the way out."""

from __future__ import annotations

import contextlib
import io
import os
from typing import TYPE_CHECKING, Any

from . import _rapfiles as core

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .base import AsyncBase


class BlockingFile:
    """A native handle's file for code that wants to block: the same methods, not awaited."""

    __slots__ = ("_handle",)

    def __init__(self, handle: AsyncBase) -> None:
        self._handle = handle

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self._handle, name)
        if not callable(found):
            return found

        def call(*args: Any) -> Any:
            result = found(*args)
            return core.run_blocking(result) if isinstance(result, core.Operation) else result

        return call

    def reconfigure(self, **changes: Any) -> None:
        """As `io.TextIOWrapper.reconfigure`."""
        reconfigure_native(self._handle, changes)
        self.flush()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if line := self.readline():
            return line
        raise StopIteration

    def __enter__(self) -> BlockingFile:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BlockingFile) and other._handle is self._handle

    def __hash__(self) -> int:
        return hash(self._handle)

    def __repr__(self) -> str:
        name, mode, kind, *_ = core.handle_info(self._handle)
        return f"<rapfiles {kind} name={name!r} mode={mode!r}>"


class _Ahead(io.RawIOBase):
    """A raw file that has been read ahead of and can't be sought back in: a pipe."""

    def __init__(self, ahead: bytes, raw: Any) -> None:
        self._ahead = ahead
        self._raw = raw
        self.name = raw.name
        self.mode = raw.mode

    def readinto(self, buffer: Any) -> int | None:
        if not self._ahead:
            read: int | None = self._raw.readinto(buffer)
            return read
        size = min(len(buffer), len(self._ahead))
        buffer[:size], self._ahead = self._ahead[:size], self._ahead[size:]
        return size

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        number: int = self._raw.fileno()
        return number

    def isatty(self) -> bool:
        return bool(self._raw.isatty())

    def close(self) -> None:
        self._raw.close()
        super().close()


def surrender(handle: AsyncBase) -> Any:
    """Takes the descriptor out of a native handle, as the file that `open` would have made."""
    kind = core.handle_info(handle)[2]
    cookie = core.handle_cookie(handle) if kind == "text" else None
    marks = core.handle_marks(handle)
    fd, ahead, used, pending, size, closefd = core.handle_surrender(handle)
    file = _layers(handle, fd, ahead, pending, size, closefd, marks)
    if cookie is None:
        if used:
            file.read(used)
    elif marks and cookie < 1 << 64:
        # A seek of the text would keep the mark from being written.
        file.buffer.seek(cookie)
    else:
        # The decoder holds something back, or not all that it has decoded was read.
        file.seek(cookie)
    return file


def _position(fd: int) -> int | None:
    """Where a descriptor stands; a pipe stands nowhere."""
    try:
        return os.lseek(fd, 0, os.SEEK_CUR)
    except OSError:
        return None


def _layers(
    handle: AsyncBase,
    fd: int,
    ahead: bytes,
    pending: bytes,
    size: int,
    closefd: bool,
    marks: bool = False,
) -> Any:
    """The standard library's file for a descriptor that a native handle has had.

    ``marks``: what is written next to it begins with the encoding's byte order mark.
    """
    name, mode, kind, raw_mode, readable, writable = core.handle_info(handle)
    settings = (core.handle_text(handle), core.handle_newline(handle)) if kind == "text" else None
    here = _position(fd)
    raw: Any = io.FileIO(fd, raw_mode, closefd=closefd)
    raw.name = name
    if here is not None:
        # One that appends has gone to the end. Text asks where it is when it is made, never again.
        raw.seek(0 if marks else here - len(ahead))
    elif ahead:
        raw = _Ahead(ahead, raw)
    if kind == "raw":
        return raw
    # What is pending stays so: nothing is written here and now.
    size = max(size, len(pending))
    buffered: Any
    file: Any
    if readable and writable:
        buffered = io.BufferedRandom(raw, size)
    else:
        buffered = io.BufferedReader(raw, size) if readable else io.BufferedWriter(raw, size)
    file = buffered
    if settings is not None:
        (encoding, errors, line_buffering, write_through), newline = settings
        manner = line_buffering, write_through
        file = io.TextIOWrapper(buffered, encoding, errors, newline, *manner)
        file.mode = mode
    if marks and here:
        buffered.seek(here - len(ahead))
    if pending:
        buffered.write(pending)
    return file


def _ended(handle: AsyncBase) -> Any:
    """A closed or detached file like that of a native handle; None while the handle is open."""
    try:
        closed = core.handle_closed(handle)
    except ValueError:
        closed = None
    if closed is False:
        return None
    file = _layers(handle, os.open(os.devnull, os.O_RDWR), b"", b"", 1, True)
    (file if closed else file.detach()).close()
    return file


def hand_over(handle: AsyncBase) -> Any:
    """Makes a native handle work through a Python file from here on, and returns that file."""
    file = _ended(handle)
    if file is None:
        file = surrender(handle)
        if closer := handle.__dict__.get("_closer"):
            file = closer.take(file)
    core.handle_hand_over(handle)
    handle._file = file
    return file


def let_go(handle: AsyncBase) -> None:
    """Makes a native handle stand for something else: its own file is closed if nobody has it."""
    # A file that is closed or detached has nothing to let go of.
    with contextlib.suppress(ValueError):
        if not core.handle_closed(handle):
            surrender(handle)
    core.handle_hand_over(handle)


def reconfigure_native(handle: AsyncBase, changes: dict[str, Any]) -> bool:
    """Changes a native handle, or raises; nothing is flushed before. False: it is none."""
    if not handle._native:
        return False
    with io.TextIOWrapper(io.BytesIO(b"."), "utf-8") as stand_in:
        if core.handle_begun(handle):
            stand_in.read(1)
        # It refuses what the file would, before anything has changed.
        stand_in.reconfigure(**changes)
    core.handle_reconfigure(handle, changes)
    return True
