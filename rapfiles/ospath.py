"""Coroutine versions of those functions of `os.path` that look at the disk.

Each takes what its namesake in `os.path` takes, returns what it returns and raises what it raises.
It also takes aiofiles' ``loop`` and ``executor``: with an executor, the function of `os.path` runs
there.
"""

from __future__ import annotations

from os import PathLike as _PathLike
from os import path as _path
from typing import AnyStr as _AnyStr

from ._native import native_functions as _native_functions
from ._system import Loop as _Loop
from ._system import Pool as _Pool
from ._system import system as _system
from .types import FileDescriptorOrPath as _FileDescriptorOrPath
from .types import StrOrBytesPath as _StrOrBytesPath

__all__ = [
    "abspath",
    "exists",
    "getatime",
    "getctime",
    "getmtime",
    "getsize",
    "isdir",
    "isfile",
    "islink",
    "ismount",
    "lexists",
    "realpath",
    "samefile",
    "sameopenfile",
]


async def abspath(
    path: _AnyStr | _PathLike[_AnyStr], *, loop: _Loop = None, executor: _Pool = None
) -> _AnyStr:
    """Tells a path from the root, with ``.`` and ``..`` taken out of it."""


async def realpath(
    filename: _AnyStr | _PathLike[_AnyStr],
    *,
    strict: bool = False,
    loop: _Loop = None,
    executor: _Pool = None,
) -> _AnyStr:
    """Tells a path from the root, with no symbolic link in it."""


async def exists(
    path: _FileDescriptorOrPath, *, loop: _Loop = None, executor: _Pool = None
) -> bool:
    """Tells whether a path leads somewhere. At once if the kernel has it in memory."""


async def lexists(path: _StrOrBytesPath, *, loop: _Loop = None, executor: _Pool = None) -> bool:
    """Tells whether a path is there, even if it is a symbolic link to nowhere."""


async def isfile(
    path: _FileDescriptorOrPath, *, loop: _Loop = None, executor: _Pool = None
) -> bool:
    """Tells whether a path leads to a regular file."""


async def isdir(s: _FileDescriptorOrPath, *, loop: _Loop = None, executor: _Pool = None) -> bool:
    """Tells whether a path leads to a directory."""


async def islink(path: _StrOrBytesPath, *, loop: _Loop = None, executor: _Pool = None) -> bool:
    """Tells whether a path is a symbolic link."""


async def ismount(path: _StrOrBytesPath, *, loop: _Loop = None, executor: _Pool = None) -> bool:
    """Tells whether something is mounted at a path."""


async def getsize(
    filename: _FileDescriptorOrPath, *, loop: _Loop = None, executor: _Pool = None
) -> int:
    """Tells the size of a file in bytes."""


async def getatime(
    filename: _FileDescriptorOrPath, *, loop: _Loop = None, executor: _Pool = None
) -> float:
    """Tells when a file was last read, in seconds since 1970."""


async def getmtime(
    filename: _FileDescriptorOrPath, *, loop: _Loop = None, executor: _Pool = None
) -> float:
    """Tells when a file was last written, in seconds since 1970."""


async def getctime(
    filename: _FileDescriptorOrPath, *, loop: _Loop = None, executor: _Pool = None
) -> float:
    """Tells when the metadata of a file last changed, in seconds since 1970."""


async def samefile(
    f1: _FileDescriptorOrPath,
    f2: _FileDescriptorOrPath,
    *,
    loop: _Loop = None,
    executor: _Pool = None,
) -> bool:
    """Tells whether two paths lead to one file."""


async def sameopenfile(fp1: int, fp2: int, *, loop: _Loop = None, executor: _Pool = None) -> bool:
    """Tells whether two descriptors are of one file."""


_native_functions(globals(), _system(_path))
