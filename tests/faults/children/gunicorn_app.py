"""A WSGI application that reads with rapfiles before the workers are forked and in each of them."""

import asyncio
import os
from collections.abc import Callable, Iterable

import rapfiles

PATH = os.environ["GUNICORN_TEST_FILE"]


async def work() -> bytes:
    await rapfiles.write_file_bytes(f"{PATH}.{os.getpid()}", b"written")
    async with rapfiles.open(PATH, "rb") as file:
        assert await file.read() == await rapfiles.read_file_bytes(PATH)
    return await rapfiles.read_file_bytes(PATH)


asyncio.run(work())


def application(environ: dict[str, object], start: Callable[..., object]) -> Iterable[bytes]:
    """Answers with the file and the worker's number."""
    body = asyncio.run(work()) + b" %d" % os.getpid()
    start("200 OK", [("Content-Length", str(len(body)))])
    return [body]
