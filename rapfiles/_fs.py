"""What is done to single paths: looking, making, renaming, removing."""

from __future__ import annotations

from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, AnyStr

from . import _rapfiles
from ._native import native_functions

if TYPE_CHECKING:
    from ._rapfiles import FileMetadata
    from .types import FileDescriptorOrPath, StrOrBytesPath


async def exists(path: FileDescriptorOrPath, *, follow_symlinks: bool = True) -> bool:
    """Tells whether a path leads somewhere: at once, if the kernel has that in memory.

    ```python
    import rapfiles

    print(await rapfiles.exists("notes.txt"), await rapfiles.exists("absent.txt"))
    #> True False
    ```

    Args:
        path: A path or a descriptor.
        follow_symlinks: Whether a symbolic link stands for what it leads to. One that leads
            nowhere doesn't exist then.

    Returns:
        False only if it is known that there is nothing.

    Raises:
        OSError: It can't be known, for instance because a directory on the way may not be
            searched (`PermissionError`). `rapfiles.os.path.exists` says False then.
    """


async def is_file(path: FileDescriptorOrPath, *, follow_symlinks: bool = True) -> bool:
    """Tells whether a path leads to a regular file.

    ```python
    import rapfiles

    print(await rapfiles.is_file("notes.txt"), await rapfiles.is_file("."))
    #> True False
    ```

    Args:
        path: A path or a descriptor.
        follow_symlinks: Whether a symbolic link stands for what it leads to.

    Returns:
        False too if there is nothing.

    Raises:
        OSError: It can't be known; see [`exists`][rapfiles.exists].
    """


async def is_dir(path: FileDescriptorOrPath, *, follow_symlinks: bool = True) -> bool:
    """Tells whether a path leads to a directory.

    ```python
    import rapfiles

    print(await rapfiles.is_dir("notes.txt"), await rapfiles.is_dir("."))
    #> False True
    ```

    Args:
        path: A path or a descriptor.
        follow_symlinks: Whether a symbolic link stands for what it leads to.

    Returns:
        False too if there is nothing.

    Raises:
        OSError: It can't be known; see [`exists`][rapfiles.exists].
    """


async def is_symlink(path: StrOrBytesPath) -> bool:
    """Tells whether a path is a symbolic link, wherever that leads.

    ```python
    import rapfiles

    await rapfiles.symlink("absent.txt", "link")
    print(await rapfiles.is_symlink("link"), await rapfiles.is_symlink("notes.txt"))
    #> True False
    ```

    Args:
        path: The path.

    Returns:
        False too if there is nothing.

    Raises:
        OSError: It can't be known; see [`exists`][rapfiles.exists].
    """


async def stat(path: FileDescriptorOrPath, *, follow_symlinks: bool = True) -> FileMetadata:
    """Tells the metadata of a file: at once, if the kernel has them in memory.

    ```python
    import rapfiles

    status = await rapfiles.stat("notes.txt")
    print(status.size, status.is_file, status.nlink)
    #> 44 True 1
    ```

    Args:
        path: A path or a descriptor.
        follow_symlinks: Whether a symbolic link stands for what it leads to.

    Returns:
        The metadata, also under the names of `os.stat_result`.

    Raises:
        FileNotFoundError: There is nothing.
        OSError: The system's other errors.
    """


async def metadata(path: FileDescriptorOrPath, *, follow_symlinks: bool = True) -> FileMetadata:
    """Tells the metadata of a file: [`stat`][rapfiles.stat] by another name.

    ```python
    import rapfiles

    print((await rapfiles.metadata("data.bin")).size)
    #> 262144
    ```

    Args:
        path: A path or a descriptor.
        follow_symlinks: Whether a symbolic link stands for what it leads to.

    Returns:
        The metadata.

    Raises:
        FileNotFoundError: There is nothing.
        OSError: The system's other errors.
    """


async def create_dir(path: StrOrBytesPath, mode: int = 0o777, exist_ok: bool = False) -> None:
    """Makes a directory.

    ```python
    import rapfiles

    await rapfiles.create_dir("reports")
    print(await rapfiles.list_dir("reports"))
    #> []
    ```

    Args:
        path: Its path; the directory above it is there.
        mode: Its permissions, less those that the umask takes away.
        exist_ok: Whether a directory that is there already will do.

    Raises:
        FileExistsError: There is something of that name.
        FileNotFoundError: The directory above isn't there.
    """


