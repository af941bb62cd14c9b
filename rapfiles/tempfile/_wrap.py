"""From temporary files of the standard library to handles, by the type of the file inside."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from concurrent.futures import Executor
from functools import singledispatch
from io import BufferedRandom, BufferedReader, BufferedWriter, FileIO, TextIOBase
from typing import Any

from .._kinds import NativeKinds
from ..threadpool.binary import AsyncBufferedIOBase, AsyncBufferedReader, AsyncFileIO
from ..threadpool.text import AsyncTextIOWrapper


@singledispatch
def wrap(
    base_io_obj: Any,
    file: Any,
    *,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
) -> Any:
    """Makes a handle for ``file``, by the type of ``base_io_obj``, the file that is inside it.

    Further types are registered with ``wrap.register``.
    """
    raise TypeError(f"Unsupported IO type: {base_io_obj}")


@wrap.register(TextIOBase)
def _text(_inside: Any, file: Any, *, loop: Any = None, executor: Any = None) -> AsyncTextIOWrapper:
    return AsyncTextIOWrapper(file, loop=loop, executor=executor)


@wrap.register(BufferedWriter)
def _writer(
    _inside: Any, file: Any, *, loop: Any = None, executor: Any = None
) -> AsyncBufferedIOBase:
    return AsyncBufferedIOBase(file, loop=loop, executor=executor)


@wrap.register(BufferedReader)
@wrap.register(BufferedRandom)
def _reader(
    _inside: Any, file: Any, *, loop: Any = None, executor: Any = None
) -> AsyncBufferedReader:
    return AsyncBufferedReader(file, loop=loop, executor=executor)


@wrap.register(FileIO)
def _raw(_inside: Any, file: Any, *, loop: Any = None, executor: Any = None) -> AsyncFileIO:
    return AsyncFileIO(file, loop=loop, executor=executor)


kinds = NativeKinds(wrap)
