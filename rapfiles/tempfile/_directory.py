"""`TemporaryDirectory`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from asyncio import AbstractEventLoop
from concurrent.futures import Executor
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, AnyStr, overload

from .._obtain import obtain
from ..base import AiofilesContextManager
from .temptypes import AsyncTemporaryDirectory

if TYPE_CHECKING:
    from _typeshed import BytesPath, GenericPath, StrPath


class AiofilesContextManagerTempDir(AiofilesContextManager[AsyncTemporaryDirectory[AnyStr]]):
    """As ``async with``, it gives the name of the directory rather than the object."""

    async def __aenter__(self) -> AnyStr:  # type: ignore[override]  # as the standard library's
        directory = await self
        return directory.name

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        directory, self._obj = self._obj, None
        await directory.__aexit__(kind, value, traceback)


@overload
def TemporaryDirectory(
    suffix: str | None = None,
    prefix: str | None = None,
    dir: StrPath | None = None,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
    *,
    ignore_cleanup_errors: bool = False,
    delete: bool = True,
) -> AiofilesContextManagerTempDir[str]: ...
@overload
def TemporaryDirectory(
    suffix: bytes | None = None,
    prefix: bytes | None = None,
    dir: BytesPath | None = None,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
    *,
    ignore_cleanup_errors: bool = False,
    delete: bool = True,
) -> AiofilesContextManagerTempDir[bytes]: ...
def TemporaryDirectory(  # noqa: N802
    suffix: AnyStr | None = None,
    prefix: AnyStr | None = None,
    dir: GenericPath[AnyStr] | None = None,
    loop: AbstractEventLoop | None = None,
    executor: Executor | None = None,
    *,
    ignore_cleanup_errors: bool = False,
    delete: bool = True,
) -> AiofilesContextManagerTempDir[Any]:
    """Makes a directory that is removed, with all that is in it, at the end of ``async with``.

    ``async with TemporaryDirectory() as name`` gives its name; ``await TemporaryDirectory()`` gives
    an object with ``name`` and ``cleanup()``.
    """
    make = partial(
        _make, suffix, prefix, dir, delete=delete, ignore_cleanup_errors=ignore_cleanup_errors
    )
    return AiofilesContextManagerTempDir(_directory(make, delete, loop, executor))


def _make(*place: Any, delete: bool, ignore_cleanup_errors: bool) -> Any:
    make: Any = tempfile.TemporaryDirectory
    if sys.version_info >= (3, 12):
        return make(*place, delete=delete, ignore_cleanup_errors=ignore_cleanup_errors)
    directory = make(*place, ignore_cleanup_errors=ignore_cleanup_errors)
    if not delete:
        directory._finalizer.detach()
    return directory


async def _directory(
    make: Any, delete: bool, loop: AbstractEventLoop | None, executor: Executor | None
) -> AsyncTemporaryDirectory[Any]:
    loop = loop or asyncio.get_running_loop()
    directory = await obtain(make, lambda made: made.cleanup(), loop, executor)
    handle = AsyncTemporaryDirectory[Any](directory, loop, executor)
    handle.delete = delete
    return handle
