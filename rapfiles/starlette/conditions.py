"""What a request makes its answer depend on: `If-Match` and the like."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from email.utils import formatdate, parsedate
from functools import lru_cache
from typing import TypeAlias

from starlette.types import Scope

Header: TypeAlias = tuple[bytes, bytes]

PRECONDITIONS = frozenset(
    {b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since"}
)
_RELEVANT = PRECONDITIONS | {b"range", b"if-range"}

_OF_THE_BODY = frozenset({b"accept-ranges", b"last-modified"})


def relevant(scope: Scope) -> dict[bytes, str]:
    """The headers of a request that its answer depends on; of several the first counts."""
    found: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        if name in _RELEVANT and name not in found:
            found[name] = value.decode("latin-1")
    return found


def _described(mtime: float, size: int) -> tuple[Header, Header, Header]:
    version = hashlib.md5(f"{mtime}-{size}".encode(), usedforsecurity=False).hexdigest()
    return (
        (b"content-length", str(size).encode()),
        (b"last-modified", formatdate(mtime, usegmt=True).encode()),
        (b"etag", f'"{version}"'.encode()),
    )


described: Callable[[float, int], tuple[Header, ...]] = lru_cache(maxsize=4096)(_described)
"""The headers that say which file it is, of its time and its size."""


def not_modified(headers: list[Header]) -> list[Header]:
    """What is left of the headers of an answer without its body."""
    return [
        header
        for header in headers
        if header[0] == b"content-location"
        or not (header[0] in _OF_THE_BODY or header[0].startswith(b"content-"))
    ]


def verdict(asked: Mapping[bytes, str], etag: str, modified: str) -> int:
    """200 if the request is to be answered, 304 or 412 if not, in the order of RFC 9110, 13.2.2."""
    if_match = asked.get(b"if-match")
    if if_match is not None:
        if not _names(if_match, etag, weakly=False):
            return 412
    elif _newer(modified, asked.get(b"if-unmodified-since")):
        return 412
    if_none_match = asked.get(b"if-none-match")
    if if_none_match:
        return 304 if _names(if_none_match, etag, weakly=True) else 200
    return 304 if _newer(modified, asked.get(b"if-modified-since")) is False else 200


def in_range(if_range: str | None, etag: str, modified: str) -> bool:
    """Whether the parts that are asked for are parts of what there is."""
    if if_range is None:
        return True
    return not if_range.startswith("W/") and if_range in (etag, modified)


def _names(tags: str, etag: str, *, weakly: bool) -> bool:
    """Whether one of the tags is that of the file."""
    if tags.strip() == "*":
        return True
    listed = [tag.strip() for tag in tags.split(",")]
    if weakly:
        return etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in listed]
    return not etag.startswith("W/") and etag in listed


def _newer(modified: str, date: str | None) -> bool | None:
    """Whether it was modified after that; `None` if that can't be said."""
    if date is None:
        return None
    ours, theirs = _date(modified), _date(date)
    return None if ours is None or theirs is None else ours > theirs


def _date(text: str) -> tuple[int, ...] | None:
    try:
        return parsedate(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
