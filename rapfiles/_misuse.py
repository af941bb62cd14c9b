"""What the standard library says to a wrong call: it is asked, so that the words are its own."""

from __future__ import annotations

import io
import os
from typing import Any


def _null(mode: str) -> io.FileIO:
    """The null device, which can be read, written and sought in."""
    return io.FileIO(os.devnull, mode)


def _stream(mode: str) -> io.FileIO:
    """One end of a pipe, which can't."""
    ends = os.pipe()
    ours, other = ends if "r" in mode else reversed(ends)
    os.close(other)
    return io.FileIO(ours, mode)


def _layered(kind: str, raw: io.FileIO) -> Any:
    """The file of this kind that has such a raw file below it."""
    if kind == "raw":
        return raw
    buffered: Any
    if raw.readable() and raw.writable():
        buffered = io.BufferedRandom(raw)
    else:
        buffered = io.BufferedReader(raw) if raw.readable() else io.BufferedWriter(raw)
    return io.TextIOWrapper(buffered, encoding="utf-8") if kind == "text" else buffered


_closed: dict[tuple[str, str, bool], Any] = {}


def _closed_file(kind: str, mode: str, detached: bool) -> Any:
    """One that holds no descriptor any more, so that it can be kept."""
    key = (kind, mode, detached)
    if key not in _closed:
        file = _layered(kind, _null(mode))
        if detached:
            file.detach().close()
        else:
            file.close()
        _closed[key] = file
    return _closed[key]


def misuse(kind: str, state: str, mode: str, name: str, args: list[Any]) -> Any:
    """Answers as a file of this kind, mode and state does; as a rule, by raising."""
    mode = mode.replace("x", "w")
    if state in ("closed", "detached"):
        return getattr(_closed_file(kind, mode, state == "detached"), name)(*args)
    with _stream(mode) if state == "stream" else _null(mode) as raw, _layered(kind, raw) as file:
        return getattr(file, name)(*args)
