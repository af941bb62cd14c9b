"""What can be done to what a path leads to."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import os as coroutines
from .._native import native_members
from .._rapfiles import set_permissions, touch
from .elsewhere import blocking
from .queries import Queries

if TYPE_CHECKING:
    from typing_extensions import Self

_chmod_itself = blocking("chmod")


def _chmod(path: Queries, mode: int, *, follow_symlinks: bool = True) -> Any:
    if follow_symlinks:
        return set_permissions(path, mode)
    return _chmod_itself(path, mode, follow_symlinks=False)


_WORK: dict[str, Callable[..., Any]] = {
    "chmod": _chmod,
    "lchmod": blocking("lchmod"),
    "rmdir": coroutines.rmdir,
    "touch": touch,
}


@native_members(_WORK)
class Changes(Queries):
    """The part of a path that changes something."""

    __slots__ = ()

    async def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Makes a directory.

        Args:
            mode: Its permissions, less the process's umask. Those above it get the usual ones.
            parents: Whether those above it are made if they aren't there.
            exist_ok: Whether it may be there already.

        Raises:
            FileExistsError: There is something, and no directory, or it isn't ``exist_ok``.
            FileNotFoundError: The directory above isn't there.
        """
        try:
            await coroutines.mkdir(self, mode)
        except FileNotFoundError:
            if not parents or self.parent == self:
                raise
            await coroutines.makedirs(self.parent, exist_ok=True)
            await self.mkdir(mode, exist_ok=exist_ok)
        except OSError:
            # There may be one even if the system complains of something else first.
            if not exist_ok or not await self.is_dir():
                raise

    async def rmdir(self) -> None:
        """Removes an empty directory."""

    async def unlink(self, missing_ok: bool = False) -> None:
        """Removes a file or a symbolic link.

        Args:
            missing_ok: Whether it may be gone already.
        """
        try:
            await coroutines.unlink(self)
        except FileNotFoundError:
            if not missing_ok:
                raise

    async def rename(self, target: str | os.PathLike[str]) -> Self:
        """Renames it within its filesystem and returns the new path.

        A file that has that name is replaced, except on Windows. A relative target begins in the
        working directory, not beside this path.
        """
        await coroutines.rename(self, target)
        return self._made(target)

    async def replace(self, target: str | os.PathLike[str]) -> Self:
        """Renames it as `rename` does; what has that name is replaced on every platform."""
        await coroutines.replace(self, target)
        return self._made(target)

    async def symlink_to(
        self, target: str | os.PathLike[str], target_is_directory: bool = False
    ) -> None:
        """Makes a symbolic link here that leads to ``target``.

        Args:
            target: What it says: a relative path begins where the link is.
            target_is_directory: What Windows wants to be told.
        """
        await coroutines.symlink(target, self, target_is_directory)

    async def hardlink_to(self, target: str | os.PathLike[str]) -> None:
        """Makes this path another name of the file ``target``."""
        await coroutines.link(target, self)

    async def touch(self, mode: int = 0o666, exist_ok: bool = True) -> None:
        """Makes an empty file, or sets the times of the one that is there.

        Args:
            mode: The permissions of a new file, less the process's umask.
            exist_ok: Whether it may be there already.
        """

    async def chmod(self, mode: int, *, follow_symlinks: bool = True) -> None:
        """Sets its permissions.

        Args:
            mode: The permissions, as in ``0o644``.
            follow_symlinks: Whether those of a symbolic link are those of what it leads to.

        Raises:
            NotImplementedError: The system can't set those of links themselves.
        """

    async def lchmod(self, mode: int) -> None:
        """Sets its permissions, be it a symbolic link."""
