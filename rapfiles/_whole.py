"""The end of a file, parts of one, and files that come or go in many parts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from . import _rapfiles
from ._long import whole
from ._native import native_functions

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from ._rapfiles import ChunkWriter, Stream
    from .types import StrOrBytesPath

_LARGEST = 4 << 20
"""A piece is copied on the loop's thread: more would hold it up."""
_GROUP = 256 * 1024
_MANY = 256
"""So many bytes, or so many parts, go to the disk together."""


async def append_file(
    path: StrOrBytesPath,
    data: str | ReadableBuffer,
    encoding: str = "utf-8",
    errors: str = "strict",
    newline: str | None = None,
) -> int:
    """Writes at the end of a file, in one call, and returns the number of bytes written.

    The file is made if there is none. The system finds the end as it writes (``O_APPEND``), so
    several tasks and processes may append to one file: none overwrites what another has written.

    Args:
        path: The file.
        data: Text, or anything with bytes.
        encoding: How text is made bytes.
        errors: What becomes of characters that can't be, as for ``str.encode``.
        newline: As for `write_file`.

    Raises:
        OSError: The file can't be written.

    ```python
    import rapfiles

    await rapfiles.append_file("log.txt", "started\\n")
    await rapfiles.append_file("log.txt", b"stopped\\n")
    print(await rapfiles.read_file("log.txt"), end="")
    #> started
    #> stopped
    ```
    """


async def read_range(path: StrOrBytesPath, offset: int, length: int) -> bytes:
    """Reads some bytes of a file, in one call.

    Args:
        path: The file.
        offset: How many bytes come before.
        length: How many bytes are wanted. There are fewer if the file ends before, none behind its
            end.

    Raises:
        OSError: The file can't be read.
        ValueError: A negative number.

    ```python
    import rapfiles

    print(await rapfiles.read_range("notes.txt", 6, 4))
    #> b'line'
    ```
    """


async def read_ranges(path: StrOrBytesPath, ranges: Iterable[tuple[int, int]]) -> list[bytes]:
    """Reads many parts of a file, in one call; those that are near each other in one go.

    Args:
        path: The file.
        ranges: Offset and length of each. They may overlap, and come in any order.

    Returns:
        What there is of each, in the order in which they were given.

    Raises:
        OSError: The file can't be read.
        ValueError: A negative number.

    ```python
    import rapfiles

    print(await rapfiles.read_ranges("notes.txt", [(6, 4), (0, 5), (10**9, 1)]))
    #> [b'line', b'first', b'']
    ```
    """


native_functions(globals(), partial(getattr, _rapfiles))


def read_file_chunked(
    path: StrOrBytesPath,
    chunk_size: int = 65536,
    offset: int = 0,
    limit: int | None = None,
) -> Stream[bytes]:
    """Reads a file piece by piece, as a stream, some pieces ahead.

    Args:
        path: The file.
        chunk_size: The length of each piece but the last: 4 MiB at most, since a piece is copied
            where the event loop runs.
        offset: How many bytes are left out at the start.
        limit: How many bytes are read at most.

    Returns:
        A stream: ``async for`` gives piece after piece, ``await`` a list of all. About 4 MiB are
        read ahead of whoever takes them.

    Raises:
        OSError: From the stream, if the file can't be read.
        ValueError: Numbers that make no sense.

    ```python
    import rapfiles

    total = 0
    async for chunk in rapfiles.read_file_chunked("data.bin", offset=1000):
        total += len(chunk)
    print(total)
    #> 261144
    ```
    """
    if not 1 <= chunk_size <= _LARGEST:
        raise ValueError(f"chunk_size must be from 1 to {_LARGEST}, not {chunk_size}")
    for name, value in (("offset", offset), ("limit", limit)):
        if value is not None and value < 0:
            raise ValueError(f"{name} must not be negative: {value}")
    return _rapfiles.read_file_chunked(path, chunk_size, offset, limit)


