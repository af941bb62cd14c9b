"""anyio: `anyio.Path` and `anyio.open_file`, on its asyncio backend."""

from importlib import import_module
from operator import attrgetter
from typing import Any

from benchmarks.peers import Keep

anyio: Any = import_module("anyio")

DISTRIBUTION = "anyio"


async def read_file(path: str) -> bytes:
    data: bytes = await anyio.Path(path).read_bytes()
    return data


async def open_read(path: str) -> bytes:
    async with await anyio.open_file(path, "rb") as f:
        data: bytes = await f.read()
        return data


async def write_file(path: str, data: bytes) -> None:
    await anyio.Path(path).write_bytes(data)


async def stat(path: str) -> Any:
    return await anyio.Path(path).stat()


async def exists(path: str) -> bool:
    found: bool = await anyio.Path(path).exists()
    return found


async def read_chunks(path: str, size: int, keep: Keep = None) -> tuple[int, int]:
    chunks = total = 0
    async with await anyio.open_file(path, "rb") as f:
        while chunk := await f.read(size):
            chunks += 1
            total += len(chunk)
            if keep:
                keep(chunk)
    return chunks, total


async def count_lines(path: str) -> tuple[int, str]:
    lines, line = 0, ""
    async with await anyio.open_file(path, encoding="utf-8") as f:
        async for line in f:  # noqa: B007 - the last line is part of the result
            lines += 1
    return lines, line


async def list_lines(path: str) -> list[str]:
    async with await anyio.open_file(path, encoding="utf-8") as f:
        return [line async for line in f]


async def write_pieces(path: str, piece: bytes, count: int) -> None:
    async with await anyio.open_file(path, "wb") as f:
        for _ in range(count):
            await f.write(piece)


async def count_tree(root: str) -> int:
    return sum([len(files) async for _, _, files in anyio.Path(root).walk()])


def imports() -> str:
    return "anyio"


OPERATIONS = {
    "read_file": read_file,
    "open_read": open_read,
    "write_file": write_file,
    "stat": stat,
    "size_of": attrgetter("st_size"),
    "exists": exists,
    "read_chunks": read_chunks,
    "count_lines": count_lines,
    "list_lines": list_lines,
    "write_pieces": write_pieces,
    "imports": imports,
    "count_tree": count_tree if hasattr(anyio.Path, "walk") else None,  # from Python 3.12
}
