"""aiofile: kernel AIO or threads through caio, by `async_open`."""

from importlib import import_module
from typing import Any

from benchmarks.peers.handles import with_handles

aiofile: Any = import_module("aiofile")

DISTRIBUTION = "aiofile"


async def read_file(path: str) -> bytes:
    async with aiofile.async_open(path, "rb") as f:
        data: bytes = await f.read()
        return data


async def write_file(path: str, data: bytes) -> None:
    async with aiofile.async_open(path, "wb") as f:
        await f.write(data)


def imports() -> str:
    return "aiofile"


OPERATIONS = {
    **with_handles(aiofile.async_open),
    "read_file": read_file,
    "write_file": write_file,
    "imports": imports,
}
