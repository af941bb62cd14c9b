"""Copying and moving files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from . import _rapfiles
from ._long import carry, checked

if TYPE_CHECKING:
    from .types import Progress, StrOrBytesPath


async def copy_file(
    src: StrOrBytesPath,
    dst: StrOrBytesPath,
    *,
    overwrite: bool = True,
    follow_symlinks: bool = True,
    times: bool = False,
    xattrs: bool = False,
    durability: Literal["full", "rename"] = "rename",
    progress: Progress | None = None,
    timeout: float | None = None,
) -> int:
    """Copies a file, with its mode.

    Where the filesystem can do that, the copy shares the blocks of the original; otherwise the
    kernel copies, and where it can't either, the bytes are read and written. Holes stay holes.

    The copy has its name when it is whole. Until then it is a temporary file beside it, and what
    was at ``dst`` stays as it is; if the copy fails or is cancelled, nothing of it is left. So the
    directory of ``dst`` must be one that may be written to, and other hard links to what was there
    keep the old contents.

    Args:
        src: The file. FIFOs, devices and sockets are refused.
        dst: The path of the copy: not a directory that it is to be put in.
        overwrite: Whether a file that is there is replaced.
        follow_symlinks: Whether symbolic links are followed: the copy is one of the file that
            ``src`` leads to, and it is where ``dst`` leads to. Otherwise a link is copied as a
            link, and a link at ``dst`` is replaced.
        times: Whether the copy has the times of the original.
        xattrs: Whether it has its extended attributes, access control lists among them, as far as
            they are allowed where it is (Linux).
        durability: ``"full"`` returns when the copy and its name are on the disk. ``"rename"``
            leaves that to the system.
        progress: Called now and then with 0 or 1 files done, 1, and the bytes copied. It may be
            asynchronous. An exception ends the copy.
        timeout: Seconds after which it is given up.

    Returns:
        The number of bytes copied, without holes.

    Raises:
        shutil.SameFileError: Both are the same file. An `OSError`, with ``errno`` and both names.
        IsADirectoryError: One of them is a directory.
        FileExistsError: Something is at ``dst``, and ``overwrite`` is off.
        OSError: Something can't be read or written, or isn't a file.
        TimeoutError: It took longer than ``timeout``.

    ```python
    import rapfiles

    print(await rapfiles.copy_file("notes.txt", "copy.txt"))
    #> 44
    ```
    """
    full = checked("durability", durability, "full", "rename") == "full"
    work = _rapfiles.copy_file(src, dst, overwrite, follow_symlinks, times, xattrs, full)
    return await carry(work, progress, timeout)


async def move_file(
    src: StrOrBytesPath,
    dst: StrOrBytesPath,
    *,
    overwrite: bool = True,
    progress: Progress | None = None,
    timeout: float | None = None,
) -> None:
    """Gives a file another path.

    Within a filesystem it is renamed, whatever kind of file it is. To another one it is copied with
    mode, times, extended attributes and, where that is allowed, owner; when the copy is on the disk
    it gets its name, and the original is removed. If that can't be done, or is cancelled before,
    both ends are as they were. A symbolic link is moved itself.

    Args:
        src: The file.
        dst: Its new path: not a directory that it is to be put in.
        overwrite: Whether a file that is there is replaced.
        progress: Called now and then with 0 or 1 files done, 1, and the bytes copied. It may be
            asynchronous. An exception ends the move.
        timeout: Seconds after which it is given up.

    Raises:
        IsADirectoryError: One of them is a directory.
        FileExistsError: Something is at ``dst``, and ``overwrite`` is off.
        OSError: It can't be moved.
        TimeoutError: It took longer than ``timeout``.

    ```python
    import rapfiles

    await rapfiles.move_file("notes.txt", "archive.txt")
    print(await rapfiles.ospath.exists("notes.txt"), await rapfiles.read_file("archive.txt") != "")
    #> False True
    ```
    """
    await carry(_rapfiles.move_file(src, dst, overwrite), progress, timeout)
