"""The operations of the package on paths, each in a small directory of its own, and what it does.

Both sides of the errno sweep use this table: the child runs the operations while their system
calls fail, the test prepares the directories and looks at what has become of them.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import rapfiles
import rapfiles.os

BYTES = b"first line\nsecond line\n" * 100
TEXT = BYTES.decode()
# Everything that operations touch in their directory.
NAMES = ("", "file", "other", "full", "full/inner", "empty", "link", "new", "new/a", "new/a/b")

Operation = Callable[[Path], Awaitable[Any]]
Proof = Callable[[Path, Any], bool]
Case = tuple[Operation, Proof]


def prepare(directory: Path) -> None:
    """What every operation finds."""
    directory.mkdir()
    (directory / "file").write_bytes(BYTES)
    (directory / "other").write_bytes(b"other")
    (directory / "full").mkdir()
    (directory / "full/inner").write_bytes(BYTES)
    (directory / "empty").mkdir()
    (directory / "link").symlink_to("file")
    with suppress(OSError):
        os.setxattr(directory / "file", "user.x", b"value")


def returns(expected: Any) -> Proof:
    """It returned this."""
    return lambda _, value: bool(value == expected)


def contains(name: str, expected: bytes) -> Proof:
    """There is a file with these contents."""
    return lambda here, _: (here / name).read_bytes() == expected


def is_there(*names: str) -> Proof:
    """These are there."""
    return lambda here, _: all(os.path.lexists(here / name) for name in names)


def is_gone(*names: str) -> Proof:
    """These aren't."""
    return lambda here, _: not any(os.path.lexists(here / name) for name in names)


async def _read(here: Path) -> Any:
    async with rapfiles.open(here / "file", "rb") as file:
        return await file.read()


async def _read_raw(here: Path) -> Any:
    async with rapfiles.open(here / "file", "rb", buffering=0) as file:
        return await file.readall()


async def _read_lines(here: Path) -> Any:
    async with rapfiles.open(here / "file") as file:
        return "".join([line async for line in file])


async def _write(here: Path) -> None:
    async with rapfiles.open(here / "new", "wb") as file:
        await file.write(BYTES)


async def _append(here: Path) -> None:
    async with rapfiles.open(here / "other", "a") as file:
        await file.write(TEXT)


async def _resize(here: Path) -> None:
    async with rapfiles.open(here / "other", "r+b") as file:
        await file.truncate(2)


async def _chunked(here: Path) -> Any:
    return b"".join(await rapfiles.read_file_chunked(here / "file", chunk_size=700))


async def _lines(here: Path) -> Any:
    return await rapfiles.read_lines(here / "file")


async def _names(here: Path) -> Any:
    return sorted(await rapfiles.list_dir(here))


async def _entries(here: Path) -> Any:
    return sorted(entry.name for entry in await rapfiles.os.scandir(here))


async def _metadata(here: Path) -> Any:
    return (await rapfiles.stat(here / "link")).size


async def _blocking_names(here: Path) -> Any:
    return sorted(await rapfiles.os.listdir(here))


LISTED = sorted(name for name in NAMES[1:7] if "/" not in name)

