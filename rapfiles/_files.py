"""Whole files in one call."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from . import _rapfiles
from ._native import native_functions

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from .types import StrOrBytesPath


async def read_file(
    path: StrOrBytesPath,
    encoding: str = "utf-8",
    errors: str = "strict",
    newline: str | None = None,
) -> str:
    """Reads a whole text file; every line end comes as ``\\n`` unless ``newline`` is given.

    Args:
        path: The file.
        encoding: What its bytes mean.
        errors: What becomes of bytes that mean nothing, as for ``bytes.decode``.
        newline: As for ``open``: with ``""``, ``"\\n"``, ``"\\r"`` or ``"\\r\\n"`` line ends are
            left as they are.
    """


async def read_file_bytes(path: StrOrBytesPath) -> bytes:
    """Reads a whole file."""


async def write_file(
    path: StrOrBytesPath,
    text: str,
    encoding: str = "utf-8",
    errors: str = "strict",
    newline: str | None = None,
) -> int:
    """Makes or replaces a text file and returns the number of bytes written.

    Args:
        path: The file.
        text: What goes into it.
        encoding: How it is made bytes.
        errors: What becomes of characters that can't be, as for ``str.encode``.
        newline: As for ``open``: ``"\\r"`` or ``"\\r\\n"`` is written for every ``\\n``; ``None``
            stands for what the system uses.
    """


async def write_file_bytes(path: StrOrBytesPath, data: ReadableBuffer) -> int:
    """Makes or replaces a file and returns the number of bytes written."""


native_functions(globals(), partial(getattr, _rapfiles))
