"""Finding what is in trees, by name, type, size, times, owner and content."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from . import _rapfiles

if TYPE_CHECKING:
    from os import PathLike

    from ._rapfiles import Stream, WalkEntry
    from .types import FileType, PathText, StrOrBytesPath, Text, When


def find(
    pattern: Text | Iterable[Text] = "*",
    root: str | PathText | PathLike[PathText] | Iterable[PathText | PathLike[PathText]] = ".",
    *,
    content: Text | None = None,
    file_type: FileType | Iterable[FileType] | None = None,
    extension: Text | Iterable[Text] | None = None,
    exclude: Text | Iterable[Text] | None = None,
    min_depth: int | None = None,
    max_depth: int | None = None,
    min_size: int | str | None = None,
    max_size: int | str | None = None,
    mtime_after: When | None = None,
    mtime_before: When | None = None,
    atime_after: When | None = None,
    atime_before: When | None = None,
    ctime_after: When | None = None,
    ctime_before: When | None = None,
    hidden: bool = False,
    ignore_git: bool = False,
    custom_ignore_files: StrOrBytesPath | Iterable[StrOrBytesPath] | None = None,
    case_sensitive: bool | None = None,
    follow_symlinks: bool = False,
    same_file_system: bool = False,
    threads: int | None = None,
    sort: Literal["path", "name", "size", "mtime"] | None = None,
    owner: int | str | None = None,
    empty: bool | None = None,
    regex: bool = False,
    strict: bool = False,
) -> Stream[WalkEntry[PathText]]:
    """Finds the entries of one tree or several that pass every filter.

    ```python
    import rapfiles

    async for entry in rapfiles.find("*.{txt,md}", file_type="file", mtime_after="-1w"):
        print(entry.path)
    #> ./notes.txt
    ```

    Names are looked at first, then metadata, contents last; metadata are only asked for if a
    filter needs them.

    Args:
        pattern: A glob for the name: ``*``, ``?``, ``[a-z]``, ``[!a-z]``, ``{a,b}``, and a
            backslash before what stands for itself. With a slash in it, a glob for the path
            relative to the root, in which ``**`` stands for any directories. A slash at its end
            wants directories. Of several, one has to match.
        root: Where to look, or several such places. The root itself is not found. Paths begin
            with it, and are bytes if it is.
        content: A regular expression that a line of the file must match, or several lines if it
            has line ends in it. Binary files are searched like others.
        file_type: Of several, one has to fit. ``"executable"`` is a regular file that somebody
            may execute.
        extension: With or without its dot, in upper or lower case; ``"tar.gz"`` is one too. A
            name that is nothing but an extension has none.
        exclude: Globs like ``pattern``. What matches is left out, directories with all in them.
        min_depth: Entries of the root have depth 1.
        max_depth: Deeper directories are not looked at.
        min_size: In bytes, or a text like ``"10M"``: ``K``, ``M``, ``G``, ``T``, ``P`` and ``KiB``
            … are powers of 1024, ``KB`` … are powers of 1000. Only regular files have a size.
        max_size: As ``min_size``; the size itself still passes.
        mtime_after: When the content was changed, this moment or later: seconds since 1970, a
            datetime or date (a local one, if it has no zone), an ISO text, ``"now"``,
            ``"today"``, ``"yesterday"``, or a time relative to now: ``"-45s"``, ``"-30m"``,
            ``"-2h"``, ``"-1d"``, ``"-2w"``, ``"-1mo"``, ``"-1y"``, or several of them as in
            ``"-1d12h"``.
        mtime_before: Before this moment.
        atime_after: When it was last read.
        atime_before: Before this moment.
        ctime_after: When its metadata were changed.
        ctime_before: Before this moment.
        hidden: Whether names that begin with a dot count, and are gone into.
        ignore_git: Whether what git ignores is left out, and ``.git`` itself.
        custom_ignore_files: More files that are written like a ``.gitignore``, and go before it.
            A plain name is looked for in every directory, from the root on; a path with a slash
            is one file, whose patterns are relative to each root.
        case_sensitive: Whether case counts in ``pattern``, ``exclude`` and ``content``. With
            None it does in those that have an upper-case letter.
        follow_symlinks: Whether a symbolic link stands for what it leads to. One that leads
            nowhere stands for itself, one that leads back up is not gone into.
        same_file_system: Whether directories of other filesystems are not gone into.
        threads: How many look. By default as many as there are processors, eight at most.
        sort: The order. Then everything is found before the first entry is handed out; without
            it, entries come as they are met.
        owner: A user's name or number.
        empty: Whether it must be, or must not be, a file or directory with nothing in it.
        regex: Whether ``pattern`` is a regular expression instead, found anywhere in the name; in
            the relative path, if it has a slash.
        strict: Whether the first entry that can't be looked at ends the stream with its error.
            Otherwise such errors are noted in the stream's ``errors``.

    Returns:
        The stream of entries. Nothing is done before it is asked for the first one.

    Raises:
        PatternError: A glob or regular expression is none; it says where. What shows only when it
            is compiled, as that it is too large, is raised by the stream.
        ValueError: A size, a time or another option has a value that it can't have.
        FileNotFoundError: A root isn't there; raised by the stream, as are other errors of roots.
    """
    times = (mtime_after, mtime_before, atime_after, atime_before, ctime_after, ctime_before)
    return _rapfiles.find(
        {
            "pattern": pattern,
            "root": root,
            "content": content,
            "file_type": file_type,
            "extension": extension,
            "exclude": exclude,
            "min_depth": min_depth,
            "max_depth": max_depth,
            "min_size": min_size,
            "max_size": max_size,
            "times": moments(times),
            "hidden": hidden,
            "ignore_git": ignore_git,
            "custom_ignore_files": custom_ignore_files,
            "case_sensitive": case_sensitive,
            "follow_symlinks": follow_symlinks,
            "same_file_system": same_file_system,
            "threads": threads,
            "sort": sort,
            "owner": owner,
            "empty": empty,
            "regex": regex,
            "strict": strict,
        }
    )


TIMES = (
    "mtime_after",
    "mtime_before",
    "atime_after",
    "atime_before",
    "ctime_after",
    "ctime_before",
)


def moments(given: Iterable[When | None]) -> list[int | None] | None:
    """Nanoseconds of each time; None without any, which needs no clock and no calendar."""
    given = list(given)
    if given.count(None) == len(TIMES):
        return None
    from ._when import nanoseconds

    return [nanoseconds(name, when) for name, when in zip(TIMES, given, strict=True)]
