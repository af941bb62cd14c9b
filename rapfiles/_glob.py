"""Paths that match patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, AnyStr

from . import _rapfiles

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from ._rapfiles import Stream


def glob(
    pattern: AnyStr | PathLike[AnyStr],
    *,
    root_dir: AnyStr | PathLike[AnyStr] | None = None,
    dir_fd: int | None = None,
    recursive: bool = True,
    include_hidden: bool = False,
) -> Stream[AnyStr]:
    """Finds the paths that match a pattern: the same ones as the standard library's ``glob``.

    In a part of the pattern, ``*`` stands for anything, ``?`` for one character, ``[abc]`` and
    ``[!abc]`` for one of some. A part ``**`` stands for any number of directories. The order is
    undefined. Directories that can't be read have nothing in them; the stream's ``errors`` tell
    which.

    ```python
    import rapfiles

    async for path in rapfiles.glob("**/*.txt"):
        print(path)
        #> notes.txt

    print(await rapfiles.glob("c*.json"))
    #> ['config.json']
    ```

    Args:
        pattern: What paths look like. bytes finds bytes.
        root_dir: Where relative patterns begin, instead of the current directory; found paths are
            relative to it.
        dir_fd: An open directory that ``root_dir`` and relative patterns are relative to.
        recursive: Whether ``**`` is more than ``*``. The standard library's default is not.
        include_hidden: Whether ``*``, ``?``, ``**`` stand for names that begin with a dot too.
            The standard library has this from Python 3.11 on.

    Returns:
        A stream: ``async for`` gives one path after the other, ``await`` a list of all.

    Raises:
        PatternError: The pattern is longer than 64 KiB, or has more than 1,000 parts.
    """
    return _rapfiles.glob(pattern, root_dir, dir_fd, recursive, include_hidden)


iglob = glob
"""The same as `glob`, which returns a stream already, under the standard library's other name."""


def globs(
    patterns: Iterable[AnyStr | PathLike[AnyStr]],
    *,
    root_dir: AnyStr | PathLike[AnyStr] | None = None,
    dir_fd: int | None = None,
    recursive: bool = True,
    include_hidden: bool = False,
) -> Stream[AnyStr]:
    """Finds the paths that match any of several patterns, each of them once.

    Patterns are those of [`glob`][rapfiles.glob], and braces may stand in them:
    ``*.{py,rs}`` is ``*.py`` and ``*.rs``. All of them together are looked for in one go: a
    directory that several lead to is listed once. Slashes between names are told as one.

    ```python
    import rapfiles

    print(sorted(await rapfiles.globs(["*.{txt,md}", "**/n*"])))
    #> ['notes.txt']
    ```

    Args:
        patterns: What paths look like; none find nothing. They are all str or all bytes.
        root_dir: Where relative patterns begin, instead of the current directory.
        dir_fd: An open directory that ``root_dir`` and relative patterns are relative to.
        recursive: Whether ``**`` is more than ``*``.
        include_hidden: Whether ``*``, ``?``, ``**`` stand for names that begin with a dot too.

    Returns:
        A stream: ``async for`` gives one path after the other, ``await`` a list of all.

    Raises:
        PatternError: One pattern is longer than 64 KiB or its braces don't match, or all of them
            stand for more than 1,000 patterns or have more than 10,000 parts.
        TypeError: ``patterns`` is one pattern.
    """
    given: object = patterns
    if isinstance(given, (str, bytes)):
        raise TypeError("patterns must be several patterns, for instance a list of them")
    return _rapfiles.globs(list(patterns), root_dir, dir_fd, recursive, include_hidden)
