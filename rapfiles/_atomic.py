"""Files that change in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _rapfiles

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from .types import Durability, StrOrBytesPath


async def atomic_write_file(
    path: StrOrBytesPath,
    text: str,
    encoding: str = "utf-8",
    errors: str = "strict",
    *,
    durability: Durability = "full",
    mode: int | None = None,
    keep_owner: bool = False,
    keep_xattrs: bool = False,
    follow_symlinks: bool = True,
    overwrite: bool = True,
) -> int:
    """Makes or replaces a text file in one step.

    Who reads the file sees the old contents or the new, never a mixture and never nothing; so does
    who comes after a crash or a power cut. The text is written to a file beside the target, which
    nobody else may read and which takes its name at the end. After an error or a cancellation it
    is removed and everything is as it was. A write that has begun when it is cancelled is done to
    its end.

    ```python
    import rapfiles

    await rapfiles.atomic_write_file("config.json", '{"debug": true}')
    print(await rapfiles.read_file("config.json"))
    #> {"debug": true}
    ```

    Args:
        path: Which file. It must be a regular file, if it is there.
        text: What will be in it.
        encoding: How the text becomes bytes.
        errors: What happens with characters the encoding lacks, as for `str.encode`.
        durability: ``"full"`` returns when the new file is on the disk, under its name.
            ``"rename"`` doesn't wait for the name: after a power cut it is the old file or the new
            one. ``"none"`` waits for nothing: after a power cut the file may be empty, but never
            while the system runs.
        mode: The permissions, whatever the umask says. Without it a file keeps its own, and a new
            one gets the usual ones.
        keep_owner: Whether the file still belongs to the same user and group. It takes rights to
            give files away.
        keep_xattrs: Whether the file keeps its extended attributes and access control lists.
        follow_symlinks: Whether a symbolic link stays, and the file it leads to is written.
        overwrite: Whether the file may be there. If not, links are not followed either.

    Returns:
        The number of bytes written.

    Raises:
        FileExistsError: The file is there and may not be, even if it came at the last moment.
        IsADirectoryError: It is a directory.
        OSError: Any other error of the system, with errno and filename. ``EOPNOTSUPP``: it is a
            device or a FIFO. An error in writing the *directory* to the disk comes when
            the new file is in its place already.
        ValueError: ``durability`` or ``mode`` makes no sense.
    """
    given = durability, mode, keep_owner, keep_xattrs, follow_symlinks, overwrite
    return await _rapfiles.atomic_write_text(path, text, encoding, errors, given)


async def atomic_write_file_bytes(
    path: StrOrBytesPath,
    data: ReadableBuffer,
    *,
    durability: Durability = "full",
    mode: int | None = None,
    keep_owner: bool = False,
    keep_xattrs: bool = False,
    follow_symlinks: bool = True,
    overwrite: bool = True,
) -> int:
    """Makes or replaces a file in one step.

    It is to bytes what [`atomic_write_file`][rapfiles.atomic_write_file] is to text.

    ```python
    import rapfiles

    print(await rapfiles.atomic_write_file_bytes("data.bin", b"all of it", overwrite=True))
    #> 9
    ```

    Args:
        path: Which file.
        data: What will be in it.
        durability: What survives a power cut: ``"full"``, ``"rename"`` or ``"none"``.
        mode: The permissions; without it those there are, or the usual ones.
        keep_owner: Whether the file still belongs to the same user and group.
        keep_xattrs: Whether the file keeps its extended attributes.
        follow_symlinks: Whether a symbolic link stays, and the file it leads to is written.
        overwrite: Whether the file may be there.

    Returns:
        The number of bytes written.

    Raises:
        FileExistsError: The file is there and may not be.
        IsADirectoryError: It is a directory.
        OSError: Any other error of the system, with errno and filename.
        ValueError: ``durability`` or ``mode`` makes no sense.
    """
    given = durability, mode, keep_owner, keep_xattrs, follow_symlinks, overwrite
    return await _rapfiles.atomic_write_bytes(path, data, given)


async def atomic_move_file(
    src: StrOrBytesPath,
    dst: StrOrBytesPath,
    *,
    durability: Durability = "full",
    overwrite: bool = True,
) -> None:
    """Gives a file another name in one step, in place of what has that name.

    A symbolic link is moved as such, and one at ``dst`` is replaced. Both names are on the same
    filesystem: between two there is no such step, and [`move_file`][rapfiles.move_file] copies.

    ```python
    import rapfiles

    await rapfiles.atomic_move_file("notes.txt", "config.json")
    print(sorted(await rapfiles.os.listdir(".")))
    #> ['config.json', 'data.bin', 'server.log']
    ```

    Args:
        src: The file.
        dst: Its new name.
        durability: What survives a power cut: ``"full"``, the file under its new name;
            ``"rename"``, its contents, under one name or the other; ``"none"``, nothing is waited
            for.
        overwrite: Whether there may be a file of the new name.

    Raises:
        FileExistsError: There is a file of the new name, and may not be.
        FileNotFoundError: There is no such file, or no directory for it.
        IsADirectoryError: The new name is a directory's.
        OSError: Any other error of the system, with errno and both names. ``EXDEV``: they are on
            different filesystems.
        ValueError: ``durability`` makes no sense.
    """
    await _rapfiles.atomic_move(src, dst, durability, overwrite)
