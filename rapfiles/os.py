"""Coroutine versions of functions of `os`.

Each takes what its namesake in `os` takes, returns what it returns and raises what it raises. It
also takes aiofiles' ``loop`` and ``executor``: with an executor, the function of `os` runs there.
"""

from __future__ import annotations

import os as _os
import sys as _sys
from os import PathLike as _PathLike
from typing import Any as _Any
from typing import AnyStr as _AnyStr
from typing import overload as _overload

from . import ospath as path
from ._native import native_functions as _native_functions
from ._rapfiles import ScandirIterator as _ScandirIterator
from ._system import BytesPath as _BytesPath
from ._system import Loop as _Loop
from ._system import Pool as _Pool
from ._system import StrPath as _StrPath
from ._system import read_entries as _read_entries
from ._system import system as _system
from .base import wrap
from .types import FileDescriptorOrPath as _FileDescriptorOrPath
from .types import StrOrBytesPath as _StrOrBytesPath

__all__ = [
    "access",
    "getcwd",
    "link",
    "listdir",
    "makedirs",
    "mkdir",
    "path",
    "readlink",
    "remove",
    "removedirs",
    "rename",
    "renames",
    "replace",
    "rmdir",
    "scandir",
    "stat",
    "symlink",
    "unlink",
    "wrap",
]


async def stat(
    path: _FileDescriptorOrPath,
    *,
    dir_fd: int | None = None,
    follow_symlinks: bool = True,
    loop: _Loop = None,
    executor: _Pool = None,
) -> _os.stat_result:
    """Tells the metadata of a file: at once if the kernel has them in memory."""


async def access(
    path: _StrOrBytesPath,
    mode: int,
    *,
    dir_fd: int | None = None,
    effective_ids: bool = False,
    follow_symlinks: bool = True,
    loop: _Loop = None,
    executor: _Pool = None,
) -> bool:
    """Tells whether a path is there (``F_OK``) and may be read, written or executed."""


async def getcwd(*, loop: _Loop = None, executor: _Pool = None) -> str:
    """Tells the working directory."""


@_overload
async def listdir(
    path: _StrPath | None = None, *, loop: _Loop = None, executor: _Pool = None
) -> list[str]: ...
@_overload
async def listdir(
    path: _BytesPath, *, loop: _Loop = None, executor: _Pool = None
) -> list[bytes]: ...
@_overload
async def listdir(path: int, *, loop: _Loop = None, executor: _Pool = None) -> list[str]: ...
async def listdir(
    path: _FileDescriptorOrPath | None = None, *, loop: _Loop = None, executor: _Pool = None
) -> list[str] | list[bytes]:
    """Lists the names in a directory, in its own order."""


@_overload
async def scandir(
    path: None = None, *, loop: _Loop = None, executor: _Pool = None
) -> _ScandirIterator[str]: ...
@_overload
async def scandir(
    path: int, *, loop: _Loop = None, executor: _Pool = None
) -> _ScandirIterator[str]: ...
@_overload
async def scandir(
    path: _AnyStr | _PathLike[_AnyStr], *, loop: _Loop = None, executor: _Pool = None
) -> _ScandirIterator[_AnyStr]: ...
async def scandir(
    path: int | _AnyStr | _PathLike[_AnyStr] | None = None,
    *,
    loop: _Loop = None,
    executor: _Pool = None,
) -> _ScandirIterator[_Any]:
    """Reads the entries of a directory, to be iterated over with ``for`` or ``async for``.

    Names, kinds and where symbolic links lead are read before this returns; iterating is free.
    Only an entry's ``stat()`` asks the disk, the first time.
    """


async def mkdir(
    path: _StrOrBytesPath,
    mode: int = 0o777,
    *,
    dir_fd: int | None = None,
    loop: _Loop = None,
    executor: _Pool = None,
) -> None:
    """Makes a directory."""


async def makedirs(
    name: _StrOrBytesPath,
    mode: int = 0o777,
    exist_ok: bool = False,
    *,
    loop: _Loop = None,
    executor: _Pool = None,
) -> None:
    """Makes a directory and those above it that aren't there."""


async def rmdir(
    path: _StrOrBytesPath,
    *,
    dir_fd: int | None = None,
    loop: _Loop = None,
    executor: _Pool = None,
) -> None:
    """Removes an empty directory."""


async def removedirs(name: _StrOrBytesPath, *, loop: _Loop = None, executor: _Pool = None) -> None:
    """Removes an empty directory, then those above it for as long as they are empty too."""


async def remove(
    path: _StrOrBytesPath,
    *,
    dir_fd: int | None = None,
    loop: _Loop = None,
    executor: _Pool = None,
) -> None:
    """Removes a file."""


async def unlink(
    path: _StrOrBytesPath,
    *,
    dir_fd: int | None = None,
    loop: _Loop = None,
    executor: _Pool = None,
) -> None:
    """Removes a file: `remove` by its other name."""


async def rename(
    src: _StrOrBytesPath,
    dst: _StrOrBytesPath,
    *,
    src_dir_fd: int | None = None,
    dst_dir_fd: int | None = None,
    loop: _Loop = None,
    executor: _Pool = None,
) -> None:
    """Renames a file or directory within its filesystem."""


async def replace(
    src: _StrOrBytesPath,
    dst: _StrOrBytesPath,
    *,
    src_dir_fd: int | None = None,
    dst_dir_fd: int | None = None,
    loop: _Loop = None,
    executor: _Pool = None,
) -> None:
    """Renames a file or directory; a file that has the new name is replaced on every platform."""


async def renames(
    old: _StrOrBytesPath, new: _StrOrBytesPath, *, loop: _Loop = None, executor: _Pool = None
) -> None:
    """Renames, making the directories that it takes and removing those that are left empty."""


async def link(
    src: _StrOrBytesPath,
    dst: _StrOrBytesPath,
    *,
    src_dir_fd: int | None = None,
    dst_dir_fd: int | None = None,
    follow_symlinks: bool = True,
    loop: _Loop = None,
    executor: _Pool = None,
) -> None:
    """Gives a file another name: a hard link."""


async def symlink(
    src: _StrOrBytesPath,
    dst: _StrOrBytesPath,
    target_is_directory: bool = False,
    *,
    dir_fd: int | None = None,
    loop: _Loop = None,
    executor: _Pool = None,
) -> None:
    """Makes a symbolic link ``dst`` that leads to ``src``."""


async def readlink(
    path: _AnyStr | _PathLike[_AnyStr],
    *,
    dir_fd: int | None = None,
    loop: _Loop = None,
    executor: _Pool = None,
) -> _AnyStr:
    """Tells what a symbolic link says."""


if _sys.platform != "win32":
    __all__ += ["sendfile", "statvfs"]

    async def sendfile(
        out_fd: int,
        in_fd: int,
        offset: int | None,
        count: int,
        *,
        loop: _Loop = None,
        executor: _Pool = None,
    ) -> int:
        """Copies bytes from one descriptor to another within the kernel, and tells how many."""

    async def statvfs(
        path: _FileDescriptorOrPath, *, loop: _Loop = None, executor: _Pool = None
    ) -> _os.statvfs_result:
        """Tells what the filesystem of a path says of itself: sizes, and what is free."""


_native_functions(globals(), _system(_os, {"scandir": _read_entries}))