CASES: dict[str, Case] = {
    # open
    "open_read": (_read, returns(BYTES)),
    "open_read_raw": (_read_raw, returns(BYTES)),
    "open_read_lines": (_read_lines, returns(TEXT)),
    "open_write": (_write, contains("new", BYTES)),
    "open_append": (_append, contains("other", b"other" + BYTES)),
    "open_truncate": (_resize, contains("other", b"ot")),
    # whole files and parts of them
    "read_file": (lambda here: rapfiles.read_file(here / "file"), returns(TEXT)),
    "read_file_bytes": (lambda here: rapfiles.read_file_bytes(here / "link"), returns(BYTES)),
    "read_file_chunked": (_chunked, returns(BYTES)),
    "read_lines": (_lines, returns(TEXT.splitlines())),
    "read_range": (lambda here: rapfiles.read_range(here / "file", 6, 4), returns(b"line")),
    "read_ranges": (
        lambda here: rapfiles.read_ranges(here / "file", [(0, 5), (2_000, 5)]),
        returns([BYTES[:5], BYTES[2_000:2_005]]),
    ),
    "write_file": (lambda here: rapfiles.write_file(here / "new", TEXT), contains("new", BYTES)),
    "write_file_bytes": (
        lambda here: rapfiles.write_file_bytes(here / "other", BYTES),
        contains("other", BYTES),
    ),
    "append_file": (
        lambda here: rapfiles.append_file(here / "other", BYTES),
        contains("other", b"other" + BYTES),
    ),
    "write_file_chunked": (
        lambda here: rapfiles.write_file_chunked(here / "new", [BYTES, BYTES]),
        contains("new", BYTES * 2),
    ),
    # single paths
    "exists": (lambda here: rapfiles.exists(here / "file"), returns(True)),
    "is_file": (lambda here: rapfiles.is_file(here / "link"), returns(True)),
    "is_dir": (lambda here: rapfiles.is_dir(here / "full"), returns(True)),
    "is_symlink": (lambda here: rapfiles.is_symlink(here / "link"), returns(True)),
    "stat": (_metadata, returns(len(BYTES))),
    "list_dir": (_names, returns(LISTED)),
    "create_dir": (lambda here: rapfiles.create_dir(here / "new"), is_there("new")),
    "create_dir_all": (lambda here: rapfiles.create_dir_all(here / "new/a/b"), is_there("new/a/b")),
    "remove_dir": (lambda here: rapfiles.remove_dir(here / "empty"), is_gone("empty")),
    "remove_file": (lambda here: rapfiles.remove_file(here / "file"), is_gone("file")),
    "rename": (lambda here: rapfiles.rename(here / "file", here / "new"), contains("new", BYTES)),
    "rename_new": (
        lambda here: rapfiles.rename(here / "file", here / "new", overwrite=False),
        contains("new", BYTES),
    ),
    "replace": (
        lambda here: rapfiles.replace(here / "file", here / "other"),
        contains("other", BYTES),
    ),
    "exchange": (
        lambda here: rapfiles.exchange(here / "file", here / "other"),
        contains("file", b"other"),
    ),
    "hard_link": (
        lambda here: rapfiles.hard_link(here / "file", here / "new"),
        contains("new", BYTES),
    ),
    "symlink": (lambda here: rapfiles.symlink("file", here / "new"), contains("new", BYTES)),
    "read_link": (lambda here: rapfiles.read_link(here / "link"), returns("file")),
    "canonicalize": (
        lambda here: rapfiles.canonicalize(here / "link"),
        lambda here, value: bool(value == os.path.realpath(here / "file")),
    ),
    "truncate": (lambda here: rapfiles.truncate(here / "file", 5), contains("file", BYTES[:5])),
    "touch": (lambda here: rapfiles.touch(here / "file"), contains("file", BYTES)),
    "touch_new": (lambda here: rapfiles.touch(here / "new"), contains("new", b"")),
    "set_permissions": (
        lambda here: rapfiles.set_permissions(here / "file", 0o600),
        lambda here, _: (here / "file").stat().st_mode & 0o777 == 0o600,
    ),
    "set_times": (
        lambda here: rapfiles.set_times(here / "file", modified=1),
        lambda here, _: (here / "file").stat().st_mtime == 1,
    ),
    "set_owner": (lambda here: rapfiles.set_owner(here / "file", os.getuid()), is_there("file")),
    "disk_usage": (lambda here: rapfiles.disk_usage(here), lambda _, value: value[0] > 0),
    "get_xattr": (lambda here: rapfiles.get_xattr(here / "file", "user.x"), returns(b"value")),
    "set_xattr": (
        lambda here: rapfiles.set_xattr(here / "file", "user.y", b"more"),
        lambda here, _: os.getxattr(here / "file", "user.y") == b"more",
    ),
    "list_xattrs": (lambda here: rapfiles.list_xattrs(here / "file"), returns(["user.x"])),
    "remove_xattr": (
        lambda here: rapfiles.remove_xattr(here / "file", "user.x"),
        lambda here, _: not os.listxattr(here / "file"),
    ),
    # copies
    "copy_file": (
        lambda here: rapfiles.copy_file(here / "file", here / "new"),
        contains("new", BYTES),
    ),
    "move_file": (
        lambda here: rapfiles.move_file(here / "file", here / "new"),
        lambda here, _: (here / "new").read_bytes() == BYTES and not (here / "file").exists(),
    ),
    # atomic writes
    "atomic_write_file": (
        lambda here: rapfiles.atomic_write_file(here / "other", TEXT),
        contains("other", BYTES),
    ),
    "atomic_move_file": (
        lambda here: rapfiles.atomic_move_file(here / "file", here / "other"),
        contains("other", BYTES),
    ),
    # rapfiles.os
    "os_stat": (lambda here: rapfiles.os.stat(here / "file"), lambda _, value: value.st_size > 0),
    "os_getsize": (lambda here: rapfiles.os.path.getsize(here / "file"), returns(len(BYTES))),
    "os_listdir": (_blocking_names, returns(LISTED)),
    "os_scandir": (_entries, returns(LISTED)),
    "os_mkdir": (lambda here: rapfiles.os.mkdir(here / "new"), is_there("new")),
    "os_makedirs": (lambda here: rapfiles.os.makedirs(here / "new/a/b"), is_there("new/a/b")),
    "os_rmdir": (lambda here: rapfiles.os.rmdir(here / "empty"), is_gone("empty")),
    "os_remove": (lambda here: rapfiles.os.remove(here / "file"), is_gone("file")),
    "os_rename": (
        lambda here: rapfiles.os.rename(here / "file", here / "new"),
        contains("new", BYTES),
    ),
    "os_link": (lambda here: rapfiles.os.link(here / "file", here / "new"), is_there("new")),
    "os_symlink": (lambda here: rapfiles.os.symlink("file", here / "new"), is_there("new")),
    "os_readlink": (lambda here: rapfiles.os.readlink(here / "link"), returns("file")),
    "os_statvfs": (lambda here: rapfiles.os.statvfs(here), lambda _, value: value.f_blocks > 0),
}


def directories(root: Path, rounds: int) -> Iterable[tuple[str, Path]]:
    """Each operation's name and directory, as often as it is run."""
    return [(name, root / f"{name}-{turn}") for turn in range(rounds) for name in CASES]
