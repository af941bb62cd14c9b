"""The earlier `rapfiles` 0.2.1; loaded only in its own environment's process."""

import sys
from importlib import import_module
from operator import attrgetter
from typing import Any

from benchmarks.peers import Keep

rapfiles: Any = import_module("rapfiles")
if not str(rapfiles.__file__).startswith(sys.prefix):
    raise ImportError("this is not the rapfiles of the environment of its own")

DISTRIBUTION = "rapfiles"


async def open_read(path: str) -> bytes:
    async with rapfiles.open(path, "rb") as f:
        data: bytes = await f.read()
        return data


async def read_chunks(path: str, size: int, keep: Keep = None) -> tuple[int, int]:
    chunks = total = 0
    async with rapfiles.open(path, "rb") as f:
        while chunk := await f.read(size):
            chunks += 1
            total += len(chunk)
            if keep:
                keep(chunk)
    return chunks, total


async def count_lines(path: str) -> tuple[int, str]:
    lines, last = 0, ""
    async with rapfiles.open(path, "r", encoding="utf-8") as f:
        while line := await f.readline():
            lines, last = lines + 1, line
    return lines, last


async def list_lines(path: str) -> list[str]:
    lines = []
    async with rapfiles.open(path, "r", encoding="utf-8") as f:
        while line := await f.readline():
            lines.append(line)
    return lines


async def write_pieces(path: str, piece: bytes, count: int) -> None:
    async with rapfiles.open(path, "wb") as f:
        for _ in range(count):
            await f.write(piece)


def imports() -> str:
    return "rapfiles"


OPERATIONS = {
    "read_file": rapfiles.read_file_bytes,
    "open_read": open_read,
    "write_file": rapfiles.write_file_bytes,
    "stat": rapfiles.stat,
    "size_of": attrgetter("size"),
    "exists": rapfiles.exists,
    "read_chunks": read_chunks,
    "count_lines": count_lines,
    "list_lines": list_lines,
    "write_pieces": write_pieces,
    "imports": imports,
}
