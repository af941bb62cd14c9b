"""What is below a path."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any

from .. import _rapfiles
from .. import os as coroutines
from .matching import child_maker, find
from .queries import Queries

if TYPE_CHECKING:
    from typing_extensions import Self

    from .._rapfiles import Stream


class Trees(Queries):
    """The part of a path that looks below it."""

    __slots__ = ()

    def iterdir(self) -> Stream[Self]:
        """What is in the directory, in its own order: a stream of paths.

        Raises:
            OSError: It can't be read; raised by the stream.
        """
        entries = _rapfiles.scan_dir({"root": str(self), "max_depth": 1, "hidden": True})
        child = child_maker(self)
        return _rapfiles.path_stream(entries, lambda entry: child(entry.name))

    def glob(
        self,
        pattern: str | os.PathLike[str],
        *,
        case_sensitive: bool | None = None,
        recurse_symlinks: bool = False,
    ) -> Stream[Self]:
        """The paths below that match a pattern: a stream of those that `pathlib` finds.

        Names that begin with a dot are found like others. What ``**`` stands for at the end of a
        pattern (directories only before Python 3.13) and the meaning of a slash at its end are as
        in the running version of Python.

        Args:
            pattern: What the paths look like from here on; ``**`` is any number of directories.
            case_sensitive: Whether it matters how letters are written; by default as the system
                has it. From Python 3.12 on.
            recurse_symlinks: Whether ``**`` goes into symbolic links. From Python 3.13 on.

        Raises:
            NotImplementedError: The pattern is an absolute path.
            ValueError: The pattern is none.
        """
        return find(self, "glob", pattern, case_sensitive, recurse_symlinks)

    def rglob(
        self,
        pattern: str | os.PathLike[str],
        *,
        case_sensitive: bool | None = None,
        recurse_symlinks: bool = False,
    ) -> Stream[Self]:
        """The same as `glob` with ``**/`` before the pattern."""
        return find(self, "rglob", pattern, case_sensitive, recurse_symlinks)

    async def walk(
        self,
        top_down: bool = True,
        on_error: Callable[[OSError], object] | None = None,
        follow_symlinks: bool = False,
    ) -> AsyncGenerator[tuple[Self, list[str], list[str]], None]:
        """Goes through the tree: each directory's path, the names of directories, and of files.

        Symbolic links are among the files unless they are followed.

        Args:
            top_down: Whether a directory comes before those in it. Then the list of directories
                may be changed: what is not in it any more is not gone into.
            on_error: Called with the error of each directory that can't be read. Without it they
                are passed over, except for that of this path itself, which is raised.
            follow_symlinks: Whether symbolic links to directories are gone into.

        Raises:
            OSError: This path can't be read, and there is no ``on_error``.
        """
        pending: list[Self | tuple[Self, list[str], list[str]]] = [self]
        while pending:
            here = pending.pop()
            if isinstance(here, tuple):
                yield here
                continue
            try:
                entries = await coroutines.scandir(here)
            except OSError as error:
                if on_error is not None:
                    on_error(error)
                elif here is self:
                    raise
                continue
            dirs: list[str] = []
            files: list[str] = []
            for entry in entries:
                (dirs if _is_dir(entry, follow_symlinks) else files).append(entry.name)
            if top_down:
                yield here, dirs, files
            else:
                pending.append((here, dirs, files))
            pending += [here.joinpath(name) for name in reversed(dirs)]


def _is_dir(entry: Any, follow_symlinks: bool) -> bool:
    try:
        return bool(entry.is_dir(follow_symlinks=follow_symlinks))
    except OSError:
        return False
