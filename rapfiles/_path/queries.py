"""What a path can be asked. What the kernel has in memory is answered at once."""

from __future__ import annotations

import errno
import os
import pathlib
import stat as mode_of
import sys
from functools import partial
from typing import TYPE_CHECKING

from .. import os as coroutines
from .. import ospath
from .._native import native_members
from .._rapfiles import os_function
from ..base import wrap
from .elsewhere import blocking, question
from .pure import Pure

if TYPE_CHECKING:
    from typing_extensions import Self

_WORK = {
    "exists": os_function("Path.exists", question(lambda mode: True)),
    "is_block_device": os_function("Path.is_block_device", question(mode_of.S_ISBLK)),
    "is_char_device": os_function("Path.is_char_device", question(mode_of.S_ISCHR)),
    "is_dir": os_function("Path.is_dir", question(mode_of.S_ISDIR)),
    "is_fifo": os_function("Path.is_fifo", question(mode_of.S_ISFIFO)),
    "is_file": os_function("Path.is_file", question(mode_of.S_ISREG)),
    # Before 3.12 it had a mind of its own about links.
    "is_mount": ospath.ismount if sys.version_info >= (3, 12) else blocking("is_mount"),
    "is_socket": os_function("Path.is_socket", question(mode_of.S_ISSOCK)),
    "is_symlink": os_function("Path.is_symlink", question(mode_of.S_ISLNK, follow=False)),
    "lstat": partial(coroutines.stat, follow_symlinks=False),
    "stat": coroutines.stat,
}


def _complain_of_loop(error: OSError) -> None:
    """Says it in the words of the running Python's `pathlib`."""
    if sys.version_info < (3, 13) and error.errno == errno.ELOOP:
        raise RuntimeError(f"Symlink loop from {error.filename!r}")


@wrap
def _user_name(number: int) -> str:
    import pwd

    return pwd.getpwuid(number).pw_name


@wrap
def _group_name(number: int) -> str:
    import grp

    return grp.getgrgid(number).gr_name


@native_members(_WORK)
class Queries(Pure):
    """The part of a path that asks."""

    __slots__ = ()

    @classmethod
    async def cwd(cls) -> Self:
        """The working directory."""
        return cls(await coroutines.getcwd())

    @classmethod
    async def home(cls) -> Self:
        """The user's home directory.

        Raises:
            RuntimeError: Nobody knows where it is.
        """
        return cls(await blocking("home")("."))

    async def exists(self, *, follow_symlinks: bool = True) -> bool:
        """Whether there is something at this path.

        As all questions here, it is answered with no if nothing can be there, and raises what
        leaves the answer open, as a directory above that may not be looked into.

        Args:
            follow_symlinks: Whether a symbolic link has to lead somewhere.

        Raises:
            OSError: It can't be told. From Python 3.14 on, as in `pathlib`, that is a no as well.
        """

    async def is_file(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a regular file, or a symbolic link to one."""

    async def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a directory, or a symbolic link to one."""

    async def is_symlink(self) -> bool:
        """Whether it is a symbolic link."""

    async def is_junction(self) -> bool:
        """Whether it is a junction, which there are on Windows only."""
        if sys.platform != "win32":
            return False
        try:
            status = await self.lstat()
        except (OSError, ValueError):
            return False
        return status.st_reparse_tag == mode_of.IO_REPARSE_TAG_MOUNT_POINT

    async def is_mount(self) -> bool:
        """Whether something is mounted there."""

    async def is_socket(self) -> bool:
        """Whether it is a socket, or a symbolic link to one."""

    async def is_fifo(self) -> bool:
        """Whether it is a FIFO, or a symbolic link to one."""

    async def is_block_device(self) -> bool:
        """Whether it is a block device, or a symbolic link to one."""

    async def is_char_device(self) -> bool:
        """Whether it is a character device, or a symbolic link to one."""

    async def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """Its metadata.

        Args:
            follow_symlinks: Whether those of a symbolic link are those of what it leads to.

        Raises:
            OSError: There is nothing, or it may not be asked.
        """

    async def lstat(self) -> os.stat_result:
        """Its own metadata, be it a symbolic link."""

    async def owner(self, *, follow_symlinks: bool = True) -> str:
        """The name of the user it belongs to.

        Raises:
            KeyError: The user has no name.
        """
        if sys.platform == "win32":
            return str(await blocking("owner")(self))
        status = await self.stat(follow_symlinks=follow_symlinks)
        return str(await _user_name(status.st_uid))

    async def group(self, *, follow_symlinks: bool = True) -> str:
        """The name of the group it belongs to.

        Raises:
            KeyError: The group has no name.
        """
        if sys.platform == "win32":
            return str(await blocking("group")(self))
        status = await self.stat(follow_symlinks=follow_symlinks)
        return str(await _group_name(status.st_gid))

    async def samefile(self, other_path: str | os.PathLike[str]) -> bool:
        """Whether this path and another one lead to one file.

        Raises:
            OSError: One of them leads nowhere.
        """
        other = other_path if isinstance(other_path, pathlib.PurePath) else self._made(other_path)
        return await ospath.samefile(self, other)

    async def readlink(self) -> Self:
        """What a symbolic link says.

        Raises:
            OSError: It is none (``EINVAL``), or there is nothing.
        """
        return self._made(await coroutines.readlink(self))

    async def resolve(self, strict: bool = False) -> Self:
        """The path from the root on, without symbolic links and without ``..``.

        Args:
            strict: Whether it has to be there.

        Raises:
            OSError: There is nothing, and it is ``strict``; or links lead in a circle.
            RuntimeError: Links lead in a circle, before Python 3.13.
        """
        try:
            path = self._made(await ospath.realpath(self, strict=strict))
        except OSError as error:
            _complain_of_loop(error)
            raise
        if not strict and sys.version_info < (3, 13):
            try:
                await path.stat()
            except OSError as error:
                _complain_of_loop(error)
        return path

    async def expanduser(self) -> Self:
        """The path with a ``~`` or ``~user`` at its beginning replaced by that home directory.

        Raises:
            RuntimeError: Nobody knows where it is.
        """
        if self.anchor or not self.parts or not self.parts[0].startswith("~"):
            return self
        return self._made(await blocking("expanduser")(self))
