"""`NamedTemporaryFile`."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from concurrent.futures import Executor
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from .._adopt import Arguments
from ..base import AiofilesContextManager, AsyncBase
from ..threadpool.binary import AsyncBufferedIOBase, AsyncBufferedReader, AsyncFileIO
from ..threadpool.text import AsyncTextIOWrapper
from ._make import Deletion, Place, make

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

T = TypeVar("T")


class _Context(AiofilesContextManager[T]):
    """At its end a file may have to be removed that was closed before."""

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(self._obj, AsyncBase):
            handle, self._obj = self._obj, None
            await handle.__aexit__(kind, value, traceback)
        else:
            await super().__aexit__(kind, value, traceback)


@overload
def NamedTemporaryFile(
    mode: OpenTextMode,
    buffering: int = -1,
    encoding: str | None = None,
    newline: str | None = None,
    suffix: str | bytes | None = None,
    prefix: str | bytes | None = None,
    dir: StrPath | BytesPath | None = None,
    delete: bool = True,
    delete_on_close: bool = True,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
    *,
    errors: str | None = None,
) -> AiofilesContextManager[AsyncTextIOWrapper]: ...
@overload
def NamedTemporaryFile(  # type: ignore[overload-overlap]  # the first match counts
    mode: OpenBinaryMode,
    buffering: Literal[0],
    encoding: None = None,
    newline: None = None,
    suffix: str | bytes | None = None,
    prefix: str | bytes | None = None,
    dir: StrPath | BytesPath | None = None,
    delete: bool = True,
    delete_on_close: bool = True,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
    *,
    errors: None = None,
) -> AiofilesContextManager[AsyncFileIO]: ...
@overload
def NamedTemporaryFile(
    mode: OpenBinaryModeReading | OpenBinaryModeUpdating = "w+b",
    buffering: int = -1,
    encoding: None = None,
    newline: None = None,
    suffix: str | bytes | None = None,
    prefix: str | bytes | None = None,
    dir: StrPath | BytesPath | None = None,
    delete: bool = True,
    delete_on_close: bool = True,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
    *,
    errors: None = None,
) -> AiofilesContextManager[AsyncBufferedReader]: ...
@overload
def NamedTemporaryFile(
    mode: OpenBinaryModeWriting,
    buffering: int = -1,
    encoding: None = None,
    newline: None = None,
    suffix: str | bytes | None = None,
    prefix: str | bytes | None = None,
    dir: StrPath | BytesPath | None = None,
    delete: bool = True,
    delete_on_close: bool = True,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
    *,
    errors: None = None,
) -> AiofilesContextManager[AsyncBufferedIOBase]: ...
@overload
def NamedTemporaryFile(
    mode: str,
    buffering: int = -1,
    encoding: str | None = None,
    newline: str | None = None,
    suffix: str | bytes | None = None,
    prefix: str | bytes | None = None,
    dir: StrPath | BytesPath | None = None,
    delete: bool = True,
    delete_on_close: bool = True,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
    *,
    errors: str | None = None,
) -> AiofilesContextManager[Any]: ...
def NamedTemporaryFile(  # noqa: N802
    mode: str = "w+b",
    buffering: int = -1,
    encoding: str | None = None,
    newline: str | None = None,
    suffix: str | bytes | None = None,
    prefix: str | bytes | None = None,
    dir: StrPath | BytesPath | None = None,
    delete: bool = True,
    delete_on_close: bool = True,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
    *,
    errors: str | None = None,
) -> AiofilesContextManager[Any]:
    """Opens a file with a name of its own, which is the handle's ``name``.

    Unless ``delete`` is false the file is removed: when it is closed, or at the end of
    ``async with`` if ``delete_on_close`` is false.
    """
    arguments = Arguments(mode, buffering, encoding, errors, newline)
    deletion = Deletion(bool(delete), bool(delete_on_close))
    return _Context(make(arguments, Place(suffix, prefix, dir), deletion, loop, executor))