async def create_dir_all(path: StrOrBytesPath, mode: int = 0o777, exist_ok: bool = True) -> None:
    """Makes a directory and those above it that aren't there.

    ```python
    import rapfiles

    await rapfiles.create_dir_all("reports/2025/spring")
    print(await rapfiles.is_dir("reports/2025/spring"))
    #> True
    ```

    Args:
        path: Its path.
        mode: Its permissions, less those that the umask takes away; directories above it get the
            usual ones.
        exist_ok: Whether a directory that is there already will do.

    Raises:
        FileExistsError: There is something of that name: not a directory, or with ``exist_ok``
            off.
        NotADirectoryError: Something on the way is no directory.
    """


async def remove_dir(path: StrOrBytesPath, missing_ok: bool = False) -> None:
    """Removes an empty directory.

    ```python
    import rapfiles

    await rapfiles.create_dir("reports")
    await rapfiles.remove_dir("reports")
    ```

    Args:
        path: Its path.
        missing_ok: Whether it is fine if it isn't there.

    Raises:
        FileNotFoundError: It isn't there.
        NotADirectoryError: It is something else.
        OSError: It isn't empty (``ENOTEMPTY``).
    """


async def list_dir(path: AnyStr | PathLike[AnyStr]) -> list[AnyStr]:
    """Lists the names in a directory, without ``.`` and ``..``.

    ```python
    import rapfiles

    print(sorted(await rapfiles.list_dir(".")))
    #> ['config.json', 'data.bin', 'notes.txt', 'server.log']
    ```

    Args:
        path: The directory.

    Returns:
        The names in the directory's own order, which is none; bytes if the path was bytes. All
        are in memory at once: for very large directories there is
        [`scan_dir`][rapfiles.scan_dir].

    Raises:
        FileNotFoundError: It isn't there.
        NotADirectoryError: It is something else.
    """


async def rename(source: StrOrBytesPath, target: StrOrBytesPath, *, overwrite: bool = True) -> None:
    """Gives a file or directory another name within its filesystem, in one step.

    ```python
    import rapfiles

    await rapfiles.rename("notes.txt", "old.txt")
    try:
        await rapfiles.rename("config.json", "old.txt", overwrite=False)
    except FileExistsError as error:
        print(error.filename, error.filename2)
        #> config.json old.txt
    ```

    Args:
        source: The path it has.
        target: The path it gets.
        overwrite: Whether a file, or an empty directory in the case of a directory, that has
            that name is replaced. Without, the kernel itself sees to it; some network
            filesystems can't (``EINVAL``).

    Raises:
        FileNotFoundError: There is nothing, or no directory for the new name.
        FileExistsError: The name is taken, and must not be overwritten.
        OSError: The system's other errors; ``EXDEV`` if the new name is on another filesystem.
    """


async def replace(source: StrOrBytesPath, target: StrOrBytesPath) -> None:
    """Gives a file or directory another name; what has that name is replaced.

    As [`rename`][rapfiles.rename] with ``overwrite``, for those who like to see it said.

    ```python
    import rapfiles

    await rapfiles.replace("notes.txt", "config.json")
    print(len(await rapfiles.read_file("config.json")))
    #> 42
    ```

    Args:
        source: The path it has.
        target: The path it gets.

    Raises:
        FileNotFoundError: There is nothing, or no directory for the new name.
        OSError: The system's other errors; ``EXDEV`` if the new name is on another filesystem.
    """


async def exchange(first: StrOrBytesPath, second: StrOrBytesPath) -> None:
    """Lets two names change places, in one step: nobody ever sees only one of them.

    ```python
    import rapfiles

    await rapfiles.write_file("new.json", "{}")
    await rapfiles.exchange("new.json", "config.json")
    print(await rapfiles.read_file("config.json"))
    #> {}
    ```

    They may be of different kinds: a directory can change places with a symbolic link.

    Args:
        first: One of them.
        second: The other.

    Raises:
        FileNotFoundError: One isn't there.
        OSError: The system's other errors; ``EXDEV`` if they are on two filesystems, ``EINVAL``
            if theirs can't do that.
    """


