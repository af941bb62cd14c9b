"""Small files kept in memory, as long as they are the same."""

from __future__ import annotations

import os
from collections import OrderedDict
from typing import TYPE_CHECKING, TypeAlias

from .. import _rapfiles

if TYPE_CHECKING:
    from .._rapfiles import Served

_Key: TypeAlias = tuple[str, object]


class Cache:
    """The contents of the files that were asked for last, so many bytes of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._used = 0
        self._kept: OrderedDict[_Key, tuple[object, bytes]] = OrderedDict()

    async def serve(
        self, path: str, limit: int | None, directory: str | os.PathLike[str] | None
    ) -> Served:
        """The file, with its contents if they are here and it hasn't changed."""
        key = (path, directory)
        if key in self._kept:
            looked = await self._still(key, path, directory)
            if looked is not None:
                return looked
        served = await _rapfiles.serve_file(path, limit, directory)
        # One file may take no more than an eighth: the others would go for it.
        if served.body is not None and len(served.body) <= self._size // 8:
            self._keep(key, served.version, served.body)
        return served

    async def _still(
        self, key: _Key, path: str, directory: str | os.PathLike[str] | None
    ) -> Served | None:
        try:
            looked = await _rapfiles.serve_file(path, None, directory)
        except OSError:
            self._forget(key)
            raise
        version, body = self._kept.get(key, (None, b""))
        if looked.version != version:
            self._forget(key)
            return None
        self._kept.move_to_end(key)
        return looked.with_body(body)

    def _keep(self, key: _Key, version: object, body: bytes) -> None:
        self._forget(key)
        self._kept[key] = (version, body)
        self._used += len(body)
        while self._used > self._size:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: _Key) -> None:
        _, body = self._kept.pop(key, (None, b""))
        self._used -= len(body)
