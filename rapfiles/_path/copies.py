"""Copying and moving, under the names that `pathlib` has from Python 3.14 on."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from .. import os as coroutines
from .._copy import copy_dir, copy_file, move_dir, move_file
from .queries import Queries

if TYPE_CHECKING:
    from typing_extensions import Self


class Copies(Queries):
    """The part of a path that copies and moves."""

    __slots__ = ()

    async def copy(
        self,
        target: str | os.PathLike[str],
        *,
        follow_symlinks: bool = True,
        preserve_metadata: bool = False,
    ) -> Self:
        """Copies a file, or a directory with all that is in it, and returns the copy's path.

        A file is copied as by `rapfiles.copy_file`: with its mode, and it is whole when it has its
        name. A directory is copied as by `rapfiles.copy_dir`, and must not be there yet.

        Args:
            target: The path of the copy.
            follow_symlinks: Whether what symbolic links lead to is copied. Otherwise they are.
            preserve_metadata: Whether times and, of files, extended attributes are copied too.

        Raises:
            FileExistsError: ``target`` is there, and this is a directory.
            OSError: Something can't be read or written, or ``target`` is this path or in it. What
                has been copied so far stays.
        """
        target = self._made(target)
        await _copy(self, target, follow_symlinks, preserve_metadata)
        return target

    async def copy_into(
        self,
        target_dir: str | os.PathLike[str],
        *,
        follow_symlinks: bool = True,
        preserve_metadata: bool = False,
    ) -> Self:
        """Copies it, as `copy` does, under its own name into a directory.

        Raises:
            ValueError: It has no name.
        """
        return await self.copy(
            _named(self, target_dir),
            follow_symlinks=follow_symlinks,
            preserve_metadata=preserve_metadata,
        )

    async def move(self, target: str | os.PathLike[str]) -> Self:
        """Gives a file or directory another path, which it returns; also on another filesystem.

        A file that has that name is replaced. Links are moved themselves. To another filesystem it
        is moved as by `rapfiles.move_file` or `rapfiles.move_dir`.

        Raises:
            OSError: It can't be moved, or ``target`` is in it.
        """
        target = self._made(target)
        try:
            await coroutines.replace(self, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            await _move_elsewhere(self, target)
        return target

    async def move_into(self, target_dir: str | os.PathLike[str]) -> Self:
        """Moves it, as `move` does, under its own name into a directory.

        Raises:
            ValueError: It has no name.
        """
        return await self.move(_named(self, target_dir))


def _named(path: Copies, directory: str | os.PathLike[str]) -> Copies:
    """The path of this name in a directory."""
    if not path.name:
        raise ValueError(f"{path!r} has an empty name")
    return path._made(directory, path.name)


async def _copy(source: Copies, target: Copies, follow: bool, preserve: bool) -> None:
    if not await source.is_dir(follow_symlinks=follow):
        await copy_file(source, target, follow_symlinks=follow, times=preserve, xattrs=preserve)
        return
    await _check_apart(source, target)
    await copy_dir(source, target, follow_symlinks=follow, times=preserve, xattrs=preserve)


async def _check_apart(source: Copies, target: Copies) -> None:
    """A directory can't be copied into itself."""
    at, to = await source.resolve(), await target.resolve()
    if at == to or at in to.parents:
        what = "are the same path" if at == to else "lie one in the other"
        raise OSError(errno.EINVAL, f"Source and target {what}", str(source), None, str(target))


async def _move_elsewhere(source: Copies, target: Copies) -> None:
    if await source.is_dir(follow_symlinks=False):
        await move_dir(source, target)
    else:
        await move_file(source, target)
