"""One request for a file, and its answer, beyond the simple case."""

from __future__ import annotations

import os
from collections.abc import Iterable
from secrets import token_hex
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from .conditions import Header, in_range, not_modified, verdict
from .failures import MalformedRange, RangeNotSatisfiable
from .ranges import Span, multipart, parse_range
from .sending import send_parts, shorter, tells_of_disconnects, while_connected

if TYPE_CHECKING:
    from .._rapfiles import Served
    from .response import FileResponse


class Exchange:
    """Who asks for what, and the file."""

    def __init__(
        self, response: FileResponse, served: Served, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self.response = response
        self.served = served
        self.scope = scope
        self.receive = receive
        self.send = send
        self.method: str = scope["method"].upper() if scope["type"] == "http" else "GET"

    async def answer(self, asked: dict[bytes, str]) -> bool:
        """Answers what is asked on conditions or in part; whether the file was the answer."""
        headers = self.response.raw_headers
        ours = {name: value.decode("latin-1") for name, value in headers}
        etag, modified = ours.get(b"etag", ""), ours.get(b"last-modified", "")
        status = verdict(asked, etag, modified)
        if status == 304:
            await self._send_nothing(304, not_modified(headers))
            return True
        if status == 412:
            return await self._refuse(PlainTextResponse("Precondition Failed", 412))
        wanted = asked.get(b"range")
        spans: list[Span] = []
        if wanted is not None and in_range(asked.get(b"if-range"), etag, modified):
            try:
                spans = parse_range(wanted, self.served.size, self.response.max_ranges)
            except MalformedRange as problem:
                return await self._refuse(PlainTextResponse(str(problem), 400))
            except RangeNotSatisfiable:
                total = {"Content-Range": f"bytes */{self.served.size}"}
                return await self._refuse(PlainTextResponse(None, 416, total))
        if spans:
            await self._send_spans(spans, ours.get(b"content-type", ""))
        else:
            await self.send_whole()
        return True

    async def send_path(self) -> None:
        """Leaves it to the server to send the file."""
        response = self.response
        await self._start(response.status_code, response.raw_headers)
        path = os.path.abspath(response.path)
        await self.send({"type": "http.response.pathsend", "path": path})

    async def send_whole(self) -> None:
        """Sends all of it."""
        response, size = self.response, self.served.size
        await self._send(response.status_code, response.raw_headers, [(0, size)])

    async def _send_spans(self, spans: list[Span], content_type: str) -> None:
        size = self.served.size
        parts: Iterable[bytes | Span] = spans
        if len(spans) == 1:
            start, end = spans[0]
            length = end - start
            changed = {b"content-range": f"bytes {start}-{end - 1}/{size}"}
        else:
            boundary = token_hex(13)
            length, parts = multipart(spans, size, content_type, boundary)
            changed = {b"content-type": f"multipart/byteranges; boundary={boundary}"}
        changed[b"content-length"] = str(length)
        await self._send(206, _replaced(self.response.raw_headers, changed), list(parts))

    async def _send(self, status: int, headers: list[Header], parts: list[bytes | Span]) -> None:
        if self.method == "HEAD":
            await self._send_nothing(status, headers)
            return
        body = await self._at_once(parts)
        await self._start(status, headers)
        if body is not None:
            await self.send({"type": "http.response.body", "body": body})
            return
        response = self.response
        sending = send_parts(self.send, self.served, parts, response.chunk_size, response.path)
        if tells_of_disconnects(self.scope):
            await sending
        else:
            await while_connected(self.receive, sending)

    async def _at_once(self, parts: list[bytes | Span]) -> bytes | None:
        """The whole body, if it is a single piece."""
        if self.served.body is not None:
            # There is nothing in it: what is small is read only if nothing is asked.
            return self._cut(self.served.body, parts)
        if len(parts) > 1 or isinstance(part := parts[0], bytes):
            return None
        size = part[1] - part[0]
        if size > self.response.chunk_size:
            return None
        body = await self.served.read(part[0], size)
        if len(body) != size:
            raise shorter(self.response.path)
        return body

    def _cut(self, body: bytes, parts: list[bytes | Span]) -> bytes:
        pieces = (part if isinstance(part, bytes) else body[slice(*part)] for part in parts)
        return b"".join(pieces)

    async def _refuse(self, response: PlainTextResponse) -> bool:
        await response(self.scope, self.receive, self.send)
        return False

    async def _send_nothing(self, status: int, headers: list[Header]) -> None:
        await self._start(status, headers)
        await self.send({"type": "http.response.body", "body": b""})

    async def _start(self, status: int, headers: list[Header]) -> None:
        await self.send({"type": "http.response.start", "status": status, "headers": headers})


def _replaced(headers: list[Header], changed: dict[bytes, str]) -> list[Header]:
    """The headers with some of another value, each where it stood or at the end."""
    values = {name: value.encode("latin-1") for name, value in changed.items()}
    found = [(name, values.pop(name, value)) for name, value in headers]
    return found + list(values.items())
