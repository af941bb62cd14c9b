"""From Python's files to handles, by their type."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from concurrent.futures import Executor
from functools import singledispatch
from io import BufferedIOBase, BufferedRandom, BufferedReader, BufferedWriter, FileIO, TextIOBase
from typing import Any

from .._kinds import NativeKinds
from .binary import AsyncBufferedIOBase, AsyncBufferedReader, AsyncFileIO
from .text import AsyncTextIOWrapper


@singledispatch
def wrap(
    file: Any, *, loop: AbstractEventLoop | None = None, executor: Executor | None = None
) -> Any:
    """Makes a handle for a Python file, whose methods it runs in an executor.

    Further types are registered with ``wrap.register``.
    """
    raise TypeError(f"Unsupported io type: {file}.")


@wrap.register(TextIOBase)
def _text(file: Any, *, loop: Any = None, executor: Any = None) -> AsyncTextIOWrapper:
    return AsyncTextIOWrapper(file, loop=loop, executor=executor)


@wrap.register(BufferedWriter)
@wrap.register(BufferedIOBase)
def _buffered(file: Any, *, loop: Any = None, executor: Any = None) -> AsyncBufferedIOBase:
    return AsyncBufferedIOBase(file, loop=loop, executor=executor)


@wrap.register(BufferedReader)
@wrap.register(BufferedRandom)
def _reader(file: Any, *, loop: Any = None, executor: Any = None) -> AsyncBufferedReader:
    return AsyncBufferedReader(file, loop=loop, executor=executor)


@wrap.register(FileIO)
def _raw(file: Any, *, loop: Any = None, executor: Any = None) -> AsyncFileIO:
    return AsyncFileIO(file, loop=loop, executor=executor)


kinds = NativeKinds(wrap)
