"""Directories that look as patterns say."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, AnyStr

from . import _rapfiles
from ._structure import (
    Assessment,
    StructureMatch,
    StructurePattern,
    absolute,
    patterns_of,
)

if TYPE_CHECKING:
    from os import PathLike

    from ._rapfiles import Stream


def scan(
    root: AnyStr | PathLike[AnyStr],
    patterns: StructurePattern | Iterable[StructurePattern],
    *,
    max_depth: int | None = None,
    follow_symlinks: bool = False,
    hidden: bool = False,
    threads: int | None = None,
    strict: bool = False,
    progress: Callable[[int, int, int], object] | None = None,
) -> Stream[StructureMatch[AnyStr]]:
    """Looks through a tree for directories that match patterns, in no particular order.

    A directory that matches several patterns comes once for each. Directories within one that
    matches are looked at as well. Nothing is remembered: another scan sees what has changed.

    Args:
        root: Where to begin. It is looked at, too.
        patterns: One pattern or several.
        max_depth: Directories farther from the root than so many steps are not looked for.
        follow_symlinks: Whether links to directories count as directories.
        hidden: Whether directories are looked at whose names begin with a dot. A pattern's own
            globs match such names in any case.
        threads: How many threads look. Up to 8 by default, no more than there are processors.
        strict: Whether a directory that can't be read ends the stream with its error. Otherwise
            that is noted in ``errors`` of the stream.
        progress: Called now and then while matches are waited for, and at the end, with the number
            of directories looked at, that of those known by then, and 0. A plain function: the
            stream calls it itself. An exception ends the stream and is raised.

    Returns:
        A stream of matches. Nothing is done before it is asked for the first one.

    Raises:
        FileNotFoundError: The root isn't there; raised by the stream.
        TypeError: ``progress`` is a coroutine function.

    ```python
    import rapfiles
    from rapfiles import StructurePattern

    logs = StructurePattern("*", required_files=["config.json", "*.log"])
    async for match in rapfiles.scan(".", logs):
        print(match.path, match.required_files["*.log"])
    #> . ('./server.log',)
    ```
    """
    how = (max_depth, follow_symlinks, hidden, threads, strict)
    if progress is not None and iscoroutinefunction(progress):
        raise TypeError("progress must be a plain function, not a coroutine function")
    return start(root, patterns_of(patterns), None, *how, progress)


def start(
    root: AnyStr | PathLike[AnyStr],
    patterns: tuple[StructurePattern, ...],
    but: Any,
    max_depth: int | None,
    follow_symlinks: bool,
    hidden: bool,
    threads: int | None,
    strict: bool,
    progress: Callable[[int, int, int], object] | None = None,
) -> Stream[StructureMatch[AnyStr]]:
    """A scan that doesn't look at one of the directories."""
    if max_depth is not None and max_depth < 0:
        raise ValueError(f"max_depth must not be negative: {max_depth}")
    if threads is None:
        threads = min(os.cpu_count() or 1, 8)
    elif threads < 1:
        raise ValueError(f"threads must be at least 1: {threads}")
    given = {
        "max_depth": max_depth,
        "follow_symlinks": follow_symlinks,
        "hidden": hidden,
        "threads": threads,
        "strict": strict,
        "progress": progress,
    }
    return _rapfiles.scan_structures(root, patterns, but, given)


async def assess(
    file: AnyStr | PathLike[AnyStr],
    patterns: StructurePattern | Iterable[StructurePattern],
    *,
    follow_symlinks: bool = False,
) -> list[Assessment[AnyStr]]:
    """What a file is part of: which directories above it match, and which part it is there for.

    A directory above it that can't be read matches nothing.

    Args:
        file: A file, or a directory.
        patterns: One pattern or several.
        follow_symlinks: Whether links to directories count as directories where a pattern asks for
            some.

    Returns:
        One for each directory and pattern, the nearest directory first.

    Raises:
        FileNotFoundError: There is no such file.

    ```python
    import rapfiles
    from rapfiles import StructurePattern

    logs = StructurePattern("*", required_files=["config.json", "*.log"])
    nearest, *_ = await rapfiles.assess("server.log", logs)
    print(nearest.parts[0].glob, nearest.parts[0].required)
    #> *.log True
    ```
    """
    path = absolute(file)
    matches = await _rapfiles.structures_above(path, patterns_of(patterns), follow_symlinks)
    return [Assessment(path, match, match.parts_of(path)) for match in matches]
