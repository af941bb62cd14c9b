"""Handles of spooled temporary files and of temporary directories."""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Iterable
from concurrent.futures import Executor
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, AnyStr, Generic

from ..base import AsyncBase

if TYPE_CHECKING:
    from typing_extensions import Self


class AsyncSpooledTemporaryFile(AsyncBase, Generic[AnyStr]):
    """A file that stays in memory until it outgrows ``max_size``.

    In memory, nothing blocks and no thread is involved.
    """

    def __init__(
        self, file: Any, loop: AbstractEventLoop | None = None, executor: Executor | None = None
    ) -> None:
        super().__init__(file, loop, executor)
        # Nobody may read or write while the file moves to the disk.
        self._turn = asyncio.Lock()

    async def _do(self, name: str, *args: Any) -> Any:
        async with self._turn:
            # Before Python 3.11 the spooled file lacks methods that the file inside has.
            file = self._file if hasattr(self._file, name) else self._file._file
            if self._file._rolled:
                call = partial(getattr(file, name), *args)
                return await self._loop.run_in_executor(self._executor, call)
            return getattr(file, name)(*args)

    async def _grow(self, name: str, data: Any) -> Any:
        if self._file._rolled:
            return await self._do(name, data)
        async with self._turn:
            if not self._file._rolled:
                # To the file inside: the spooled file itself would move to the disk here and now.
                result = getattr(self._file._file, name)(data)
                if 0 < self._file._max_size < self._file._file.tell():
                    await self._call("rollover")
                return result
        return await self._do(name, data)

    async def rollover(self) -> None:
        """Moves the file to the disk."""
        async with self._turn:
            await self._call("rollover")

    async def fileno(self) -> int:
        """The number of the descriptor. The file moves to the disk."""
        async with self._turn:
            number: int = await self._call("fileno")
        return number

    async def read(self, size: int | None = -1, /) -> AnyStr:
        """Reads ``size`` bytes or characters; without a size, all that is left."""
        data: AnyStr = await self._do("read", size)
        return data

    async def read1(self, size: int = -1, /) -> bytes:
        """As `read`, of a binary file, with at most one system call."""
        data: bytes = await self._do("read1", size)
        return data

    async def readinto(self, buffer: Any, /) -> int:
        """Reads bytes into a writable buffer and returns how many."""
        count: int = await self._do("readinto", buffer)
        return count

    async def readline(self, size: int | None = -1, /) -> AnyStr:
        """Reads a line with its end, at most ``size`` of it."""
        line: AnyStr = await self._do("readline", -1 if size is None else size)
        return line

    async def readlines(self, hint: int | None = -1, /) -> list[AnyStr]:
        """Reads lines until they are ``hint`` long together; without a hint, all that are left."""
        lines: list[AnyStr] = await self._do("readlines", -1 if hint is None else hint)
        return lines

    async def write(self, data: AnyStr, /) -> int:
        """Writes and returns how much. Beyond ``max_size`` the file moves to the disk."""
        count: int = await self._grow("write", data)
        return count

    async def writelines(self, lines: Iterable[AnyStr], /) -> None:
        """Writes one after the other."""
        await self._grow("writelines", lines)

    async def seek(self, offset: int, whence: int = 0, /) -> int:
        """Goes to an offset from the start (``whence`` 0), from here (1) or from the end (2)."""
        position: int = await self._do("seek", offset, whence)
        return position

    async def tell(self) -> int:
        """Where the next byte or character is read or written."""
        position: int = await self._do("tell")
        return position

    async def truncate(self, size: int | None = None, /) -> int | None:
        """Cuts or extends the file to a size; beyond ``max_size`` it moves to the disk."""
        if size is not None and size > self._file._max_size:
            await self.rollover()
        changed: int | None = await self._do("truncate", size)
        return changed

    async def flush(self) -> None:
        """Hands to the kernel what is buffered."""
        await self._do("flush")

    async def close(self) -> None:
        """Closes the file, and with that removes it."""
        await self._do("close")

    async def isatty(self) -> bool:
        """Whether the file is a terminal: no."""
        return bool(await self._do("isatty"))

    async def readable(self) -> bool:
        """Whether the file can be read from."""
        return bool(await self._do("readable"))

    async def seekable(self) -> bool:
        """Whether the file has a position."""
        return bool(await self._do("seekable"))

    async def writable(self) -> bool:
        """Whether the file can be written to."""
        return bool(await self._do("writable"))

    @property
    def closed(self) -> bool:
        """Whether the file is closed."""
        return bool(self._file.closed)

    @property
    def encoding(self) -> str:
        """The encoding of a text file."""
        encoding: str = self._file.encoding
        return encoding

    @property
    def errors(self) -> str | None:
        """What a text file does about what can't be decoded or encoded."""
        errors: str | None = self._file.errors
        return errors

    @property
    def mode(self) -> str:
        """The mode of the file."""
        mode: str = self._file.mode
        return mode

    @property
    def name(self) -> Any:
        """None in memory, the number of the descriptor on the disk."""
        return self._file.name

    @property
    def newlines(self) -> str | tuple[str, ...] | None:
        """The line ends met so far in a text file: None, one of them, or a tuple."""
        newlines: str | tuple[str, ...] | None = self._file.newlines
        return newlines

    if TYPE_CHECKING:

        async def __anext__(self) -> AnyStr: ...


class AsyncTemporaryDirectory(Generic[AnyStr]):
    """A directory that is removed in the end."""

    # Whether the end of an ``async with`` block removes it.
    delete = True

    def __init__(
        self, file: Any, loop: AbstractEventLoop | None, executor: Executor | None
    ) -> None:
        self._file = file
        self._ref_loop = loop
        self._executor = executor

    @property
    def _loop(self) -> AbstractEventLoop:
        return self._ref_loop or asyncio.get_running_loop()

    @property
    def name(self) -> AnyStr:
        """The path of the directory."""
        name: AnyStr = self._file.name
        return name

    async def cleanup(self) -> None:
        """Removes the directory with all that is in it."""
        await self._loop.run_in_executor(self._executor, self._file.cleanup)

    async def close(self) -> None:
        """The same."""
        await self.cleanup()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.delete:
            await self.cleanup()

    def __repr__(self) -> str:
        return f"{super().__repr__()} wrapping {self._file!r}"
