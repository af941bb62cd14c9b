"""The server whose answers are measured: `python -m benchmarks.harness.answering WHICH PATH`.

Every path but `/gap` is answered with the one file. `/gap` is answered with the longest time the
loop has stood still since it was asked last.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import uvicorn
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from rapfiles.starlette import FileResponse as OurFileResponse

App = Callable[[Any, Any, Any], Awaitable[None]]


def application(which: str, path: str) -> App:
    """An ASGI application that answers with the file, in one of several ways."""

    async def rapfiles(scope: Any, receive: Any, send: Any) -> None:
        await OurFileResponse(path)(scope, receive, send)

    async def starlette(scope: Any, receive: Any, send: Any) -> None:
        await FileResponse(path)(scope, receive, send)

    async def blocking(scope: Any, receive: Any, send: Any) -> None:
        with open(path, "rb") as file:
            await Response(file.read())(scope, receive, send)

    files, name = StaticFiles(directory=Path(path).parent), Path(path).name

    async def static(scope: Any, receive: Any, send: Any) -> None:
        await files({**scope, "path": f"/{name}"}, receive, send)

    body = Path(path).read_bytes()

    async def constant(scope: Any, receive: Any, send: Any) -> None:
        await Response(body)(scope, receive, send)

    return {
        "rapfiles": rapfiles,
        "starlette": starlette,
        "static": static,
        "blocking": blocking,
        "constant": constant,
    }[which]


class Watched:
    """The application, beside a 1 ms ticker."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._ticker: asyncio.Task[None] | None = None
        self._longest = 0.0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._ticker is None:
            self._ticker = asyncio.ensure_future(self._tick())
        if scope["path"] == "/gap":
            longest, self._longest = self._longest, 0.0
            await PlainTextResponse(f"{longest}")(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _tick(self) -> None:
        last = perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = perf_counter()
            self._longest, last = max(self._longest, now - last), now


def main(which: str, path: str) -> None:
    """Say which port it is, and serve until the process is ended."""
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(
        Watched(application(which, path)),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        log_level="warning",
        access_log=False,
    )
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main(*sys.argv[1:])