def read_lines(
    path: StrOrBytesPath,
    encoding: str = "utf-8",
    errors: str = "strict",
    *,
    keep_ends: bool = False,
) -> Stream[str]:
    """Reads the lines of a text file, as a stream.

    Lines end with ``\\n``, ``\\r`` or ``\\r\\n``. A line is in memory as a whole, however long.

    Args:
        path: The file.
        encoding: What its bytes mean.
        errors: What becomes of bytes that mean nothing, as for ``bytes.decode``.
        keep_ends: Whether each line has its end, as ``\\n``.

    Returns:
        A stream: ``async for`` gives line after line, ``await`` a list of all.

    Raises:
        OSError: From the stream, if the file can't be read.
        UnicodeDecodeError: From the stream, at the line that is none. Of UTF-8, ASCII and Latin-1
            its ``object`` is that line.
        LookupError: There is no such encoding.

    ```python
    import rapfiles

    async for line in rapfiles.read_lines("notes.txt"):
        print(line)
        #> first line
        #> zweite Zeile: Grüße
        #> third line
    ```
    """
    return _rapfiles.read_lines(path, encoding, errors, keep_ends)


def read_lines_bytes(path: StrOrBytesPath, *, keep_ends: bool = False) -> Stream[bytes]:
    """Reads the lines of a file as bytes. They end with ``\\n`` and nothing else.

    Args:
        path: The file.
        keep_ends: Whether each line has its end.

    Returns:
        A stream: ``async for`` gives line after line, ``await`` a list of all.

    Raises:
        OSError: From the stream, if the file can't be read.

    ```python
    import rapfiles

    print((await rapfiles.read_lines_bytes("notes.txt", keep_ends=True))[0])
    #> b'first line\\n'
    ```
    """
    return _rapfiles.read_lines_bytes(path, keep_ends)


async def write_file_chunked(
    path: StrOrBytesPath, chunks: Iterable[ReadableBuffer] | AsyncIterable[ReadableBuffer]
) -> int:
    """Makes or replaces a file with what an iterable gives, and returns the number of bytes.

    While one part is written the next is asked for, no more. Small parts go together.

    The file is touched when the first part comes, or the end. If something goes wrong after that,
    with the disk or the iterable, or the task is cancelled, a file that was made here is removed; a
    file that was there before has lost what was in it, and keeps what was written so far.

    Args:
        path: The file.
        chunks: Objects with bytes, from an iterable or an asynchronous one. Each is taken before
            the next is asked for: a buffer may be used again.

    Raises:
        OSError: The file can't be written.
        TypeError: A part has no bytes.

    ```python
    import rapfiles

    async def upload():
        for number in range(3):
            yield b"part %d\\n" % number

    print(await rapfiles.write_file_chunked("parts.txt", upload()))
    #> 21
    await rapfiles.write_file_chunked("copy.bin", rapfiles.read_file_chunked("data.bin"))
    ```
    """
    writer = _rapfiles.ChunkWriter(path)
    pump = _Pump(writer)
    try:
        if isinstance(chunks, AsyncIterable):
            async for chunk in chunks:
                await pump.take(chunk)
        else:
            for chunk in chunks:
                await pump.take(chunk)
        await pump.flush()
        await pump.settle()
        return await whole(writer.finish())
    except BaseException:
        await pump.stop()
        await whole(writer.give_up())
        raise


class _Pump:
    """One group of parts is written while the next is gathered."""

    def __init__(self, writer: ChunkWriter) -> None:
        self._writer = writer
        self._group: list[bytes] = []
        self._size = 0
        self._writing: asyncio.Future[None] | None = None

    async def take(self, chunk: ReadableBuffer) -> None:
        data = chunk if type(chunk) is bytes else memoryview(chunk).tobytes()
        self._group.append(data)
        self._size += len(data)
        if self._size >= _GROUP or len(self._group) >= _MANY:
            await self.flush()

    async def flush(self) -> None:
        await self.settle()
        if self._group:
            self._writing = asyncio.ensure_future(self._writer.write(self._group))
            self._group, self._size = [], 0

    async def settle(self) -> None:
        if self._writing is not None:
            await whole(self._writing)
            self._writing = None

    async def stop(self) -> None:
        """Waits for what is under way; whatever comes of it is told already or doesn't matter."""
        writing = self._writing
        if writing is not None:
            await asyncio.wait([writing])
            if not writing.cancelled():
                writing.exception()
