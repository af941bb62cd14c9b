"""The `Range` header, and answers of several parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from .failures import MalformedRange, RangeNotSatisfiable

Span: TypeAlias = tuple[int, int]
"""From here, up to there."""

_HUGE = 10**18


def parse_range(header: str, size: int, most: int) -> list[Span]:
    """Which parts of a file are asked for: sorted, none touching another.

    More than ``most`` of them are none at all: the whole file is the answer. What is no range is
    passed over.

    Raises:
        MalformedRange: It isn't about bytes, there is nothing in it, or a range ends before it
            begins.
        RangeNotSatisfiable: One of them begins behind the end of the file.
    """
    unit, equals, listed = header.partition("=")
    if not equals:
        raise MalformedRange("Malformed range header.")
    if unit.strip().lower() != "bytes":
        raise MalformedRange("Only support bytes range")
    if listed.count(",") >= most:
        return []
    spans = [span for part in listed.split(",") if (span := _span(part, size)) is not None]
    if not spans:
        raise MalformedRange("Range header: range must be requested")
    if any(start >= size for start, _ in spans):
        raise RangeNotSatisfiable
    if any(start >= end for start, end in spans):
        raise MalformedRange("Range header: start must be less than end")
    return _merged(spans)


def _span(part: str, size: int) -> Span | None:
    """One range, if it is one."""
    first, dash, last = (word.strip() for word in part.partition("-"))
    if not dash or not (first or last):
        return None
    start, end = _number(first), _number(last)
    if (first and start is None) or (last and end is None):
        return None
    if start is None:
        return max(size - (end or 0), 0), size
    return start, size if end is None else min(end + 1, size)


def _number(digits: str) -> int | None:
    """What is written in plain digits. Numbers beyond any file are as good as each other."""
    if not (digits.isascii() and digits.isdigit()):
        return None
    return _HUGE if len(digits.lstrip("0")) > 18 else int(digits.lstrip("0") or "0")


def _merged(spans: list[Span]) -> list[Span]:
    spans.sort()
    merged = spans[:1]
    for start, end in spans[1:]:
        before, until = merged[-1]
        if start <= until:
            merged[-1] = (before, max(until, end))
        else:
            merged.append((start, end))
    return merged


def multipart(
    spans: Sequence[Span], size: int, content_type: str, boundary: str
) -> tuple[int, Iterator[bytes | Span]]:
    """An answer of several parts: how long it is, and what it consists of."""
    heads = [
        f"--{boundary}\r\nContent-Type: {content_type}\r\n"
        f"Content-Range: bytes {start}-{end - 1}/{size}\r\n\r\n".encode("latin-1")
        for start, end in spans
    ]
    tail = f"--{boundary}--".encode("latin-1")
    length = sum(len(head) + 2 for head in heads) + sum(end - start for start, end in spans)

    def pieces() -> Iterator[bytes | Span]:
        for head, span in zip(heads, spans, strict=True):
            yield head
            yield span
            yield b"\r\n"
        yield tail

    return length + len(tail), pieces()
