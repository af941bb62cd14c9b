"""Several files that change together or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from . import _rapfiles
from ._atomic_open import begin
from ._long import whole

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed import ReadableBuffer
    from typing_extensions import Self

    from ._atomic_open import AtomicOpen, TextMode, UpdatingMode, WritingMode
    from .threadpool.binary import AsyncBufferedIOBase, AsyncBufferedReader
    from .threadpool.text import AsyncTextIOWrapper
    from .types import Durability, StrOrBytesPath


class Transaction:
    """What `rapfiles.transaction` returns: changes that are made at the end of ``async with``.

    They are made in the order in which the calls returned. Until then nobody sees any of them,
    and nor do reads in the block.
    """

    def __init__(self, durability: str) -> None:
        self._durability = durability
        self._native = _rapfiles.AtomicTransaction(durability)
        self._ended = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._ended:
            return
        if kind is not None:
            await self.abort()
            return
        self._ended = True
        await whole(self._native.commit())

    async def abort(self) -> None:
        """Makes none of the changes, and takes no more."""
        self._ended = True
        await whole(self._native.roll_back())

    async def write_file(
        self,
        path: StrOrBytesPath,
        text: str,
        encoding: str = "utf-8",
        errors: str = "strict",
        *,
        mode: int | None = None,
        keep_owner: bool = False,
        keep_xattrs: bool = False,
        follow_symlinks: bool = True,
        overwrite: bool = True,
    ) -> int:
        """Makes or replaces a text file, as `rapfiles.atomic_write_file`. It is on the disk when
        this returns, but for its name."""
        given = self._durability, mode, keep_owner, keep_xattrs, follow_symlinks, overwrite
        return await self._native.write(path, text, (encoding, errors), given)

    async def write_file_bytes(
        self,
        path: StrOrBytesPath,
        data: ReadableBuffer,
        *,
        mode: int | None = None,
        keep_owner: bool = False,
        keep_xattrs: bool = False,
        follow_symlinks: bool = True,
        overwrite: bool = True,
    ) -> int:
        """Makes or replaces a file, as `rapfiles.atomic_write_file_bytes`."""
        given = self._durability, mode, keep_owner, keep_xattrs, follow_symlinks, overwrite
        return await self._native.write(path, data, None, given)

    async def move_file(
        self, src: StrOrBytesPath, dst: StrOrBytesPath, *, overwrite: bool = True
    ) -> None:
        """Gives a file another name, as `rapfiles.atomic_move_file`."""
        await self._native.rename(src, dst, overwrite)

    async def remove_file(self, path: StrOrBytesPath) -> None:
        """Removes a file; of a symbolic link, the link."""
        await self._native.remove(path)

    @overload
    def open(
        self,
        path: StrOrBytesPath,
        mode: TextMode = "w",
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        *,
        permissions: int | None = None,
        keep_owner: bool = False,
        keep_xattrs: bool = False,
        follow_symlinks: bool = True,
        overwrite: bool = True,
    ) -> AtomicOpen[AsyncTextIOWrapper]: ...
    @overload
    def open(
        self,
        path: StrOrBytesPath,
        mode: WritingMode,
        encoding: None = None,
        errors: None = None,
        newline: None = None,
        *,
        permissions: int | None = None,
        keep_owner: bool = False,
        keep_xattrs: bool = False,
        follow_symlinks: bool = True,
        overwrite: bool = True,
    ) -> AtomicOpen[AsyncBufferedIOBase]: ...
    @overload
    def open(
        self,
        path: StrOrBytesPath,
        mode: UpdatingMode,
        encoding: None = None,
        errors: None = None,
        newline: None = None,
        *,
        permissions: int | None = None,
        keep_owner: bool = False,
        keep_xattrs: bool = False,
        follow_symlinks: bool = True,
        overwrite: bool = True,
    ) -> AtomicOpen[AsyncBufferedReader]: ...
    @overload
    def open(
        self,
        path: StrOrBytesPath,
        mode: str,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        *,
        permissions: int | None = None,
        keep_owner: bool = False,
        keep_xattrs: bool = False,
        follow_symlinks: bool = True,
        overwrite: bool = True,
    ) -> AtomicOpen[Any]: ...
    def open(
        self,
        path: StrOrBytesPath,
        mode: str = "w",
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        *,
        permissions: int | None = None,
        keep_owner: bool = False,
        keep_xattrs: bool = False,
        follow_symlinks: bool = True,
        overwrite: bool = True,
    ) -> AtomicOpen[Any]:
        """Opens a file to be written piece by piece, as `rapfiles.atomic_open`. When its block ends
        it is part of the transaction."""
        owner_and_on = keep_owner, keep_xattrs, follow_symlinks, overwrite
        given = (self._durability, permissions, *owner_and_on)
        return begin(given, path, mode, (encoding, errors, newline), self._take)

    async def _take(self, file: _rapfiles.AtomicFile) -> None:
        await self._native.take(file)


def transaction(*, durability: Durability = "full") -> Transaction:
    """Changes several files together or not at all.

    What is written in the block goes to files beside the targets. At its end all changes are made,
    one after the other; if one of them can't be made those before it are undone, and its error is
    raised. If the block ends with an exception or a cancellation none is made.

    Each file changes in one step, all of them together don't: who reads meanwhile may see some of
    them changed and others not yet. A power cut or ``kill -9`` in that moment leaves it so: each
    file is whole, old or new, and old ones may be left under names that begin with ``.rapfiles-``.

    ```python
    import rapfiles

    async with rapfiles.transaction() as t:
        await t.write_file("config.json", "{}")
        await t.move_file("notes.txt", "notes.old")
        await t.remove_file("data.bin")
        print(sorted(await rapfiles.os.listdir("."))[-1])
        #> server.log

    print([name for name in sorted(await rapfiles.os.listdir(".")) if name[0] != "."])
    #> ['config.json', 'notes.old', 'server.log']
    ```

    Args:
        durability: What survives a power cut after the block: ``"full"``, all changes;
            ``"rename"``, each file old or new; ``"none"``, nothing is promised.

    Returns:
        A [`Transaction`][rapfiles.Transaction] for ``async with``.

    Raises:
        OSError: At the end of the block: a change can't be made. If something can't be undone,
            there is a note that says what.
        ValueError: ``durability`` makes no sense.
    """
    return Transaction(durability)
