"""The body of a response: read ahead while it is sent, and no further than somebody listens."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from .._rapfiles import Served
from .ranges import Span


async def send_parts(
    send: Send, served: Served, parts: Iterable[bytes | Span], step: int, path: object
) -> None:
    """Sends all of it. While one piece is sent the next is read."""
    pieces = _cut(parts, step)
    coming = _begin(served, next(pieces, b""))
    try:
        while True:
            body = coming if isinstance(coming, bytes) else await _all_of(*coming, path)
            following = next(pieces, None)
            if following is None:
                coming = b""
                await send({"type": "http.response.body", "body": body})
                return
            coming = _begin(served, following)
            await send({"type": "http.response.body", "body": body, "more_body": True})
    finally:
        if not isinstance(coming, bytes):
            coming[0].add_done_callback(_heard)
            coming[0].cancel()


def _heard(task: asyncio.Task[Any]) -> BaseException | None:
    """What became of it is of no interest any more."""
    return None if task.cancelled() else task.exception()


def _begin(served: Served, piece: bytes | Span) -> bytes | tuple[asyncio.Task[bytes], int]:
    if isinstance(piece, bytes):
        return piece
    size = piece[1] - piece[0]
    return asyncio.ensure_future(served.read(piece[0], size)), size


async def _all_of(reading: asyncio.Task[bytes], size: int, path: object) -> bytes:
    body = await reading
    if len(body) != size:
        raise shorter(path)
    return body


def shorter(path: object) -> RuntimeError:
    """The file has been cut since its length was announced. The server closes the connection."""
    return RuntimeError(f"File at path {path} is shorter than expected.")


def _cut(parts: Iterable[bytes | Span], step: int) -> Iterator[bytes | Span]:
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        start, end = part
        while start < end:
            yield start, min(start + step, end)
            start += step


def tells_of_disconnects(scope: Scope) -> bool:
    """Whether sending fails when nobody listens any more."""
    spec = scope.get("asgi", {}).get("spec_version", "2.0")
    return scope["type"] != "http" or tuple(map(int, spec.split("."))) >= (2, 4)


async def while_connected(receive: Receive, work: Coroutine[Any, Any, None]) -> None:
    """Does the work unless the client goes away, which ends it silently."""
    working = asyncio.ensure_future(work)
    listening = asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait((working, listening), return_when=asyncio.FIRST_COMPLETED)
    finally:
        listening.cancel()
        gone = not working.done() and working.cancel()
        await asyncio.wait((working, listening))
    trouble = _heard(listening)
    if not (gone and working.cancelled()):
        working.result()
    if trouble is not None:
        raise trouble


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def denying(send: Send) -> Send:
    """Answers the handshake of a websocket instead of a request."""

    async def wrapped(message: Message) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    return wrapped
