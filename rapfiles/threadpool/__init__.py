"""Opening files, under the name that aiofiles gave the place. Most of it involves no thread."""

from __future__ import annotations

import asyncio
import builtins
from asyncio import AbstractEventLoop
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, overload

from .. import _adopt
from .._obtain import obtain
from .._rapfiles import open_native
from ..base import AiofilesContextManager
from ._stdio import stderr, stderr_bytes, stdin, stdin_bytes, stdout, stdout_bytes
from ._wrap import kinds as _kinds
from ._wrap import wrap as wrap
from .binary import AsyncBufferedIOBase as AsyncBufferedIOBase
from .binary import AsyncBufferedReader as AsyncBufferedReader
from .binary import AsyncFileIO as AsyncFileIO
from .binary import AsyncIndirectBufferedIOBase as AsyncIndirectBufferedIOBase
from .text import AsyncTextIndirectIOWrapper as AsyncTextIndirectIOWrapper
from .text import AsyncTextIOWrapper as AsyncTextIOWrapper

if TYPE_CHECKING:
    from _typeshed import (
        OpenBinaryMode,
        OpenBinaryModeReading,
        OpenBinaryModeUpdating,
        OpenBinaryModeWriting,
        OpenTextMode,
    )

    from ..types import FileDescriptorOrPath, Opener

__all__ = (
    "open",
    "stderr",
    "stderr_bytes",
    "stdin",
    "stdin_bytes",
    "stdout",
    "stdout_bytes",
)

# Looked up at each call: who replaces it (in tests) gets what it returns, wrapped.
sync_open: Callable[..., Any] = builtins.open
_own_wrap = wrap


@overload
def open(
    file: FileDescriptorOrPath,
    mode: OpenTextMode = "r",
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    closefd: bool = True,
    opener: Opener | None = None,
    *,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
) -> AiofilesContextManager[AsyncTextIOWrapper]: ...
@overload
def open(  # type: ignore[overload-overlap]  # 0 is an int, too: the first match counts
    file: FileDescriptorOrPath,
    mode: OpenBinaryMode,
    buffering: Literal[0],
    encoding: None = None,
    errors: None = None,
    newline: None = None,
    closefd: bool = True,
    opener: Opener | None = None,
    *,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
) -> AiofilesContextManager[AsyncFileIO]: ...
@overload
def open(
    file: FileDescriptorOrPath,
    mode: OpenBinaryModeReading | OpenBinaryModeUpdating,
    buffering: int = -1,
    encoding: None = None,
    errors: None = None,
    newline: None = None,
    closefd: bool = True,
    opener: Opener | None = None,
    *,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
) -> AiofilesContextManager[AsyncBufferedReader]: ...
@overload
def open(
    file: FileDescriptorOrPath,
    mode: OpenBinaryModeWriting,
    buffering: int = -1,
    encoding: None = None,
    errors: None = None,
    newline: None = None,
    closefd: bool = True,
    opener: Opener | None = None,
    *,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
) -> AiofilesContextManager[AsyncBufferedIOBase]: ...
@overload
def open(
    file: FileDescriptorOrPath,
    mode: str,
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    closefd: bool = True,
    opener: Opener | None = None,
    *,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
) -> AiofilesContextManager[Any]: ...
def open(
    file: FileDescriptorOrPath,
    mode: str = "r",
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    closefd: bool = True,
    opener: Opener | None = None,
    *,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
) -> AiofilesContextManager[Any]:
    """Opens a file: ``f = await open(…)`` or ``async with open(…) as f``.

    The arguments are those of the built-in `open`. With an ``executor``, everything that is done
    with the file is done there, on a file of the standard library; with a ``loop``, in its own.
    """
    coro: Awaitable[Any] | None = None
    own = sync_open is builtins.open and wrap is _own_wrap
    if own and executor is None and loop is None and (_kinds.all or _kinds.have(mode, buffering)):
        if opener is None:
            coro = open_native(file, mode, buffering, encoding, errors, newline, closefd)
        elif not isinstance(file, int) and closefd:
            coro = _open_with(
                opener, file, _adopt.Arguments(mode, buffering, encoding, errors, newline)
            )
    if coro is None:
        coro = _open(
            file,
            mode=mode,
            buffering=buffering,
            encoding=encoding,
            errors=errors,
            newline=newline,
            closefd=closefd,
            opener=opener,
            loop=loop,
            executor=executor,
        )
    return AiofilesContextManager(coro)


async def _open(
    file: Any,
    mode: str = "r",
    *,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
    **arguments: Any,
) -> Any:
    """Opens in an executor what gets no native handle."""
    loop = loop or asyncio.get_running_loop()
    call = partial(sync_open, file, mode=mode, **arguments)
    opened = await obtain(call, lambda opened: opened.close(), loop, executor)
    return wrap(opened, loop=loop, executor=executor)


async def _open_with(opener: Opener, file: Any, arguments: _adopt.Arguments) -> Any:
    """Opens by a function that returns a descriptor."""
    if not arguments.are_native():
        return await _open(file, **arguments._asdict(), opener=opener)
    call = partial(_adopt.adopt_from, opener, file, arguments)
    return await obtain(call, _adopt.close, asyncio.get_running_loop(), None)
