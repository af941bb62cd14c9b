"""obstore: an object store over the local filesystem, Rust on Tokio through pyo3-async-runtimes.

It has no text handles: lines are left out. Its results are `obstore.Bytes`, compared as they are,
without a copy.
"""

from importlib import import_module
from operator import itemgetter
from typing import Any

from benchmarks.peers import Keep

obstore: Any = import_module("obstore")
_STORE: Any = import_module("obstore.store").LocalStore()

DISTRIBUTION = "obstore"


async def read_file(path: str) -> Any:
    found = await obstore.get_async(_STORE, path[1:])
    return await found.bytes_async()


async def open_read(path: str) -> Any:
    reader = await obstore.open_reader_async(_STORE, path[1:])
    return await reader.read()


async def write_file(path: str, data: bytes) -> None:
    await obstore.put_async(_STORE, path[1:], data)


async def stat(path: str) -> Any:
    return await obstore.head_async(_STORE, path[1:])


async def exists(path: str) -> bool:
    try:
        await obstore.head_async(_STORE, path[1:])
    except FileNotFoundError:
        return False
    return True


async def read_chunks(path: str, size: int, keep: Keep = None) -> tuple[int, int]:
    chunks = total = 0
    reader = await obstore.open_reader_async(_STORE, path[1:])
    while chunk := await reader.read(size):
        chunks += 1
        total += len(chunk)
        if keep:
            keep(chunk)
    return chunks, total


async def write_pieces(path: str, piece: bytes, count: int) -> None:
    async with obstore.open_writer_async(_STORE, path[1:]) as writer:
        for _ in range(count):
            await writer.write(piece)


def imports() -> str:
    return "obstore"


OPERATIONS = {
    "read_file": read_file,
    "open_read": open_read,
    "write_file": write_file,
    "stat": stat,
    "size_of": itemgetter("size"),
    "exists": exists,
    "read_chunks": read_chunks,
    "write_pieces": write_pieces,
    "imports": imports,
}
