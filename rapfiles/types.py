"""What the signatures of the package are made of, for those who write around it."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from datetime import date
from typing import TYPE_CHECKING, AnyStr, Literal, NamedTuple, TypeAlias, TypedDict

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    PathText = TypeVar("PathText", str, bytes, default=str)
    """What a path is made of: str where nothing says otherwise."""
else:
    PathText = AnyStr  # needs no package at run time

StrOrBytesPath: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]
FileDescriptorOrPath: TypeAlias = int | StrOrBytesPath
Opener: TypeAlias = Callable[[str, int], int]
Text: TypeAlias = str | bytes
When: TypeAlias = float | str | date
Progress: TypeAlias = Callable[[int, int, int], Awaitable[object] | object]
"""Called with the number of items done, that of all there are, and the bytes moved so far."""
Durability: TypeAlias = Literal["full", "rename"] | Literal["none"]
"""What of an atomic write survives a power cut: the new contents, the old or the new, or perhaps
neither."""
FileType: TypeAlias = (
    Literal["file", "dir", "symlink", "executable"] | Literal["socket", "fifo", "block", "char"]
)


class KindMetrics(TypedDict):
    """The counters of one kind of operation."""

    now: int
    """Answered at once: no future, no thread, no turn of the loop."""
    soon: int
    """Answered by a worker."""
    errors: int
    """Ended with an exception."""
    cancelled: int
    """Given up by their task while they waited or ran."""
    bytes: int
    """Read or written."""
    seconds: float
    """From the first step to the result, of all that took a worker together."""
    slowest: float
    """The longest of these times."""
    latency_buckets: list[int]
    """How many of these times were below 1, 2, 4, 8 … µs (and not below the one before)."""


class Metrics(TypedDict):
    """What `rapfiles.metrics` returns."""

    kinds: dict[str, KindMetrics]
    """By the kind of operation. What comes out of a handle's own buffer isn't counted."""
    queued: int
    """Operations that are with workers or wait for one."""
    threads: int
    """The limit on workers."""
    fd_limit: int
    """The limit on files that operations under way hold open together."""
    now: bool
    """Whether operations are attempted at once."""


class DiskUsage(NamedTuple):
    """The room on a filesystem, in bytes: what `rapfiles.disk_usage` returns."""

    total: int
    """All there is."""
    used: int
    """What is taken."""
    free: int
    """What everybody may still take."""


class SearchMatch(NamedTuple):
    """What matches in a line that `rapfiles.search` has found."""

    text: str
    """What it is."""
    start: int
    """Characters of the line before it."""
    end: int
    """Characters of the line up to its end."""
    byte_start: int
    """Bytes of the line before it."""
    byte_end: int
    """Bytes of the line up to its end."""


class ContextLine(NamedTuple):
    """A line before or after one that `rapfiles.search` has found."""

    line_number: int
    """Its number, from 1."""
    byte_offset: int
    """How many bytes of the file come before it."""
    line_text: str
    """The line, without its end."""
