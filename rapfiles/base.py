"""What the handle classes have in common, under aiofiles' names."""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager
from functools import partial, wraps
from types import GenericAlias, TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from . import _handover
from ._rapfiles import Handle, OpenContext, install_slots

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")


def wrap(func: Callable[..., T]) -> Callable[..., Any]:
    """Makes a coroutine function of a blocking one: it runs in an executor."""

    @wraps(func)
    async def run(
        *args: Any,
        loop: AbstractEventLoop | None = None,
        executor: Executor | None = None,
        **kwargs: Any,
    ) -> T:
        loop = loop or asyncio.get_running_loop()
        return await loop.run_in_executor(executor, partial(func, *args, **kwargs))

    return run


class AsyncBase(Handle):
    """A file whose methods are coroutines.

    `rapfiles.open` makes handles that work natively. One that is made from a Python file runs that
    file's own methods in an executor.
    """

    _executor: Executor | None = None
    _ref_loop: AbstractEventLoop | None = None

    def __init__(
        self, file: Any, loop: AbstractEventLoop | None = None, executor: Executor | None = None
    ) -> None:
        self._file = file
        self._executor = executor
        self._ref_loop = loop

    @property
    def _file(self) -> Any:
        """The blocking file: the one that was given, or a view of the native one."""
        return _handover.BlockingFile(self) if self._native else self.__dict__["_wrapped"]

    @_file.setter
    def _file(self, file: Any) -> None:
        if self._native:
            _handover.let_go(self)
        self.__dict__["_wrapped"] = file

    @property
    def _loop(self) -> AbstractEventLoop:
        return self._ref_loop or asyncio.get_running_loop()

    async def _call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Runs a method of the Python file."""
        call = partial(getattr(self._file, name), *args, **kwargs)
        return await self._loop.run_in_executor(self._executor, call)

    if TYPE_CHECKING:

        def __aiter__(self) -> Self: ...

    async def __aenter__(self) -> Self:
        if getattr(self._file, "closed", False) is True:
            raise ValueError("I/O operation on closed file.")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._native:
            handle: Any = self
            await handle.close()
        else:
            await delegate(self, "__exit__", kind, value, traceback)
        # Named temporary files may be removed only here.
        if leave := getattr(self.__dict__.get("_closer"), "leave", None):
            await leave()

    def __repr__(self) -> str:
        return f"{super().__repr__()} wrapping {self._file!r}"

    def __reduce__(self) -> Any:
        raise TypeError(f"cannot pickle {type(self).__name__!r} object")


class AsyncIndirectBase(AsyncBase):
    """A handle whose file is looked up at each use, as `sys.stdout` may be replaced."""

    def __init__(
        self,
        name: str,
        loop: AbstractEventLoop | None,
        executor: Executor | None,
        indirect: Callable[[], Any],
    ) -> None:
        self._indirect = indirect
        self._name = name
        super().__init__(None, loop, executor)

    @property
    def _file(self) -> Any:
        return self._indirect()

    @_file.setter
    def _file(self, file: Any) -> None:
        """Is not set: it is looked up."""


async def delegate(handle: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    """Does with a Python file's handle what a native one would have done itself."""
    if name == "__anext__":
        if line := await handle.readline():
            return line
        raise StopAsyncIteration
    if isinstance(handle, AsyncBase):
        result = await handle._call(name, *args, **kwargs)
    else:
        call = partial(getattr(handle._file, name), *args, **kwargs)
        result = await asyncio.get_running_loop().run_in_executor(None, call)
    # Whatever `__exit__` says, an exception is not swallowed.
    return None if name == "__exit__" else result


class AiofilesContextManager(
    OpenContext, Awaitable[T], AbstractAsyncContextManager[T, None], Generic[T]
):
    """Awaits an open once; as ``async with`` it closes the file on the way out."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __new__(cls, coro: Awaitable[T]) -> Self: ...

        def __class_getitem__(cls, item: Any, /) -> GenericAlias: ...

        def __await__(self) -> Generator[Any, Any, T]: ...

        async def __aenter__(self) -> T: ...

        async def __aexit__(
            self,
            kind: type[BaseException] | None,
            value: BaseException | None,
            traceback: TracebackType | None,
        ) -> None: ...

    else:
        # aiofiles' class takes any number of parameters.
        __class_getitem__ = classmethod(GenericAlias)


install_slots(AiofilesContextManager)
