"""A file as a response."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette import responses
from starlette.background import BackgroundTask
from starlette.types import Receive, Scope, Send

from .. import _rapfiles
from .conditions import Header, described, relevant
from .exchange import Exchange
from .failures import FileNotServed
from .media import content_type
from .media import media_type as guessed
from .sending import denying

if TYPE_CHECKING:
    from .._rapfiles import Served

SMALL = 256 * 1024
"""Up to here a file is read as it is opened, in one crossing."""

_RANGES: Header = (b"accept-ranges", b"bytes")


class FileResponse(responses.FileResponse):
    """A file as a response, as Starlette's own `FileResponse`, whose arguments it takes.

    A file that is in memory is opened and read at once, without a thread. A large one is read ahead
    while it is sent. Ranges, `If-Range`, `HEAD`, `ETag` and `Last-Modified` are as in Starlette.
    Preconditions are looked at too: `If-None-Match` and `If-Modified-Since` (304), `If-Match` and
    `If-Unmodified-Since` (412).

    Args:
        path: The file.
        status_code: Another than 200 means that neither ranges nor preconditions are looked at.
        headers: They take precedence over those that describe the file.
        media_type: Guessed from the name, if it isn't given.
        background: Done when the response has been sent.
        filename: Makes a `Content-Disposition` with this name.
        stat_result: What is known of the file. If that is no longer true, the headers say what is.
        content_disposition_type: ``attachment`` or ``inline``.

    Raises:
        FileNotServed: When it is sent, and there is no such file, or it isn't a regular one.

    ```python
    from httpx import ASGITransport, AsyncClient
    from starlette.applications import Starlette
    from starlette.routing import Route

    from rapfiles.starlette import FileResponse

    async def notes(request):
        return FileResponse("notes.txt")

    app = Starlette(routes=[Route("/notes", notes)])
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        answer = await client.get("/notes", headers={"Range": "bytes=0-4"})
        print(answer.status_code, answer.text)  #> 206 first
    ```
    """

    chunk_size = 256 * 1024
    """How much of a large file is sent at once. Another as much is being read meanwhile."""

    _served: Served | None = None
    _known: tuple[Header, ...] = ()

    def __init__(
        self,
        path: str | os.PathLike[str],
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
        filename: str | None = None,
        stat_result: os.stat_result | None = None,
        content_disposition_type: str = "attachment",
    ) -> None:
        if media_type is None:
            media_type = guessed(filename or path)
        if headers is not None or filename is not None:
            super().__init__(
                path,
                status_code,
                headers,
                media_type,
                background,
                filename,
                stat_result,
                content_disposition_type,
            )
            return
        self.path = path
        self.status_code = status_code
        self.filename: str | None = None
        self.media_type = media_type
        self.background = background
        self.raw_headers: list[Header] = [content_type(media_type, self.charset), _RANGES]
        self.stat_result = stat_result
        if stat_result is not None:
            self.set_stat_headers(stat_result)

    def set_stat_headers(self, stat_result: os.stat_result) -> None:
        """Says which file it is, as far as the headers don't say it already."""
        self._describe(stat_result.st_mtime, stat_result.st_size)

    def _describe(self, mtime: float, size: int) -> None:
        known = described(mtime, size)
        if known is self._known:
            return
        raw, before = self.raw_headers, self._known
        # What was said of another state of the file is taken back.
        raw[:] = [header for header in raw if not any(header is old for old in before)]
        names = {name for name, _ in raw}
        self._known = tuple(header for header in known if header[0] not in names)
        raw.extend(self._known)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the file."""
        method = "GET"
        if scope["type"] == "http":
            method = scope["method"].upper()
        else:
            send = denying(send)
        asked = relevant(scope)
        served, self._served = self._served, None
        by_path = served is None and not asked and method != "HEAD" and _offers_pathsend(scope)
        if served is None:
            served = await self._look(
                None if by_path or method == "HEAD" else 0 if asked else SMALL
            )
        self._describe(served.mtime, served.size)
        headers = self.raw_headers
        if served.body is not None and not asked and method != "HEAD":
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": headers}
            )
            await send({"type": "http.response.body", "body": served.body})
        elif not await self._answered(Exchange(self, served, scope, receive, send), asked, by_path):
            return
        if self.background is not None:
            await self.background()

    async def _answered(self, exchange: Exchange, asked: dict[bytes, str], by_path: bool) -> bool:
        """Whether it is the file that was the answer, and not that it can't be."""
        try:
            if by_path:
                await exchange.send_path()
            elif asked and self.status_code == 200 and exchange.method in ("GET", "HEAD"):
                return await exchange.answer(asked)
            else:
                await exchange.send_whole()
        finally:
            await exchange.served.close()
        return True

    async def _look(self, limit: int | None) -> Served:
        try:
            served = await _rapfiles.serve_file(self.path, limit)
        except FileNotFoundError:
            raise FileNotServed(f"File at path {self.path} does not exist.") from None
        if not served.is_file:
            raise FileNotServed(f"File at path {self.path} is not a file.")
        return served


def _offers_pathsend(scope: Scope) -> bool:
    return "http.response.pathsend" in (scope.get("extensions") or ())
