"""Locks on files, between processes and between tasks."""

from __future__ import annotations

import os
import warnings
import weakref
from typing import TYPE_CHECKING

from . import _rapfiles

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

    from ._rapfiles import HeldLock
    from .types import StrOrBytesPath

_locks: weakref.WeakSet[FileLock] = weakref.WeakSet()


class FileLock:
    """A lock on a file: what `rapfiles.lock_file` gives. It is held until `release`, the end of
    ``async with``, or the end of the process, whichever comes first."""

    def __init__(self, path: StrOrBytesPath, exclusive: bool, held: HeldLock) -> None:
        self._path = path
        self._exclusive = exclusive
        self._held = held
        _locks.add(self)

    @property
    def path(self) -> StrOrBytesPath:
        """The path, as it was given."""
        return self._path

    @property
    def exclusive(self) -> bool:
        """Whether nobody else has a lock on the file; if not, others may share it."""
        return self._exclusive

    @property
    def held(self) -> bool:
        """Whether it was not released yet."""
        return self._held.held

    async def release(self) -> None:
        """Releases the lock. A second time nothing happens."""
        await self._held.release()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.release()

    def __del__(self) -> None:
        if self.held:
            words = f"lock on {os.fspath(self._path)!r} was never released"
            warnings.warn(words, ResourceWarning, source=self, stacklevel=2)
            self._held.drop()

    def __repr__(self) -> str:
        kind = "exclusive" if self._exclusive else "shared"
        state = "held" if self.held else "released"
        return f"<rapfiles.FileLock on {os.fspath(self._path)!r}, {kind}, {state}>"


class LockRequest:
    """A lock to be had: awaited it gives a `FileLock`, as ``async with`` it releases it too."""

    def __init__(self, path: StrOrBytesPath, exclusive: bool, timeout: float | None) -> None:
        self._wanted = path, exclusive, timeout
        self._locks: list[FileLock] = []

    async def _acquire(self) -> FileLock:
        path, exclusive, timeout = self._wanted
        return FileLock(path, exclusive, await _rapfiles.lock_file(path, exclusive, timeout))

    def __await__(self) -> Generator[Any, Any, FileLock]:
        return self._acquire().__await__()

    async def __aenter__(self) -> FileLock:
        lock = await self._acquire()
        self._locks.append(lock)
        return lock

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._locks.pop().release()


def lock_file(
    path: StrOrBytesPath, exclusive: bool = True, timeout: float | None = None
) -> LockRequest:
    """Locks a file, as soon as nobody else has it locked: no other process and no other task.

    The file is made if it isn't there, and stays. Nothing else is done to it: reads and writes by
    whoever doesn't ask for the lock go on as ever. Who waits needs no thread. Tasks of one process
    get the lock in the order in which they asked. If the waiting is cancelled the lock is not held.

    ```python
    import rapfiles

    async with rapfiles.lock_file("counter.lock") as lock:
        print(lock.held, lock.exclusive)
        #> True True

    lock = await rapfiles.lock_file("counter.lock", timeout=5)
    await lock.release()
    ```

    Args:
        path: Which file: best one that is there for the lock alone.
        exclusive: Whether nobody else may have a lock on it. If not, others may share it.
        timeout: How many seconds to wait at most; 0 is one try.

    Returns:
        What is awaited for a [`FileLock`][rapfiles.FileLock], or entered with ``async with``.

    Raises:
        TimeoutError: Somebody else has the lock, for so long. It has the path.
        OSError: The file can't be opened or made, or its filesystem has no locks.
        ValueError: ``timeout`` is negative.
    """
    return LockRequest(path, exclusive, timeout)


def lock_file_shared(path: StrOrBytesPath, timeout: float | None = None) -> LockRequest:
    """Locks a file together with others who want it shared, while nobody has it exclusively.

    ```python
    import rapfiles

    async with rapfiles.lock_file_shared("counter.lock") as one:
        async with rapfiles.lock_file_shared("counter.lock") as other:
            print(one.held, other.held, other.exclusive)
            #> True True False
    ```

    Args:
        path: Which file.
        timeout: How many seconds to wait at most; 0 is one try.

    Returns:
        What is awaited for a [`FileLock`][rapfiles.FileLock], or entered with ``async with``.

    Raises:
        TimeoutError: Somebody has the file locked exclusively, for so long.
        OSError: The file can't be opened or made, or its filesystem has no locks.
        ValueError: ``timeout`` is negative.
    """
    return LockRequest(path, False, timeout)


def _leave_to_parent() -> None:
    """A forked child has none of the locks; while it had their files open they would not end with
    the parent."""
    for lock in list(_locks):
        lock._held.drop()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
