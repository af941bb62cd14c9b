"""What can be set of a file besides its name and contents; and the room on its filesystem."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from . import _rapfiles
from ._native import native_functions
from .types import DiskUsage

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from .types import FileDescriptorOrPath, StrOrBytesPath, Text, When


async def set_permissions(path: StrOrBytesPath, mode: int, *, follow_symlinks: bool = True) -> None:
    """Sets who may do what with a file or directory.

    ```python
    import rapfiles

    await rapfiles.set_permissions("notes.txt", 0o640)
    print(oct((await rapfiles.stat("notes.txt")).mode))
    #> 0o100640
    ```

    Args:
        path: Its path.
        mode: The permissions, for instance ``0o644``; the ``mode`` of another file's metadata
            will do.
        follow_symlinks: Whether a symbolic link stands for what it leads to. On Linux links have
            no permissions of their own, and the system says so (``ENOTSUP``).

    Raises:
        PermissionError: The file is somebody else's.
        FileNotFoundError: There is nothing.
        ValueError: The mode is more than permissions.
    """


async def set_times(
    path: StrOrBytesPath,
    *,
    accessed: When | None = None,
    modified: When | None = None,
    accessed_ns: int | None = None,
    modified_ns: int | None = None,
    follow_symlinks: bool = True,
) -> None:
    """Sets when a file was last read and changed. What isn't given stays as it is.

    ```python
    from datetime import datetime, timezone

    import rapfiles

    await rapfiles.set_times("notes.txt", modified=datetime(2025, 3, 1, tzinfo=timezone.utc))
    print((await rapfiles.stat("notes.txt")).modified)
    #> 1740787200.0
    ```

    Args:
        path: The path of a file or directory.
        accessed: Seconds since 1970, a datetime or date (a local one, if it has no zone), or a
            text as [`find`][rapfiles.find] takes it: ``"now"``, ``"-1d"``, ``"2025-03-01"``.
        modified: As ``accessed``.
        accessed_ns: In nanoseconds instead, exactly as the ``accessed_ns`` of metadata.
        modified_ns: As ``accessed_ns``.
        follow_symlinks: Whether a symbolic link stands for what it leads to. Otherwise its own
            times are set.

    Raises:
        TypeError: No time is given, or one of them twice.
        ValueError: What is given is no time.
        PermissionError: The file is somebody else's.
        FileNotFoundError: There is nothing.
    """
    first = _moment("accessed", accessed, accessed_ns)
    second = _moment("modified", modified, modified_ns)
    if first is None and second is None:
        raise TypeError("set_times() needs a time: accessed, modified, accessed_ns or modified_ns")
    await _rapfiles.set_times(path, first, second, follow_symlinks)


def _moment(name: str, when: When | None, nanoseconds: int | None) -> int | None:
    """Of the two ways to give a time, the one that was chosen."""
    if when is None:
        return nanoseconds
    if nanoseconds is not None:
        raise TypeError(f"set_times() got both {name} and {name}_ns")
    from . import _when

    return _when.nanoseconds(name, when)


async def set_owner(
    path: StrOrBytesPath,
    uid: int | str | None = None,
    gid: int | str | None = None,
    *,
    follow_symlinks: bool = True,
) -> None:
    """Sets whose a file is. Giving files away is for root; one's own groups are open to everybody.

    ```python
    import os
    import rapfiles

    await rapfiles.set_owner("notes.txt", gid=os.getgid())
    print((await rapfiles.stat("notes.txt")).gid == os.getgid())
    #> True
    ```

    Args:
        path: The path of a file or directory.
        uid: A user's number or name. None, or -1, leaves the user as it is.
        gid: A group's number or name, as ``uid``.
        follow_symlinks: Whether a symbolic link stands for what it leads to.

    Raises:
        ValueError: There is no such user or group.
        PermissionError: It is not allowed.
        FileNotFoundError: There is nothing.
    """


async def disk_usage(path: FileDescriptorOrPath) -> DiskUsage:
    """Tells how much room there is on the filesystem that a path lies on, as `shutil.disk_usage`.

    ```python
    import rapfiles

    room = await rapfiles.disk_usage(".")
    print(room.total >= room.used, room.free >= 0)
    #> True True
    ```

    Args:
        path: A path or a descriptor.

    Returns:
        ``total``, ``used`` and ``free``, in bytes. Free is what is free for everybody; root may
        have some more.

    Raises:
        FileNotFoundError: There is nothing.
    """
    return DiskUsage(*await _rapfiles.disk_usage(path))


async def get_xattr(path: StrOrBytesPath, name: Text, *, follow_symlinks: bool = True) -> bytes:
    """Tells the value of an extended attribute.

    ```python
    import rapfiles

    await rapfiles.set_xattr("notes.txt", "user.origin", b"the attic")
    print(await rapfiles.get_xattr("notes.txt", "user.origin"))
    #> b'the attic'
    ```

    Args:
        path: The path of a file or directory.
        name: The attribute's name, with its class: ``"user.…"``, except for root.
        follow_symlinks: Whether a symbolic link stands for what it leads to.

    Returns:
        Its value.

    Raises:
        OSError: There is no such attribute (``ENODATA``), or the filesystem keeps none
            (``ENOTSUP``).
        FileNotFoundError: There is no such file.
    """


async def set_xattr(
    path: StrOrBytesPath,
    name: Text,
    value: ReadableBuffer,
    *,
    exist_ok: bool = True,
    follow_symlinks: bool = True,
) -> None:
    """Sets an extended attribute.

    ```python
    import rapfiles

    await rapfiles.set_xattr("notes.txt", "user.origin", b"the attic")
    print(await rapfiles.list_xattrs("notes.txt"))
    #> ['user.origin']
    ```

    Args:
        path: The path of a file or directory.
        name: The attribute's name, with its class: ``"user.…"``, except for root.
        value: Its value: on Linux 64 KiB at most, on some filesystems much less.
        exist_ok: Whether it may be there already, and is replaced.
        follow_symlinks: Whether a symbolic link stands for what it leads to.

    Raises:
        FileExistsError: It is there, and must not be.
        PermissionError: Links, devices and the like have no attributes of one's own.
        OSError: The filesystem keeps none (``ENOTSUP``), or has no room (``ENOSPC``, ``E2BIG``).
    """


async def list_xattrs(path: StrOrBytesPath, *, follow_symlinks: bool = True) -> list[str]:
    """Lists the names of the extended attributes of a file.

    ```python
    import rapfiles

    print(await rapfiles.list_xattrs("notes.txt"))
    #> []
    ```

    Args:
        path: The path of a file or directory.
        follow_symlinks: Whether a symbolic link stands for what it leads to.

    Returns:
        The names, in no order.

    Raises:
        FileNotFoundError: There is no such file.
        OSError: The filesystem keeps none (``ENOTSUP``).
    """


async def remove_xattr(path: StrOrBytesPath, name: Text, *, follow_symlinks: bool = True) -> None:
    """Removes an extended attribute.

    ```python
    import rapfiles

    await rapfiles.set_xattr("notes.txt", "user.origin", b"the attic")
    await rapfiles.remove_xattr("notes.txt", "user.origin")
    ```

    Args:
        path: The path of a file or directory.
        name: The attribute's name.
        follow_symlinks: Whether a symbolic link stands for what it leads to.

    Raises:
        OSError: There is no such attribute (``ENODATA``).
        FileNotFoundError: There is no such file.
    """


native_functions(globals(), partial(getattr, _rapfiles))