async def remove_file(path: StrOrBytesPath, missing_ok: bool = False) -> None:
    """Removes a file, or a symbolic link itself.

    ```python
    import rapfiles

    await rapfiles.remove_file("notes.txt")
    await rapfiles.remove_file("notes.txt", missing_ok=True)
    ```

    Args:
        path: Its path.
        missing_ok: Whether it is fine if it isn't there.

    Raises:
        FileNotFoundError: It isn't there.
        IsADirectoryError: It is a directory.
    """


async def hard_link(
    original: StrOrBytesPath, link: StrOrBytesPath, *, follow_symlinks: bool = False
) -> None:
    """Gives a file another name: a hard link.

    ```python
    import rapfiles

    await rapfiles.hard_link("notes.txt", "also.txt")
    print((await rapfiles.stat("notes.txt")).nlink)
    #> 2
    ```

    Args:
        original: A name that it has.
        link: The name that it gets besides.
        follow_symlinks: Whether a symbolic link stands for what it leads to. Otherwise it gets
            the other name itself.

    Raises:
        FileNotFoundError: There is nothing, or no directory for the new name.
        FileExistsError: The new name is taken.
        OSError: The system's other errors; ``EXDEV`` if the new name is on another filesystem.
    """


async def symlink(original: StrOrBytesPath, link: StrOrBytesPath) -> None:
    """Makes a symbolic link.

    ```python
    import rapfiles

    await rapfiles.symlink("notes.txt", "link")
    print(await rapfiles.read_link("link"))
    #> notes.txt
    ```

    Args:
        original: What the link says, which need not be there; relative to the link's directory.
        link: The link's path.

    Raises:
        FileExistsError: There is something of that name.
        FileNotFoundError: The directory above isn't there.
    """


async def read_link(path: AnyStr | PathLike[AnyStr]) -> AnyStr:
    """Tells what a symbolic link says.

    ```python
    import rapfiles

    await rapfiles.symlink("../elsewhere", "link")
    print(await rapfiles.read_link("link"))
    #> ../elsewhere
    ```

    Args:
        path: The link's path.

    Returns:
        The path, which need not lead anywhere; bytes if the link's was bytes.

    Raises:
        FileNotFoundError: There is nothing.
        OSError: It is no symbolic link (``EINVAL``).
    """


async def canonicalize(path: AnyStr | PathLike[AnyStr]) -> AnyStr:
    """Tells the path from the root of what is there, with no link, ``.`` or ``..`` in it.

    ```python
    import os
    import rapfiles

    await rapfiles.symlink("notes.txt", "link")
    print(os.path.basename(await rapfiles.canonicalize("./link")))
    #> notes.txt
    ```

    Args:
        path: A path that leads somewhere.

    Returns:
        The path; bytes if the other was bytes.

    Raises:
        FileNotFoundError: It leads nowhere.
        OSError: The system's other errors; ``ELOOP`` if links lead in a circle.
    """


async def truncate(path: StrOrBytesPath, size: int) -> None:
    """Sets the size of a file.

    ```python
    import rapfiles

    await rapfiles.truncate("notes.txt", 10)
    print(await rapfiles.read_file("notes.txt"))
    #> first line
    ```

    Args:
        path: A file that is there.
        size: How many bytes it has afterwards. What it gains are zeros, which take no room.

    Raises:
        ValueError: The size is negative.
        FileNotFoundError: There is nothing.
        IsADirectoryError: It is a directory.
        OSError: The system's other errors; ``EFBIG`` if the filesystem has no room for such
            sizes.
    """


async def touch(path: StrOrBytesPath, mode: int = 0o666, exist_ok: bool = True) -> None:
    """Makes an empty file, or sets the times of one that is there to now.

    ```python
    import rapfiles

    await rapfiles.touch("ready")
    print((await rapfiles.stat("ready")).size)
    #> 0
    ```

    Args:
        path: Its path.
        mode: The permissions of a new file, less those that the umask takes away.
        exist_ok: Whether it may be there.

    Raises:
        FileExistsError: There is something, and must not be.
        FileNotFoundError: The directory above isn't there.
    """


native_functions(globals(), partial(getattr, _rapfiles))
