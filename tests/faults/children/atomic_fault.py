"""One atomic change, and what came of it: `atomic_fault.py <how> <path>`.

Prints errno and filename of the error, if there was one, and how many descriptors are left open.
"""

import asyncio
import json
import os
import sys

import rapfiles
import rapfiles.os

TEXT = "new" * 1000


async def change(how: str, path: str) -> None:
    if how == "write":
        await rapfiles.atomic_write_file(path, TEXT)
    elif how == "open":
        async with rapfiles.atomic_open(path, "w") as file:
            await file.write(TEXT)
    else:
        async with rapfiles.transaction() as t:
            await t.write_file(path, TEXT)


async def main(how: str, path: str) -> None:
    await rapfiles.os.path.exists(path)
    before = set(os.listdir("/proc/self/fd"))
    told: list[object] = [None, None]
    try:
        await change(how, path)
    except OSError as error:
        told = [error.errno, error.filename]
    left = len(set(os.listdir("/proc/self/fd")) - before)
    print(json.dumps([*told, left]))


asyncio.run(main(*sys.argv[1:]))
