"""Whole files in one call."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from . import _rapfiles
from ._native import native_functions

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from .types import StrOrBytesPath


async def read_file(path: StrOrBytesPath, encoding: str = "utf-8", errors: str = "strict") -> str:
    """Reads a whole text file; every line end comes as ``\\n``."""


async def read_file_bytes(path: StrOrBytesPath) -> bytes:
    """Reads a whole file."""


async def write_file(
    path: StrOrBytesPath, text: str, encoding: str = "utf-8", errors: str = "strict"
) -> int:
    """Makes or replaces a text file and returns the number of bytes written."""


async def write_file_bytes(path: StrOrBytesPath, data: ReadableBuffer) -> int:
    """Makes or replaces a file and returns the number of bytes written."""


native_functions(globals(), partial(getattr, _rapfiles))
