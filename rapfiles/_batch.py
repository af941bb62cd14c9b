"""The same for many files at once, in one crossing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from . import _rapfiles
from ._long import carry, checked

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from ._rapfiles import FileMetadata
    from .types import Progress, StrOrBytesPath

_P = TypeVar("_P", bound="StrOrBytesPath")
_Q = TypeVar("_Q", bound="StrOrBytesPath")


def _manner(concurrency: int | None, on_error: str) -> tuple[int | None, bool]:
    if concurrency is not None and concurrency < 1:
        raise ValueError(f"concurrency must be at least 1, not {concurrency}")
    return concurrency, checked("on_error", on_error, "raise", "collect") == "collect"


def _pairs(given: Mapping[_P, _Q] | Iterable[tuple[_P, _Q]]) -> list[tuple[_P, _Q]]:
    return list(given.items() if isinstance(given, Mapping) else given)


@overload
async def read_files(
    paths: Iterable[_P],
    *,
    concurrency: int | None = None,
    on_error: Literal["raise"] = "raise",
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, bytes]]: ...
@overload
async def read_files(
    paths: Iterable[_P],
    *,
    concurrency: int | None = None,
    on_error: Literal["collect"],
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, bytes | OSError]]: ...
async def read_files(
    paths: Iterable[_P],
    *,
    concurrency: int | None = None,
    on_error: Literal["raise", "collect"] = "raise",
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, Any]]:
    """Reads many files.

    The memory is that of the contents, and 32 MiB more at times.

    Args:
        paths: The files. A path may be among them more than once.
        concurrency: How many threads work on them at most. By default as many as there are
            processors, and 16 where they wait for a disk.
        on_error: ``"raise"`` ends everything with the first error. With ``"collect"`` the error
            stands where the result of its file would.
        progress: Called now and then with the number of files done, that of all, and the bytes
            read. It may be asynchronous. An exception ends everything.
        timeout: Seconds after which no more is done.

    Returns:
        Each path, as it was given, with the contents of its file, in the same order.

    Raises:
        OSError: With ``"raise"``: the error of the first file that has one.
        TimeoutError: It took longer than ``timeout``.

    ```python
    import rapfiles

    for path, data in await rapfiles.read_files(["notes.txt", "config.json"]):
        print(path, len(data))
        #> notes.txt 44
        #> config.json 31
    ```
    """
    work = _rapfiles.read_files(list(paths), _manner(concurrency, on_error))
    return await carry(work, progress, timeout)


@overload
async def read_files_dict(
    paths: Iterable[_P],
    *,
    concurrency: int | None = None,
    on_error: Literal["raise"] = "raise",
    progress: Progress | None = None,
    timeout: float | None = None,
) -> dict[_P, bytes]: ...
@overload
async def read_files_dict(
    paths: Iterable[_P],
    *,
    concurrency: int | None = None,
    on_error: Literal["collect"],
    progress: Progress | None = None,
    timeout: float | None = None,
) -> dict[_P, bytes | OSError]: ...
async def read_files_dict(
    paths: Iterable[_P],
    *,
    concurrency: int | None = None,
    on_error: Literal["raise", "collect"] = "raise",
    progress: Progress | None = None,
    timeout: float | None = None,
) -> dict[_P, Any]:
    """Reads many files, into a dictionary. See `read_files`.

    Args:
        paths: The files.
        concurrency: How many threads work on them at most. By default as many as there are
            processors, and 16 where they wait for a disk.
        on_error: ``"raise"`` ends everything with the first error. With ``"collect"`` the error
            stands where the result of its file would.
        progress: Called now and then with the number of files done, that of all, and the bytes
            read. It may be asynchronous. An exception ends everything.
        timeout: Seconds after which no more is done.

    Returns:
        The contents of each file by its path, as it was given.

    Raises:
        OSError: With ``"raise"``: the error of the first file that has one.
        TimeoutError: It took longer than ``timeout``.

    ```python
    import rapfiles

    files = await rapfiles.read_files_dict(["notes.txt", "absent"], on_error="collect")
    print(len(files["notes.txt"]), files["absent"])
    #> 44 [Errno 2] No such file or directory: 'absent'
    ```
    """
    work = _rapfiles.read_files(list(paths), _manner(concurrency, on_error))
    return dict(await carry(work, progress, timeout))


@overload
async def write_files(
    files: Mapping[_P, str | ReadableBuffer] | Iterable[tuple[_P, str | ReadableBuffer]],
    *,
    concurrency: int | None = None,
    on_error: Literal["raise"] = "raise",
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, int]]: ...
@overload
async def write_files(
    files: Mapping[_P, str | ReadableBuffer] | Iterable[tuple[_P, str | ReadableBuffer]],
    *,
    concurrency: int | None = None,
    on_error: Literal["collect"],
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, int | OSError]]: ...
async def write_files(
    files: Mapping[_P, str | ReadableBuffer] | Iterable[tuple[_P, str | ReadableBuffer]],
    *,
    concurrency: int | None = None,
    on_error: Literal["raise", "collect"] = "raise",
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, Any]]:
    """Makes or replaces many files.

    What ends early, with an error, a timeout or because the task is cancelled, leaves whole files:
    those that were written by then.

    Args:
        files: A mapping of paths to contents, or pairs of them. Contents are text, which is written
            as UTF-8, or objects with bytes.
        concurrency: How many threads work on them at most. By default as many as there are
            processors, and 16 where they wait for a disk.
        on_error: ``"raise"`` ends everything with the first error. With ``"collect"`` the error
            stands where the result of its file would.
        progress: Called now and then with the number of files done, that of all, and the bytes
            written. It may be asynchronous. An exception ends everything.
        timeout: Seconds after which no more is done.

    Returns:
        Each path, as it was given, with the number of bytes written, in the same order.

    Raises:
        OSError: With ``"raise"``: the error of the first file that has one.
        TimeoutError: It took longer than ``timeout``.
        ValueError: Two contents for one path.

    ```python
    import rapfiles

    print(await rapfiles.write_files({"a.txt": "text", "b.bin": b"bytes"}))
    #> [('a.txt', 4), ('b.bin', 5)]
    ```
    """
    work = _rapfiles.write_files(_pairs(files), _manner(concurrency, on_error))
    return await carry(work, progress, timeout)


@overload
async def remove_files(
    paths: Iterable[_P],
    *,
    missing_ok: bool = False,
    concurrency: int | None = None,
    on_error: Literal["raise"] = "raise",
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, bool]]: ...
@overload
async def remove_files(
    paths: Iterable[_P],
    *,
    missing_ok: bool = False,
    concurrency: int | None = None,
    on_error: Literal["collect"],
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, bool | OSError]]: ...
async def remove_files(
    paths: Iterable[_P],
    *,
    missing_ok: bool = False,
    concurrency: int | None = None,
    on_error: Literal["raise", "collect"] = "raise",
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, Any]]:
    """Removes many files.

    Args:
        paths: The files. Of symbolic links, the links themselves.
        missing_ok: Whether it is no error if a file isn't there.
        concurrency: How many threads work on them at most. By default as many as there are
            processors, and 16 where they wait for a disk.
        on_error: ``"raise"`` ends everything with the first error. With ``"collect"`` the error
            stands where the result of its file would.
        progress: Called now and then with the number of files done, that of all, and the bytes
            moved, which is none. It may be asynchronous. An exception ends everything.
        timeout: Seconds after which no more is done.

    Returns:
        Each path, as it was given, and whether there was something to remove, in the same order.

    Raises:
        OSError: With ``"raise"``: the error of the first file that has one.
        TimeoutError: It took longer than ``timeout``.

    ```python
    import rapfiles

    print(await rapfiles.remove_files(["notes.txt", "absent"], missing_ok=True))
    #> [('notes.txt', True), ('absent', False)]
    ```
    """
    work = _rapfiles.remove_files(list(paths), _manner(concurrency, on_error), missing_ok)
    return await carry(work, progress, timeout)


@overload
async def stat_files(
    paths: Iterable[_P],
    *,
    follow_symlinks: bool = True,
    concurrency: int | None = None,
    on_error: Literal["raise"] = "raise",
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, FileMetadata]]: ...
@overload
async def stat_files(
    paths: Iterable[_P],
    *,
    follow_symlinks: bool = True,
    concurrency: int | None = None,
    on_error: Literal["collect"],
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, FileMetadata | OSError]]: ...
async def stat_files(
    paths: Iterable[_P],
    *,
    follow_symlinks: bool = True,
    concurrency: int | None = None,
    on_error: Literal["raise", "collect"] = "raise",
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, Any]]:
    """Asks for the metadata of many files.

    Args:
        paths: The files.
        follow_symlinks: Whether a symbolic link stands for what it leads to.
        concurrency: How many threads work on them at most. By default as many as there are
            processors, and 16 where they wait for a disk.
        on_error: ``"raise"`` ends everything with the first error. With ``"collect"`` the error
            stands where the result of its file would.
        progress: Called now and then with the number of files done, that of all, and the bytes
            moved, which is none. It may be asynchronous. An exception ends everything.
        timeout: Seconds after which no more is done.

    Returns:
        Each path, as it was given, with the metadata of its file, in the same order.

    Raises:
        OSError: With ``"raise"``: the error of the first file that has one.
        TimeoutError: It took longer than ``timeout``.

    ```python
    import rapfiles

    for path, status in await rapfiles.stat_files(["notes.txt", "data.bin"]):
        print(path, status.size)
        #> notes.txt 44
        #> data.bin 262144
    ```
    """
    work = _rapfiles.stat_files(list(paths), _manner(concurrency, on_error), follow_symlinks)
    return await carry(work, progress, timeout)


@overload
async def copy_files(
    pairs: Mapping[_Q, _P] | Iterable[tuple[_Q, _P]],
    *,
    overwrite: bool = True,
    follow_symlinks: bool = True,
    times: bool = False,
    xattrs: bool = False,
    concurrency: int | None = None,
    on_error: Literal["raise"] = "raise",
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, int]]: ...
@overload
async def copy_files(
    pairs: Mapping[_Q, _P] | Iterable[tuple[_Q, _P]],
    *,
    overwrite: bool = True,
    follow_symlinks: bool = True,
    times: bool = False,
    xattrs: bool = False,
    concurrency: int | None = None,
    on_error: Literal["collect"],
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, int | OSError]]: ...
async def copy_files(
    pairs: Mapping[_Q, _P] | Iterable[tuple[_Q, _P]],
    *,
    overwrite: bool = True,
    follow_symlinks: bool = True,
    times: bool = False,
    xattrs: bool = False,
    concurrency: int | None = None,
    on_error: Literal["raise", "collect"] = "raise",
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, Any]]:
    """Copies many files, each as `copy_file` does.

    What ends early, with an error, a timeout or because the task is cancelled, leaves whole copies:
    those that were finished by then. In which order they are copied is not defined.

    Args:
        pairs: Sources and targets: pairs of them, or a mapping.
        overwrite: Whether files that are there are replaced.
        follow_symlinks: As for `copy_file`.
        times: As for `copy_file`.
        xattrs: As for `copy_file`.
        concurrency: How many threads work on them at most. By default as many as there are
            processors, and 16 where they wait for a disk.
        on_error: ``"raise"`` ends everything with the first error. With ``"collect"`` the error
            stands where the result of its file would.
        progress: Called now and then with the number of files done, that of all, and the bytes
            copied. It may be asynchronous. An exception ends everything.
        timeout: Seconds after which no more is done.

    Returns:
        Each target, as it was given, with the number of bytes copied, in the same order.

    Raises:
        OSError: With ``"raise"``: the error of the first file that has one.
        TimeoutError: It took longer than ``timeout``.
        ValueError: Two copies would have the same path.

    ```python
    import rapfiles

    print(await rapfiles.copy_files([("notes.txt", "a.txt"), ("config.json", "b.json")]))
    #> [('a.txt', 44), ('b.json', 31)]
    ```
    """
    work = _rapfiles.copy_files(
        _pairs(pairs), _manner(concurrency, on_error), overwrite, follow_symlinks, times, xattrs
    )
    return await carry(work, progress, timeout)


@overload
async def move_files(
    pairs: Mapping[_Q, _P] | Iterable[tuple[_Q, _P]],
    *,
    overwrite: bool = True,
    concurrency: int | None = None,
    on_error: Literal["raise"] = "raise",
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, int]]: ...
@overload
async def move_files(
    pairs: Mapping[_Q, _P] | Iterable[tuple[_Q, _P]],
    *,
    overwrite: bool = True,
    concurrency: int | None = None,
    on_error: Literal["collect"],
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, int | OSError]]: ...
async def move_files(
    pairs: Mapping[_Q, _P] | Iterable[tuple[_Q, _P]],
    *,
    overwrite: bool = True,
    concurrency: int | None = None,
    on_error: Literal["raise", "collect"] = "raise",
    progress: Progress | None = None,
    timeout: float | None = None,
) -> list[tuple[_P, Any]]:
    """Moves many files, each as `move_file` does.

    What ends early, with an error, a timeout or because the task is cancelled, leaves each file at
    one end or the other. In which order they are moved is not defined: names that are exchanged, or
    passed on, are for `rename_files`.

    Args:
        pairs: Files and their new paths: pairs of them, or a mapping.
        overwrite: Whether files that are there are replaced.
        concurrency: How many threads work on them at most. By default as many as there are
            processors, and 16 where they wait for a disk.
        on_error: ``"raise"`` ends everything with the first error. With ``"collect"`` the error
            stands where the result of its file would.
        progress: Called now and then with the number of files done, that of all, and the bytes
            copied. It may be asynchronous. An exception ends everything.
        timeout: Seconds after which no more is done.

    Returns:
        Each new path, as it was given, with the number of bytes copied, which is 0 within a
        filesystem, in the same order.

    Raises:
        OSError: With ``"raise"``: the error of the first file that has one.
        TimeoutError: It took longer than ``timeout``.
        ValueError: Two files would have the same path.

    ```python
    import rapfiles

    await rapfiles.os.mkdir("archive")
    print(await rapfiles.move_files({"notes.txt": "archive/notes.txt"}))
    #> [('archive/notes.txt', 0)]
    ```
    """
    work = _rapfiles.move_files(_pairs(pairs), _manner(concurrency, on_error), overwrite)
    return await carry(work, progress, timeout)
