"""What tests of pipelines have in common: other people's compression, and a source that counts."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any, NamedTuple

import zstandard


class Known(NamedTuple):
    """Somebody else's implementation of a format."""

    compress: Callable[[bytes], bytes]
    decompress: Callable[[bytes], bytes]


def _unzstd(data: bytes) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True) as reader:
        return bytes(reader.read())


KNOWN: dict[Any, Known] = {
    "bz2": Known(bz2.compress, bz2.decompress),
    "gzip": Known(gzip.compress, gzip.decompress),
    "xz": Known(lzma.compress, lzma.decompress),
    "zstd": Known(lambda data: zstandard.ZstdCompressor().compress(data), _unzstd),
}
SUFFIXES: dict[str, str] = {"bz2": ".bz2", "gzip": ".gz", "xz": ".xz", "zstd": ".zst"}


class Counted:
    """An asynchronous source that knows how many chunks it has made, and whether it was closed."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks: Iterator[bytes] = iter(chunks)
        self.made = 0
        self.closed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            chunk = next(self._chunks)
        except StopIteration:
            raise StopAsyncIteration from None
        self.made += 1
        return chunk

    async def aclose(self) -> None:
        self.closed = True
