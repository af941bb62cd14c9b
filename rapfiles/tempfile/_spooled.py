"""`SpooledTemporaryFile`."""

from __future__ import annotations

import tempfile
from asyncio import AbstractEventLoop
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, overload

from ..base import AiofilesContextManager
from .temptypes import AsyncSpooledTemporaryFile

if TYPE_CHECKING:
    from _typeshed import BytesPath, OpenBinaryMode, OpenTextMode, StrPath


@overload
def SpooledTemporaryFile(
    max_size: int = 0,
    mode: OpenBinaryMode = "w+b",
    buffering: int = -1,
    encoding: None = None,
    newline: None = None,
    suffix: str | bytes | None = None,
    prefix: str | bytes | None = None,
    dir: StrPath | BytesPath | None = None,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
    *,
    errors: None = None,
) -> AiofilesContextManager[AsyncSpooledTemporaryFile[bytes]]: ...
@overload
def SpooledTemporaryFile(
    max_size: int,
    mode: OpenTextMode,
    buffering: int = -1,
    encoding: str | None = None,
    newline: str | None = None,
    suffix: str | bytes | None = None,
    prefix: str | bytes | None = None,
    dir: StrPath | BytesPath | None = None,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
    *,
    errors: str | None = None,
) -> AiofilesContextManager[AsyncSpooledTemporaryFile[str]]: ...
@overload
def SpooledTemporaryFile(
    max_size: int = 0,
    *,
    mode: OpenTextMode,
    buffering: int = -1,
    encoding: str | None = None,
    newline: str | None = None,
    suffix: str | bytes | None = None,
    prefix: str | bytes | None = None,
    dir: StrPath | BytesPath | None = None,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
    errors: str | None = None,
) -> AiofilesContextManager[AsyncSpooledTemporaryFile[str]]: ...
@overload
def SpooledTemporaryFile(
    max_size: int,
    mode: str,
    buffering: int = -1,
    encoding: str | None = None,
    newline: str | None = None,
    suffix: str | bytes | None = None,
    prefix: str | bytes | None = None,
    dir: StrPath | BytesPath | None = None,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
    *,
    errors: str | None = None,
) -> AiofilesContextManager[AsyncSpooledTemporaryFile[Any]]: ...
def SpooledTemporaryFile(  # noqa: N802
    max_size: int = 0,
    mode: str = "w+b",
    buffering: int = -1,
    encoding: str | None = None,
    newline: str | None = None,
    suffix: str | bytes | None = None,
    prefix: str | bytes | None = None,
    dir: StrPath | BytesPath | None = None,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
    *,
    errors: str | None = None,
) -> AiofilesContextManager[AsyncSpooledTemporaryFile[Any]]:
    """Opens a file without a name that stays in memory until it is longer than ``max_size``."""
    make = partial(
        tempfile.SpooledTemporaryFile,
        max_size=max_size,
        mode=mode,
        buffering=buffering,
        encoding=encoding,
        newline=newline,
        suffix=suffix,
        prefix=prefix,
        dir=dir,
        errors=errors,
    )
    return AiofilesContextManager(_spooled(make, loop, executor))


async def _spooled(
    make: Callable[[], Any], loop: AbstractEventLoop | None, executor: Executor | None
) -> AsyncSpooledTemporaryFile[Any]:
    """It starts in memory: nothing blocks."""
    return AsyncSpooledTemporaryFile(make(), loop, executor)
