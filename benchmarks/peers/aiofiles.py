"""aiofiles: a thread hop per operation."""

import os
from importlib import import_module
from operator import attrgetter
from typing import Any

from benchmarks.peers.handles import with_handles

aiofiles: Any = import_module("aiofiles")
aiofiles_os: Any = import_module("aiofiles.os")

DISTRIBUTION = "aiofiles"


async def read_file(path: str) -> bytes:
    async with aiofiles.open(path, "rb") as f:
        data: bytes = await f.read()
        return data


async def write_file(path: str, data: bytes) -> None:
    async with aiofiles.open(path, "wb") as f:
        await f.write(data)


async def count_tree(root: str) -> int:
    files, waiting = 0, [root]
    while waiting:
        for entry in await aiofiles_os.scandir(waiting.pop()):
            if entry.is_dir(follow_symlinks=False):
                waiting.append(os.fspath(entry))
            else:
                files += 1
    return files


async def walk_tree(root: str) -> tuple[int, int]:
    files = characters = 0
    waiting = [root]
    while waiting:
        for entry in await aiofiles_os.scandir(waiting.pop()):
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            else:
                files += 1
                characters += len(entry.path)
    return files, characters


async def first_path(root: str) -> str:
    entries = await aiofiles_os.scandir(root)
    return str(next(entries).path)


def imports() -> str:
    return "aiofiles"


OPERATIONS = {
    **with_handles(aiofiles.open),
    "read_file": read_file,
    "write_file": write_file,
    "stat": aiofiles_os.stat,
    "size_of": attrgetter("st_size"),
    "exists": aiofiles_os.path.exists,
    "count_tree": count_tree,
    "walk_tree": walk_tree,
    "first_path": first_path,
    "imports": imports,
}
