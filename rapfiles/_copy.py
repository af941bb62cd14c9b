"""Copying and moving files, and directories with all that is in them; removing these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from . import _rapfiles
from ._long import carry, checked

if TYPE_CHECKING:
    from .types import Progress, StrOrBytesPath


@dataclass(frozen=True)
class TreeReport:
    """What was done to a directory and all that was in it."""

    files: int
    """Files, links and whatever else isn't a directory."""
    directories: int
    """Directories, the outermost one included."""
    bytes: int
    """Bytes that were copied."""
    errors: tuple[OSError, ...]
    """What went wrong, with ``on_error="collect"``."""


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


async def copy_dir(
    src: StrOrBytesPath,
    dst: StrOrBytesPath,
    *,
    overwrite: bool = False,
    follow_symlinks: bool = False,
    times: bool = True,
    xattrs: bool = False,
    on_error: Literal["raise", "collect"] = "raise",
    concurrency: int | None = None,
    progress: Progress | None = None,
    timeout: float | None = None,
) -> TreeReport:
    """Copies a directory with all that is in it.

    Files and directories keep their modes; each file is copied as by `copy_file`. Several threads
    work on it, directory by directory, through open directories: whatever is renamed meanwhile, no
    file is written anywhere else. A directory gets its mode and times when all in it is done;
    before that nobody else can look into it. What is cancelled or fails leaves whole files only.

    Args:
        src: The directory.
        dst: The path of the copy. Directories above it are made where they are missing.
        overwrite: Whether directories that are there are added to, and files in them replaced.
            Otherwise it is an error that ``dst`` is there.
        follow_symlinks: Whether links in the tree are followed, and what they lead to is copied.
            Otherwise links are copied as links.
        times: Whether copies have the times of the originals.
        xattrs: Whether they have their extended attributes (Linux).
        on_error: ``"raise"`` ends everything with the first error. ``"collect"`` leaves out what
            can't be copied and tells why in the report.
        concurrency: How many threads work on it.
        progress: Called now and then with the number of files and directories done, that of all
            found by then, and the bytes copied. It may be asynchronous. An exception ends the copy.
        timeout: Seconds after which it is given up.

    Raises:
        FileExistsError: ``dst`` is there, and ``overwrite`` is off.
        ValueError: ``dst`` is ``src``, or in it. Nothing has been done then.
        OSError: Something can't be read or written. FIFOs, devices and sockets can't be copied.
        TimeoutError: It took longer than ``timeout``.

    ```python
    import rapfiles

    await rapfiles.os.makedirs("site/pages")
    await rapfiles.write_file("site/pages/index.html", "<p>")
    report = await rapfiles.copy_dir("site", "backup/site")
    print(report)
    #> TreeReport(files=1, directories=2, bytes=3, errors=())
    ```
    """
    collect = checked("on_error", on_error, "raise", "collect") == "collect"
    _check_concurrency(concurrency)
    work = _rapfiles.copy_dir(
        src, dst, overwrite, follow_symlinks, times, xattrs, collect, concurrency
    )
    return _report(await carry(work, progress, timeout))


async def move_dir(
    src: StrOrBytesPath,
    dst: StrOrBytesPath,
    *,
    concurrency: int | None = None,
    progress: Progress | None = None,
    timeout: float | None = None,
) -> None:
    """Gives a directory another path.

    Within a filesystem it is renamed. To another one it is copied with modes, times, extended
    attributes and, where that is allowed, owners, under a temporary name; when all of it is on the
    disk the copy gets its name and the original loses its own. Whatever fails or is cancelled
    before that leaves the original as it is, and nothing of the copy. After that the original is
    removed, also if the move is cancelled meanwhile.

    Args:
        src: The directory. A link to one is none.
        dst: Its new path, where nothing must be. The directory it is to be in must be there.
        concurrency: How many threads work on it.
        progress: As for `copy_dir`.
        timeout: Seconds after which it is given up.

    Raises:
        FileExistsError: Something is at ``dst``.
        ValueError: ``dst`` is ``src``, or in it. Nothing has been done then.
        OSError: It can't be moved.
        TimeoutError: It took longer than ``timeout``.

    ```python
    import rapfiles

    await rapfiles.os.makedirs("site/pages")
    await rapfiles.move_dir("site", "old-site")
    print(await rapfiles.os.listdir("old-site"))
    #> ['pages']
    ```
    """
    _check_concurrency(concurrency)
    await carry(_rapfiles.move_dir(src, dst, concurrency), progress, timeout)


async def remove_dir_all(
    path: StrOrBytesPath,
    *,
    missing_ok: bool = False,
    on_error: Literal["raise", "collect"] = "raise",
    concurrency: int | None = None,
    progress: Progress | None = None,
    timeout: float | None = None,
) -> TreeReport:
    """Removes a directory with all that is in it.

    Links are removed and never followed. That holds for races too: each name is removed from a
    directory that is open, so that a directory that somebody replaces by a link leads nowhere.

    Args:
        path: The directory. A link to one is none. The root, ``.`` and ``..`` are refused.
        missing_ok: Whether it may be gone already.
        on_error: ``"raise"`` ends everything with the first error. ``"collect"`` removes what can
            be removed and tells in the report why the rest can't.
        concurrency: How many threads work on it.
        progress: As for `copy_dir`.
        timeout: Seconds after which it is given up.

    Raises:
        FileNotFoundError: It isn't there.
        NotADirectoryError: It is no directory.
        OSError: Something can't be removed.
        TimeoutError: It took longer than ``timeout``.

    ```python
    import rapfiles

    await rapfiles.os.makedirs("build/objects")
    await rapfiles.write_file("build/objects/a.o", "...")
    report = await rapfiles.remove_dir_all("build")
    print(report.files, report.directories)
    #> 1 2
    ```
    """
    collect = checked("on_error", on_error, "raise", "collect") == "collect"
    _check_concurrency(concurrency)
    work = _rapfiles.remove_dir_all(path, missing_ok, collect, concurrency)
    return _report(await carry(work, progress, timeout))


def _report(done: tuple[int, int, int, list[OSError]]) -> TreeReport:
    files, directories, size, errors = done
    return TreeReport(files, directories, size, tuple(errors))


def _check_concurrency(concurrency: int | None) -> None:
    if concurrency is not None and concurrency < 1:
        raise ValueError(f"concurrency must be at least 1: {concurrency}")
