"""A file as a stream: when nobody can say how long it is."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse
from starlette.types import Send

from .. import _whole
from .failures import FileNotServed
from .media import media_type as guessed

if TYPE_CHECKING:
    from .._rapfiles import Stream


def stream_file(
    path: str | os.PathLike[str],
    *,
    offset: int = 0,
    limit: int | None = None,
    chunk_size: int = 64 * 1024,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
    media_type: str | None = None,
    background: BackgroundTask | None = None,
) -> StreamingResponse:
    """A response that sends what is read until the file ends, without saying how long it is.

    That is for what has no length that could be told: files in ``/proc``, FIFOs, logs that are
    written meanwhile. Anything else is better sent as a
    [`FileResponse`][rapfiles.starlette.FileResponse].

    ```python
    from rapfiles.starlette import stream_file

    async def endpoint(request):
        return stream_file("/proc/meminfo", media_type="text/plain")
    ```

    Args:
        path: The file.
        offset: How many bytes are left out at the start.
        limit: How many bytes are sent at most.
        chunk_size: How much is sent at once.
        status_code: As for every response.
        headers: As for every response.
        media_type: Guessed from the name, if it isn't given.
        background: Done when the response has been sent.

    Raises:
        FileNotServed: When it is sent, and there is no such file, or it is a directory.
    """
    chunks = _whole.read_file_chunked(path, chunk_size, offset, limit)
    media_type = guessed(path) if media_type is None else media_type
    return _Streamed(path, chunks, status_code, headers, media_type, background)


class _Streamed(StreamingResponse):
    """It begins when the first chunk is there: until then it can be another answer."""

    def __init__(
        self,
        path: object,
        chunks: Stream[bytes],
        status_code: int,
        headers: Mapping[str, str] | None,
        media_type: str | None,
        background: BackgroundTask | None,
    ) -> None:
        super().__init__(chunks, status_code, headers, media_type, background)
        self._path = path
        self._chunks = chunks

    async def stream_response(self, send: Send) -> None:
        async with self._chunks as chunks:
            first = await self._first(chunks)
            self.body_iterator = _after(first, chunks)
            await super().stream_response(send)

    async def _first(self, chunks: Stream[bytes]) -> bytes:
        try:
            return await chunks.__anext__()
        except StopAsyncIteration:
            return b""
        except FileNotFoundError:
            raise FileNotServed(f"File at path {self._path} does not exist.") from None
        except IsADirectoryError:
            raise FileNotServed(f"File at path {self._path} is not a file.") from None


async def _after(first: bytes, chunks: Stream[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in chunks:
        yield chunk
