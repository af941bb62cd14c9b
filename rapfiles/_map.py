"""Files in memory."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from . import _rapfiles
from ._long import carry
from ._rapfiles import MappedFile as MappedFile

if TYPE_CHECKING:
    from .types import Progress, StrOrBytesPath


class MapContext:
    """What `map_file` returns: it is awaited, or entered with ``async with``."""

    __slots__ = ("_map", "_progress", "_timeout", "_wanted")

    def __init__(
        self, wanted: tuple[Any, ...], progress: Progress | None, timeout: float | None
    ) -> None:
        self._wanted = wanted
        self._progress = progress
        self._timeout = timeout
        self._map: MappedFile | None = None

    async def _open(self) -> MappedFile:
        path, offset, length, shared, limit = self._wanted
        work = _rapfiles.map_file(path, offset, length, shared, limit)
        return await carry(work, self._progress, self._timeout)

    def __await__(self) -> Generator[Any, Any, MappedFile]:
        return self._open().__await__()

    async def __aenter__(self) -> MappedFile:
        self._map = await self._open()
        return self._map

    async def __aexit__(self, *_exception: object) -> None:
        if self._map is not None:
            await self._map.close()


def map_file(
    path: StrOrBytesPath,
    *,
    offset: int = 0,
    length: int | None = None,
    limit: int = 1 << 30,
    unsafe_shared: bool = False,
    progress: Progress | None = None,
    timeout: float | None = None,
) -> MapContext:
    """Brings a file, or a part of it, into memory: ``async with map_file(path) as m``.

    A worker does that, in steps, before anything is handed out; from then on it is read without
    waiting for a disk. It has a read-only buffer (``memoryview(m)``, ``re.search(pattern, m)``),
    ``len(m)``, ``m[5]`` and ``m[2:7]``, which are bytes, and for large searches
    ``await m.find(b"…")``. ``await m.close()`` gives the memory back; not while there are
    memoryviews of it, which is a `BufferError`, as with `mmap`.

    It is a copy: what becomes of the file later changes nothing, and takes the memory it needs.
    Pages of the file itself would be there for nothing, but whoever cuts the file short kills a
    process that touches them afterwards (SIGBUS), so one has to ask for them.

    Args:
        path: Which file. It must be a regular one.
        offset: Where the part begins.
        length: How many bytes it has; up to the end of the file if not given. A file that grows
            stays as it was; one that is cut short while it is copied ends there.
        limit: A copy may have so many bytes: 1 GiB if not given.
        unsafe_shared: Whether it is the file's own pages. Others' writes are seen. Slices,
            ``read``, ``find`` and ``load`` ask the kernel for the bytes and are safe: of a file
            that was cut short they give what is left. A ``memoryview``, and whatever else
            uses the buffer, is not: the process dies.
        progress: Called now and then with the bytes that are there, those there will be, and again
            the first. It may be asynchronous.
        timeout: Seconds that it may take.

    Raises:
        OSError: It can't be read. ``EFBIG``: a copy would be larger than the limit. ``ENODEV``: it
            is no regular file.
        ValueError: The file has no such part.
        TimeoutError: It took longer.

    ```python
    import rapfiles

    async with rapfiles.map_file("data.bin", offset=65) as m:
        print(len(m), m[:3], bytes(memoryview(m)[1:3]), await m.find(b"a"))
    #> 262079 b'ABC' b'BC' 32
    ```
    """
    if offset < 0 or (length is not None and length < 0) or limit < 0:
        raise ValueError("offset, length and limit must not be negative")
    return MapContext((path, offset, length, unsafe_shared, limit), progress, timeout)
