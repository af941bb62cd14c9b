"""Going through trees."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import TYPE_CHECKING, AnyStr, Generic, TypeAlias, overload

from . import _rapfiles

if TYPE_CHECKING:
    from ._rapfiles import Stream, WalkEntry
    from .types import StrOrBytesPath

Triple: TypeAlias = tuple[AnyStr, list[AnyStr], list[AnyStr]]


@overload
def walk(
    root: str | os.PathLike[str] = ".",
    *,
    min_depth: int | None = None,
    max_depth: int | None = None,
    follow_symlinks: bool = False,
    hidden: bool = True,
    gitignore: bool = False,
    ignore_files: StrOrBytesPath | Iterable[StrOrBytesPath] | None = None,
    same_file_system: bool = False,
    filter: str | bytes | Iterable[str | bytes] | None = None,
    sort: bool = False,
    threads: int | None = None,
    metadata: bool = False,
    strict: bool = False,
) -> Stream[WalkEntry[str]]: ...
@overload
def walk(
    root: bytes | os.PathLike[bytes],
    *,
    min_depth: int | None = None,
    max_depth: int | None = None,
    follow_symlinks: bool = False,
    hidden: bool = True,
    gitignore: bool = False,
    ignore_files: StrOrBytesPath | Iterable[StrOrBytesPath] | None = None,
    same_file_system: bool = False,
    filter: str | bytes | Iterable[str | bytes] | None = None,
    sort: bool = False,
    threads: int | None = None,
    metadata: bool = False,
    strict: bool = False,
) -> Stream[WalkEntry[bytes]]: ...
def walk(
    root: StrOrBytesPath = ".",
    *,
    min_depth: int | None = None,
    max_depth: int | None = None,
    follow_symlinks: bool = False,
    hidden: bool = True,
    gitignore: bool = False,
    ignore_files: StrOrBytesPath | Iterable[StrOrBytesPath] | None = None,
    same_file_system: bool = False,
    filter: str | bytes | Iterable[str | bytes] | None = None,
    sort: bool = False,
    threads: int | None = None,
    metadata: bool = False,
    strict: bool = False,
) -> Stream[WalkEntry[str]] | Stream[WalkEntry[bytes]]:
    """Goes through a tree: a stream of everything in it, directories and files alike.

    ```python
    import rapfiles

    async for entry in rapfiles.walk(".", sort=True):
        if entry.is_file():
            print(entry.path, entry.name)
    #> ./config.json config.json
    #> ./data.bin data.bin
    #> ./notes.txt notes.txt
    #> ./server.log server.log
    ```

    The root itself is not among the entries. What can't be looked at is noted in the stream's
    ``errors``, and the walk goes on.

    Args:
        root: The directory to go through. Paths begin with it, and are bytes if it is.
        min_depth: Entries that are nearer are gone through and not handed out. Those of the root
            have depth 1.
        max_depth: Deeper directories are not gone into.
        follow_symlinks: Whether symbolic links are taken for what they lead to, and those to
            directories gone into. One that leads back up is an error of that entry.
        hidden: Whether names that begin with a dot count, and are gone into.
        gitignore: Whether what git ignores is left out, as git itself has it, and ``.git``.
        ignore_files: More files that are written like a ``.gitignore``, and go before it. A
            plain name is looked for in every directory, from the root on; a path with a slash is
            one file, whose patterns are relative to the root.
        same_file_system: Whether directories of other filesystems are not gone into.
        filter: Globs, of which an entry has to match one. A directory that doesn't is gone into
            all the same. What matches a glob behind a ``!`` is left out, directories with all
            that is in them. ``*``, ``?``, ``[a-z]`` and ``{a,b}`` are for names; with a slash in
            it a glob is for the path from the root on, in which ``**`` stands for any
            directories; with a slash at its end it is for directories.
        sort: Whether entries come in the order of their names, byte by byte, each directory just
            before what is in it. One thread looks then. Otherwise they come as they are met.
        threads: How many look. By default as many as there are processors, eight at most.
        metadata: Whether metadata are read on the way: ``await entry.metadata()`` has them then.
        strict: Whether the first error of an entry ends the stream.

    Raises:
        FileNotFoundError: The root isn't there; raised by the stream, as other errors of it are.
        PatternError: A glob is none; it says where. That it is too large is raised by the stream.
        ValueError: A depth or a number of threads that can't be.
    """
    return _rapfiles.walk(
        {
            "root": root,
            "min_depth": min_depth,
            "max_depth": max_depth,
            "follow_symlinks": follow_symlinks,
            "hidden": hidden,
            "gitignore": gitignore,
            "ignore_files": ignore_files,
            "same_file_system": same_file_system,
            "filter": filter,
            "sort": sort,
            "threads": threads,
            "metadata": metadata,
            "strict": strict,
        }
    )


@overload
def scan_dir(
    path: str | os.PathLike[str] = ".",
    *,
    hidden: bool = True,
    filter: str | bytes | Iterable[str | bytes] | None = None,
    sort: bool = False,
    metadata: bool = False,
    strict: bool = False,
) -> Stream[WalkEntry[str]]: ...
@overload
def scan_dir(
    path: bytes | os.PathLike[bytes],
    *,
    hidden: bool = True,
    filter: str | bytes | Iterable[str | bytes] | None = None,
    sort: bool = False,
    metadata: bool = False,
    strict: bool = False,
) -> Stream[WalkEntry[bytes]]: ...
def scan_dir(
    path: StrOrBytesPath = ".",
    *,
    hidden: bool = True,
    filter: str | bytes | Iterable[str | bytes] | None = None,
    sort: bool = False,
    metadata: bool = False,
    strict: bool = False,
) -> Stream[WalkEntry[str]] | Stream[WalkEntry[bytes]]:
    """Goes through one directory, however large: a stream of what is in it.

    ```python
    import rapfiles

    print([entry.name for entry in await rapfiles.scan_dir(".", filter="*.txt")])
    #> ['notes.txt']
    ```

    Args:
        path: The directory. Paths begin with it, and are bytes if it is.
        hidden: Whether names that begin with a dot count.
        filter: As in `walk`.
        sort: Whether entries come in the order of their names; all names are read before.
        metadata: Whether metadata are read on the way.
        strict: Whether the first error of an entry ends the stream.

    Raises:
        FileNotFoundError: The directory isn't there; raised by the stream.
        PatternError: A glob is none; it says where. That it is too large is raised by the stream.
    """
    return _rapfiles.scan_dir(
        {
            "root": path,
            "max_depth": 1,
            "hidden": hidden,
            "filter": filter,
            "sort": sort,
            "metadata": metadata,
            "strict": strict,
        }
    )


@overload
async def walk_dir(root: str | os.PathLike[str] = ".") -> list[tuple[str, bool]]: ...
@overload
async def walk_dir(root: bytes | os.PathLike[bytes]) -> list[tuple[bytes, bool]]: ...
async def walk_dir(
    root: StrOrBytesPath = ".",
) -> list[tuple[str, bool]] | list[tuple[bytes, bool]]:
    """Lists everything in a tree: each path, and whether it is a regular file.

    ```python
    import rapfiles

    print(sorted(await rapfiles.walk_dir("."))[0])
    #> ('./config.json', True)
    ```
    """
    return await _rapfiles.walk_pairs(root)


class WalkTriples(Generic[AnyStr]):
    """What `walk_triples` returns: an asynchronous iterator of triples."""

    errors: list[OSError]
    """What directories could not be read, and why."""

    def __init__(
        self,
        top: AnyStr | os.PathLike[AnyStr],
        topdown: bool,
        onerror: Callable[[OSError], object] | None,
        followlinks: bool,
        strict: bool,
    ) -> None:
        self.errors = []
        self._onerror = onerror
        self._followlinks = followlinks
        self._strict = strict
        self._triples: AsyncGenerator[Triple[AnyStr], None] = self._walk(top, topdown)

    def __aiter__(self) -> WalkTriples[AnyStr]:
        return self

    async def __anext__(self) -> Triple[AnyStr]:
        return await anext(self._triples)

    async def aclose(self) -> None:
        """Goes no further."""
        await self._triples.aclose()

    async def _walk(
        self, top: AnyStr | os.PathLike[AnyStr], topdown: bool
    ) -> AsyncGenerator[Triple[AnyStr], None]:
        # What is still to be read, with where it was met; and, bottom-up, what was read already.
        pending: list[_Directory[AnyStr] | Triple[AnyStr]] = [_Directory(os.fspath(top), None)]
        while pending:
            here = pending.pop()
            if isinstance(here, tuple):
                yield here
                continue
            try:
                links, dirs, others = await self._read(here)
            except OSError as error:
                if here.above is None:
                    raise
                self._note(error)
                continue
            triple = (here.path, dirs, others)
            if topdown:
                yield triple
            else:
                pending.append(triple)
            for name in reversed(dirs):
                # Links that lead to directories are listed among them, and not gone into.
                if self._followlinks or name not in links:
                    pending.append(_Directory(os.path.join(here.path, name), here))

    async def _read(
        self, here: _Directory[AnyStr]
    ) -> tuple[set[AnyStr], list[AnyStr], list[AnyStr]]:
        """The links, directories and other names of a directory."""
        from . import os as coroutines

        if self._followlinks:
            status = await coroutines.stat(here.path)
            here.enter((status.st_dev, status.st_ino))
        links: set[AnyStr] = set()
        dirs: list[AnyStr] = []
        others: list[AnyStr] = []
        for entry in await coroutines.scandir(here.path):
            try:
                is_dir = entry.is_dir()
            except OSError:
                is_dir = False
            (dirs if is_dir else others).append(entry.name)
            if is_dir and entry.is_symlink():
                links.add(entry.name)
        return links, dirs, others

    def _note(self, error: OSError) -> None:
        if self._strict:
            raise error
        self.errors.append(error)
        if self._onerror is not None:
            self._onerror(error)


class _Directory(Generic[AnyStr]):
    """A directory on the way."""

    def __init__(self, path: AnyStr, above: _Directory[AnyStr] | None) -> None:
        self.path: AnyStr = path
        self.above: _Directory[AnyStr] | None = above
        self.identity: tuple[int, int] | None = None

    def enter(self, identity: tuple[int, int]) -> None:
        """Notes which one it is, unless it is one of those above."""
        above = self.above
        while above is not None:
            if above.identity == identity:
                import errno

                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), self.path)
            above = above.above
        self.identity = identity


def walk_triples(
    top: AnyStr | os.PathLike[AnyStr],
    topdown: bool = True,
    onerror: Callable[[OSError], object] | None = None,
    followlinks: bool = False,
    *,
    strict: bool = False,
) -> WalkTriples[AnyStr]:
    """Goes through a tree as `os.walk` does: each directory's path, directories and other names.

    ```python
    import rapfiles

    async for path, directories, files in rapfiles.walk_triples("."):
        directories[:] = [name for name in directories if not name.startswith(".")]
        print(path, sorted(files))
    #> . ['config.json', 'data.bin', 'notes.txt', 'server.log']
    ```

    The triples, their order and the arguments are those of `os.walk`, with two differences: a top
    that can't be read is an error, and a link that leads back up is one too instead of being
    followed again and again.

    Args:
        top: The directory to begin with. Paths are bytes if it is.
        topdown: Whether a directory comes before those in it. Then the list of directories may
            be changed: what is not in it any more is not gone into.
        onerror: Called with each error of a directory, besides its being noted in ``errors``.
        followlinks: Whether symbolic links to directories are gone into.
        strict: Whether the first such error is raised.

    Raises:
        FileNotFoundError: The top isn't there; raised by the first step, as other errors of it.
    """
    return WalkTriples(top, topdown, onerror, followlinks, strict)
