"""What files are, by their names."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Callable
from functools import lru_cache

UNKNOWN = "application/octet-stream"


def media_type(name: str | os.PathLike[str]) -> str:
    """As `mimetypes.guess_type` has it. What it says of plain names is looked up directly."""
    if not mimetypes.inited:
        mimetypes.init()
    if isinstance(name, str):
        extension = name[name.rfind(".") :]
        # Anything that makes it more than a look-up is left to it.
        if (
            (found := mimetypes.types_map.get(extension)) is not None
            and extension not in mimetypes.encodings_map
            and extension not in mimetypes.suffix_map
            and ":" not in name
            and not name.endswith("/" + extension)
            and name != extension
        ):
            return found
    return mimetypes.guess_type(name)[0] or UNKNOWN


def _content_type(media: str, charset: str) -> tuple[bytes, bytes]:
    if media.startswith("text/") and "charset=" not in media.lower():
        media += "; charset=" + charset
    return b"content-type", media.encode("latin-1")


content_type: Callable[[str, str], tuple[bytes, bytes]] = lru_cache(maxsize=1024)(_content_type)
"""The header, as Starlette writes it, of a media type and a charset."""
