"""A file that is written piece by piece, and takes its name at the end."""

from __future__ import annotations

import builtins
import contextlib
import os
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from . import _rapfiles
from ._long import whole

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from .threadpool.binary import AsyncBufferedIOBase, AsyncBufferedReader
    from .threadpool.text import AsyncTextIOWrapper
    from .types import Durability, StrOrBytesPath

_H = TypeVar("_H")

TextMode = Literal["w", "wt", "x", "xt"] | Literal["w+", "x+", "w+t", "x+t", "wt+", "xt+"]
WritingMode = Literal["wb"] | Literal["xb"]
UpdatingMode = Literal["w+b", "x+b"] | Literal["wb+", "xb+"]


class AtomicOpen(Generic[_H]):
    """What `rapfiles.atomic_open` returns, for ``async with``."""

    def __init__(
        self,
        file: _rapfiles.AtomicFile,
        opening: Awaitable[Any],
        commit: Callable[[_rapfiles.AtomicFile], Awaitable[None]],
    ) -> None:
        self._file = file
        self._opening = opening
        self._commit = commit
        self._handle: Any = None

    async def __aenter__(self) -> _H:
        try:
            self._handle = await self._opening
        except BaseException:
            await whole(self._file.roll_back())
            raise
        handle: _H = self._handle
        return handle

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            await self.abort()
        handle, self._handle = self._handle, None
        if handle is None:
            return
        try:
            await whole(handle.close())
        except BaseException:
            await whole(self._file.roll_back())
            raise
        await whole(self._commit(self._file))

    async def abort(self) -> None:
        """Closes the handle and leaves everything as it was; at its end ``async with`` does
        nothing more."""
        handle, self._handle = self._handle, None
        if handle is None:
            return
        try:
            await whole(self._file.roll_back())
        finally:
            # What is still to be written is not wanted any more.
            with contextlib.suppress(OSError):
                await whole(handle.close())


def begin(
    given: tuple[str, int | None, bool, bool, bool, bool],
    path: StrOrBytesPath,
    mode: str,
    text: tuple[str | None, str | None, str | None],
    commit: Callable[[_rapfiles.AtomicFile], Awaitable[None]],
) -> AtomicOpen[Any]:
    """A file that is committed by a function; ``text`` is encoding, errors and newline."""
    if not set(mode) & set("wx"):
        # What makes no sense at all has the standard library's words.
        builtins.open(os.devnull, mode, -1, *text).close()
        raise ValueError(f"an atomic file begins empty, its mode has a 'w' or an 'x': {mode!r}")
    if "x" in mode:
        given = (*given[:5], False)
    file = _rapfiles.AtomicFile(path, given)
    opening = file.open(mode, -1, *text)
    if opening is None:
        builtins.open(os.devnull, mode.replace("x", "w"), -1, *text).close()
        raise ValueError(f"can't open a file so: {mode!r}, {text!r}")
    return AtomicOpen(file, opening, commit)


async def _commit(file: _rapfiles.AtomicFile) -> None:
    await file.commit()


@overload
def atomic_open(
    path: StrOrBytesPath,
    mode: TextMode = "w",
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    *,
    durability: Durability = "full",
    permissions: int | None = None,
    keep_owner: bool = False,
    keep_xattrs: bool = False,
    follow_symlinks: bool = True,
    overwrite: bool = True,
) -> AtomicOpen[AsyncTextIOWrapper]: ...
@overload
def atomic_open(
    path: StrOrBytesPath,
    mode: WritingMode,
    encoding: None = None,
    errors: None = None,
    newline: None = None,
    *,
    durability: Durability = "full",
    permissions: int | None = None,
    keep_owner: bool = False,
    keep_xattrs: bool = False,
    follow_symlinks: bool = True,
    overwrite: bool = True,
) -> AtomicOpen[AsyncBufferedIOBase]: ...
@overload
def atomic_open(
    path: StrOrBytesPath,
    mode: UpdatingMode,
    encoding: None = None,
    errors: None = None,
    newline: None = None,
    *,
    durability: Durability = "full",
    permissions: int | None = None,
    keep_owner: bool = False,
    keep_xattrs: bool = False,
    follow_symlinks: bool = True,
    overwrite: bool = True,
) -> AtomicOpen[AsyncBufferedReader]: ...
@overload
def atomic_open(
    path: StrOrBytesPath,
    mode: str,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    *,
    durability: Durability = "full",
    permissions: int | None = None,
    keep_owner: bool = False,
    keep_xattrs: bool = False,
    follow_symlinks: bool = True,
    overwrite: bool = True,
) -> AtomicOpen[Any]: ...
def atomic_open(
    path: StrOrBytesPath,
    mode: str = "w",
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    *,
    durability: Durability = "full",
    permissions: int | None = None,
    keep_owner: bool = False,
    keep_xattrs: bool = False,
    follow_symlinks: bool = True,
    overwrite: bool = True,
) -> AtomicOpen[Any]:
    """Opens a file to be written piece by piece, that replaces the old one in one step.

    ``async with`` gives an ordinary handle of a new file beside the target. When the block ends,
    that file takes the target's name, as with `rapfiles.atomic_write_file`. If the block ends with
    an exception or a cancellation, or if `abort` was awaited on what this function returns, the
    new file is removed and everything is as it was. A cancellation that comes when the file is
    about to take its name waits until it has done so.

    ```python
    import rapfiles

    async with rapfiles.atomic_open("notes.txt", "w") as f:
        await f.write("first\\n")
        await f.write("second\\n")
    print((await rapfiles.read_file("notes.txt")).split())
    #> ['first', 'second']
    ```

    Args:
        path: Which file. It must be a regular file, if it is there.
        mode: ``"w"`` or ``"x"``, with ``"b"`` for bytes and ``"+"`` to read too what was written.
            The file begins empty. ``"x"`` is ``overwrite=False``.
        encoding: As for `rapfiles.open`, like the next two.
        errors: What happens with characters the encoding lacks.
        newline: What ``\\n`` is written as.
        durability: What survives a power cut: ``"full"``, the new file; ``"rename"``, the old one
            or the new one; ``"none"``, perhaps neither.
        permissions: Those of the file; without it those there are, or the usual ones.
        keep_owner: Whether the file still belongs to the same user and group.
        keep_xattrs: Whether the file keeps its extended attributes.
        follow_symlinks: Whether a symbolic link stays, and the file it leads to is written.
        overwrite: Whether the file may be there.

    Returns:
        What is entered with ``async with``, once.

    Raises:
        FileExistsError: When entered, or at the end: the file is there and may not be.
        IsADirectoryError: When entered: it is a directory.
        OSError: Any other error of the system, with errno and filename. What the handle was not
            able to write is raised at the end of the block, and undoes everything.
        ValueError: An argument makes no sense.
    """
    given = durability, permissions, keep_owner, keep_xattrs, follow_symlinks, overwrite
    return begin(given, path, mode, (encoding, errors, newline), _commit)
