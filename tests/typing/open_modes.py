"""What ``open`` returns, by mode: checked by mypy and pyright, never run."""

from __future__ import annotations

import os
from pathlib import Path

from typing_extensions import assert_type

import rapfiles
from rapfiles.base import AiofilesContextManager
from rapfiles.threadpool.binary import AsyncBufferedIOBase, AsyncBufferedReader, AsyncFileIO
from rapfiles.threadpool.text import AsyncTextIOWrapper


async def by_mode() -> None:
    assert_type(await rapfiles.open("f"), AsyncTextIOWrapper)
    assert_type(await rapfiles.open("f", "w", encoding="utf-8"), AsyncTextIOWrapper)
    assert_type(await rapfiles.open("f", "rt+"), AsyncTextIOWrapper)
    assert_type(await rapfiles.open("f", "rb"), AsyncBufferedReader)
    assert_type(await rapfiles.open("f", mode="r+b"), AsyncBufferedReader)
    assert_type(await rapfiles.open("f", "wb"), AsyncBufferedIOBase)
    assert_type(await rapfiles.open("f", "xb", buffering=4096), AsyncBufferedIOBase)
    assert_type(await rapfiles.open("f", "rb", buffering=0), AsyncFileIO)
    assert_type(await rapfiles.open("f", "rb", 0), AsyncFileIO)


async def contexts() -> None:
    opening = rapfiles.open("f")
    assert_type(opening, AiofilesContextManager[AsyncTextIOWrapper])
    async with opening as text:
        assert_type(text, AsyncTextIOWrapper)
    async with rapfiles.open("f", "rb") as binary, binary:
        assert_type(binary, AsyncBufferedReader)


async def any_path_and_opener() -> None:
    for path in ("f", b"f", Path("f"), 3):
        await rapfiles.open(path)
    await rapfiles.open("f", opener=os.open, closefd=True, loop=None, executor=None)
