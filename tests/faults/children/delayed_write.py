"""Writes, closes, looks: `delayed_write.py <loop> <how> <path>`; every byte must be in the file."""

import os
import sys
from collections.abc import Awaitable, Callable

import rapfiles
from faults.tools.child import report, runner


async def handle(path: str) -> int:
    async with rapfiles.open(path, "wb") as file:
        await file.write(bytes(100))
        await file.write(bytes(100_000))
        await file.write(bytes(100))
    return 100_200


async def unbuffered(path: str) -> int:
    async with rapfiles.open(path, "wb", buffering=0) as file:
        await file.write(bytes(100))
        await file.write(bytes(100))
    return 200


async def text(path: str) -> int:
    async with rapfiles.open(path, "w") as file:
        await file.write("line\n" * 10)
    return 50


async def whole(path: str) -> int:
    await rapfiles.write_file_bytes(path, bytes(5000))
    return 5000


async def flush(path: str) -> int:
    file = await rapfiles.open(path, "wb")
    await file.write(bytes(100))
    await file.flush()
    assert os.stat(path).st_size == 100
    await file.write(bytes(50))
    await file.close()
    return 150


HOWS: dict[str, Callable[[str], Awaitable[int]]] = {
    how.__name__: how for how in (handle, unbuffered, text, whole, flush)
}


async def main(how: str, path: str) -> None:
    expected = await HOWS[how](path)
    assert os.stat(path).st_size == expected, os.stat(path).st_size
    report(size=expected)


runner(sys.argv[1])(main(sys.argv[2], sys.argv[3]))
