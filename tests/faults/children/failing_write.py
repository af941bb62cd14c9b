"""Writes in several calls, one of which fails, and closes: prints each error that arrived."""

import asyncio
import json
import sys

import rapfiles


async def main(path: str) -> None:
    told = []
    file = await rapfiles.open(path, "wb")
    for _ in range(5):
        try:
            await file.write(bytes(200_000))
            await file.flush()
        except OSError as error:
            told.append([type(error).__name__, error.errno, error.strerror, error.filename])
    try:
        await file.close()
    except OSError as error:
        told.append([type(error).__name__, error.errno, error.strerror, error.filename])
    print(json.dumps(told))


asyncio.run(main(sys.argv[1]))
