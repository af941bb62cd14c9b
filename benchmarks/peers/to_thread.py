"""`asyncio.to_thread` around the blocking standard library, one hop per operation."""

import asyncio
import os
from operator import attrgetter

from benchmarks.peers import Keep, sync

DISTRIBUTION = None


async def read_file(path: str) -> bytes:
    return await asyncio.to_thread(sync.read_file, path)


async def write_file(path: str, data: bytes) -> None:
    await asyncio.to_thread(sync.write_file, path, data)


async def stat(path: str) -> os.stat_result:
    return await asyncio.to_thread(os.stat, path)


async def exists(path: str) -> bool:
    return await asyncio.to_thread(os.path.exists, path)


async def read_chunks(path: str, size: int, keep: Keep = None) -> tuple[int, int]:
    chunks = total = 0
    with await asyncio.to_thread(open, path, "rb") as f:
        while chunk := await asyncio.to_thread(f.read, size):
            chunks += 1
            total += len(chunk)
            if keep:
                keep(chunk)
    return chunks, total


async def count_lines(path: str) -> tuple[int, str]:
    lines, last = 0, ""
    with await asyncio.to_thread(open, path, encoding="utf-8") as f:
        while line := await asyncio.to_thread(f.readline):
            lines, last = lines + 1, line
    return lines, last


async def list_lines(path: str) -> list[str]:
    with await asyncio.to_thread(open, path, encoding="utf-8") as f:
        lines = []
        while line := await asyncio.to_thread(f.readline):
            lines.append(line)
    return lines


async def write_pieces(path: str, piece: bytes, count: int) -> None:
    with await asyncio.to_thread(open, path, "wb") as f:
        for _ in range(count):
            await asyncio.to_thread(f.write, piece)


async def count_tree(root: str) -> int:
    return await asyncio.to_thread(sync.count_tree, root)


async def copy_tree(source: str, target: str) -> None:
    await asyncio.to_thread(sync.copy_tree, source, target)


async def noop() -> None:
    await asyncio.to_thread(_nothing)


def _nothing() -> None:
    """An empty operation."""


OPERATIONS = {
    "read_file": read_file,
    "open_read": read_file,
    "write_file": write_file,
    "stat": stat,
    "size_of": attrgetter("st_size"),
    "exists": exists,
    "read_chunks": read_chunks,
    "count_lines": count_lines,
    "list_lines": list_lines,
    "write_pieces": write_pieces,
    "count_tree": count_tree,
    "copy_tree": copy_tree,
    "noop": noop,
}
