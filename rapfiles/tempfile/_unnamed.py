"""`TemporaryFile`."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Literal, overload

from .._adopt import Arguments
from ..base import AiofilesContextManager
from ..threadpool.binary import AsyncBufferedIOBase, AsyncBufferedReader, AsyncFileIO
from ..threadpool.text import AsyncTextIOWrapper
from ._make import Place, make

if TYPE_CHECKING:
    from _typeshed import (
        BytesPath,
        OpenBinaryMode,
        OpenBinaryModeReading,
        OpenBinaryModeUpdating,
        OpenBinaryModeWriting,
        OpenTextMode,
        StrPath,
    )


@overload
def TemporaryFile(
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
) -> AiofilesContextManager[AsyncTextIOWrapper]: ...
@overload
def TemporaryFile(  # type: ignore[overload-overlap]  # the first match counts
    mode: OpenBinaryMode,
    buffering: Literal[0],
    encoding: None = None,
    newline: None = None,
    suffix: str | bytes | None = None,
    prefix: str | bytes | None = None,
    dir: StrPath | BytesPath | None = None,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
    *,
    errors: None = None,
) -> AiofilesContextManager[AsyncFileIO]: ...
@overload
def TemporaryFile(
    mode: OpenBinaryModeReading | OpenBinaryModeUpdating = "w+b",
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
) -> AiofilesContextManager[AsyncBufferedReader]: ...
@overload
def TemporaryFile(
    mode: OpenBinaryModeWriting,
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
) -> AiofilesContextManager[AsyncBufferedIOBase]: ...
@overload
def TemporaryFile(
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
) -> AiofilesContextManager[Any]: ...
def TemporaryFile(  # noqa: N802
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
) -> AiofilesContextManager[Any]:
    """Opens a file without a name: it is gone when it is closed."""
    arguments = Arguments(mode, buffering, encoding, errors, newline)
    place = Place(suffix, prefix, dir)
    return AiofilesContextManager(make(arguments, place, None, loop, executor))
