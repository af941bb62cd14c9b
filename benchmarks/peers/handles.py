"""What aiofiles' handle, and every handle made in its image, is used like.

The handle's library differs, the words don't: `async with open(…) as f`, `await f.read(n)`,
`async for line in f`, `await f.write(piece)`.
"""

from collections.abc import Callable
from typing import Any

from benchmarks.peers import Keep


def with_handles(opener: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    """The operations that go through a handle, by name, for the library of that `open`."""

    async def open_read(path: str) -> bytes:
        async with opener(path, "rb") as f:
            data: bytes = await f.read()
            return data

    async def read_chunks(path: str, size: int, keep: Keep = None) -> tuple[int, int]:
        chunks = total = 0
        async with opener(path, "rb") as f:
            while chunk := await f.read(size):
                chunks += 1
                total += len(chunk)
                if keep:
                    keep(chunk)
        return chunks, total

    async def count_lines(path: str) -> tuple[int, str]:
        lines, line = 0, ""
        async with opener(path, "r", encoding="utf-8") as f:
            async for line in f:  # noqa: B007 - the last line is part of the result
                lines += 1
        return lines, line

    async def list_lines(path: str) -> list[str]:
        async with opener(path, "r", encoding="utf-8") as f:
            return [line async for line in f]

    async def write_pieces(path: str, piece: bytes, count: int) -> None:
        async with opener(path, "wb") as f:
            for _ in range(count):
                await f.write(piece)

    return {
        "open_read": open_read,
        "read_chunks": read_chunks,
        "count_lines": count_lines,
        "list_lines": list_lines,
        "write_pieces": write_pieces,
    }
