"""Writes past RLIMIT_FSIZE: `size_limit.py <how> <path>`; a write is cut short, the next fails.

What fits is in the file, the rest is told, once.
"""

import asyncio
import errno
import resource
import sys
from typing import Any

import rapfiles
from faults.tools.limits import soft_limit

LIMIT = 100_001
DATA = bytes(range(256)) * 4000


async def write(how: str, path: str) -> None:
    if how == "whole":
        await rapfiles.write_file_bytes(path, DATA)
        return
    ways: dict[str, tuple[str, Any, dict[str, Any]]] = {
        "handle": ("wb", DATA, {}),
        "unbuffered": ("wb", DATA, {"buffering": 0}),
        "text": ("w", DATA.decode("latin-1"), {"encoding": "latin-1", "newline": ""}),
    }
    mode, data, options = ways[how]
    file: Any = await rapfiles.open(path, mode, **options)
    try:
        if how == "unbuffered":
            assert await file.write(data) == LIMIT  # a raw write may be short, and says so
            await file.write(data)
        else:
            await file.write(data)
    except BaseException:
        await file.close()
        raise
    await file.close()


async def main(how: str, path: str) -> None:
    with soft_limit(resource.RLIMIT_FSIZE, LIMIT):
        told = None
        try:
            await write(how, path)
        except OSError as error:
            told = error
    assert told is not None, "the limit was not told"
    assert (told.errno, told.filename) == (errno.EFBIG, path), repr(told)
    assert await rapfiles.read_file_bytes(path) == DATA[:LIMIT]


asyncio.run(main(*sys.argv[1:]))
