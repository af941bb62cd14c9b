"""Uploads, saved: whole or not at all."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import secrets
import stat
from collections.abc import AsyncIterable, AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.datastructures import UploadFile
from starlette.requests import Request

from .. import _atomic, threadpool
from .. import os as _os
from .._long import whole
from .failures import UploadTooLarge

if TYPE_CHECKING:
    from ..types import Durability

_PIECE = 256 * 1024
_SENT_AT_ONCE = 8 << 20
_HASHED_AT_ONCE = 64 * 1024


class SavedUpload(NamedTuple):
    """What `save_upload` and `stream_upload` have saved."""

    size: int
    """How many bytes."""
    digest: str | None
    """Their hash in hexadecimal, if one was asked for."""
    path: str
    """Where they are."""


async def save_upload(
    upload: UploadFile,
    dest: str | os.PathLike[str],
    *,
    max_bytes: int | None = None,
    hash: str | None = None,
    atomic: bool = True,
    overwrite: bool = False,
    durability: Durability = "full",
) -> SavedUpload:
    """Saves an uploaded file.

    What came in is in memory if it was small, and in a nameless temporary file otherwise. That one
    is copied within the kernel if no hash is wanted.

    ```python
    import io
    from starlette.datastructures import UploadFile

    from rapfiles.starlette import save_upload

    upload = UploadFile(io.BytesIO(b"some text"), filename="../../etc/passwd")
    saved = await save_upload(upload, "upload.txt", max_bytes=1_000, hash="md5")
    print(saved.size, saved.digest)  #> 9 552e21cd4cd9918678e3c1a0df491bc3
    ```

    Args:
        upload: The file, as Starlette's and FastAPI's forms have it. It isn't closed.
        dest: Where it is to be. Never make that of ``upload.filename`` alone: the client chose it.
        max_bytes: More are refused, before they are written if their number is known.
        hash: The name of a hash that `hashlib` knows.
        atomic: Whether the file appears when it is complete. Otherwise it is written in its place,
            and removed if that fails.
        overwrite: Whether there may be a file of this name.
        durability: What survives a power cut, as for `rapfiles.atomic_move_file`.

    Raises:
        UploadTooLarge: It has more than ``max_bytes``. Applications answer 413.
        FileExistsError: There is a file of this name, and may not be.
        OSError: It can't be written. Nothing is left of it.
        ValueError: There is no such hash, or ``max_bytes`` is negative.
    """
    progress = _Progress(max_bytes, hash)
    progress.check(upload.size or 0)
    target = _Target(dest, atomic, overwrite, durability)
    await upload.seek(0)
    async with target.arriving() as out:
        descriptor = _descriptor(upload)
        if descriptor is not None and hash is None and hasattr(_os, "sendfile"):
            await _sent(descriptor, out.fileno(), progress)
        else:
            await _copied(_pieces(upload), out, progress)
    await upload.seek(0)
    return progress.saved(target.path)


async def stream_upload(
    request: Request,
    dest: str | os.PathLike[str],
    *,
    max_bytes: int | None = None,
    hash: str | None = None,
    atomic: bool = True,
    overwrite: bool = False,
    durability: Durability = "full",
) -> SavedUpload:
    """Saves the body of a request as it comes in.

    Args:
        request: The request. Its body must not have been read.
        dest: Where it is to be.
        max_bytes: More are refused: at once, if the request says how many it has.
        hash: The name of a hash that `hashlib` knows.
        atomic: Whether the file appears when it is complete.
        overwrite: Whether there may be a file of this name.
        durability: What survives a power cut, as for `rapfiles.atomic_move_file`.

    Raises:
        UploadTooLarge: It has more than ``max_bytes``. Applications answer 413.
        FileExistsError: There is a file of this name, and may not be.
        ClientDisconnect: The client went away before all had come. Nothing is left of it.
        OSError: It can't be written. Nothing is left of it.
        ValueError: There is no such hash, or ``max_bytes`` is negative.
    """
    progress = _Progress(max_bytes, hash)
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit():
        progress.check(int(announced[:20]))
    target = _Target(dest, atomic, overwrite, durability)
    async with target.arriving() as out:
        await _copied(request.stream(), out, progress)
    return progress.saved(target.path)


class _Progress:
    """How much has come, and what it hashes to."""

    def __init__(self, max_bytes: int | None, name: str | None) -> None:
        if max_bytes is not None and max_bytes < 0:
            raise ValueError(f"max_bytes must not be negative: {max_bytes}")
        try:
            self._hash = None if name is None else hashlib.new(name, usedforsecurity=False)
        except ValueError:
            raise ValueError(f"there is no such hash: {name!r}") from None
        self._most = max_bytes
        self._size = 0

    def check(self, size: int) -> None:
        if self._most is not None and size > self._most:
            raise UploadTooLarge(self._most)

    async def add(self, piece: bytes) -> None:
        self.count(len(piece))
        if self._hash is None:
            return
        if len(piece) < _HASHED_AT_ONCE:
            self._hash.update(piece)
        else:
            await asyncio.to_thread(self._hash.update, piece)

    def count(self, size: int) -> None:
        self.check(self._size + size)
        self._size += size

    def room(self) -> int:
        """How much may still come, and a byte that may not."""
        return _SENT_AT_ONCE if self._most is None else self._most - self._size + 1

    def saved(self, path: str) -> SavedUpload:
        digest = None if self._hash is None else self._hash.hexdigest()
        return SavedUpload(self._size, digest, path)


class _Target:
    """A file that comes to be."""

    def __init__(
        self,
        dest: str | os.PathLike[str],
        atomic: bool,
        overwrite: bool,
        durability: Durability,
    ) -> None:
        self.path = os.fspath(dest)
        self._atomic = atomic
        self._overwrite = overwrite
        self._durability: Durability = durability
        folder, name = os.path.split(self.path)
        part = os.path.join(folder, f".{name[:100]}.{secrets.token_hex(8)}.part")
        self._part = part if atomic else self.path

    @asynccontextmanager
    async def arriving(self) -> AsyncIterator[Any]:
        """The file to write to. It is there when the block ends, and not if that raises."""
        if not self._overwrite and await _os.path.lexists(self.path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), self.path)
        try:
            out = await self._made()
            try:
                yield out
                await out.close()
                if self._atomic:
                    await self._moved()
            except BaseException:
                await whole(self._dropped(out))
                raise
        except OSError as error:
            # What is sent from one descriptor to another has no name.
            if error.filename in (self._part, None):
                error.filename = self.path
            raise

    async def _moved(self) -> None:
        await _atomic.atomic_move_file(
            self._part, self.path, durability=self._durability, overwrite=self._overwrite
        )

    async def _made(self) -> Any:
        """An open that is cancelled may have made the file."""
        mode = "wb" if self._overwrite and not self._atomic else "xb"
        opening = asyncio.ensure_future(_awaited(threadpool.open(self._part, mode)))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            await asyncio.wait([opening])
            if not opening.cancelled() and opening.exception() is None:
                await whole(self._dropped(opening.result()))
            raise

    async def _dropped(self, out: Any) -> None:
        # A device or a FIFO that was written to isn't ours to be removed.
        is_file = stat.S_ISREG((await _os.stat(out.fileno())).st_mode) if not out.closed else True
        with suppress(OSError):
            await out.close()
        with suppress(FileNotFoundError):
            if is_file and await _os.path.isfile(self._part):
                await _os.unlink(self._part)


async def _awaited(opening: Awaitable[Any]) -> Any:
    return await opening


def _descriptor(upload: UploadFile) -> int | None:
    """That of the temporary file, if it has grown out of memory."""
    if upload._in_memory:
        return None
    try:
        return upload.file.fileno()
    except (OSError, AttributeError, ValueError):
        return None


async def _sent(source: int, to: int, progress: _Progress) -> None:
    offset = 0
    while sent := await _os.sendfile(to, source, offset, min(progress.room(), _SENT_AT_ONCE)):
        offset += sent
        progress.count(sent)


async def _pieces(upload: UploadFile) -> AsyncIterator[bytes]:
    while piece := await upload.read(_PIECE):
        yield piece


async def _copied(pieces: AsyncIterable[bytes], out: Any, progress: _Progress) -> None:
    async for piece in pieces:
        await progress.add(piece)
        await out.write(piece)
