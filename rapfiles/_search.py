"""Searching what is in files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from . import _rapfiles
from ._find import TIMES, moments
from ._rapfiles import SearchResult as SearchResult

if TYPE_CHECKING:
    from os import PathLike

    from ._rapfiles import Stream
    from .types import PathText, StrOrBytesPath, Text, When


def search(
    content_regex: str,
    pattern: Text | Iterable[Text] = "*",
    root: str | PathText | PathLike[PathText] | Iterable[PathText | PathLike[PathText]] = ".",
    *,
    before_context: int = 0,
    after_context: int = 0,
    context: int | None = None,
    multiline: bool = False,
    multiline_dotall: bool = False,
    invert: bool = False,
    fixed_strings: bool = False,
    word: bool = False,
    line_regexp: bool = False,
    max_count: int | None = None,
    case_sensitive: bool | None = None,
    encoding: str | None = None,
    binary: Literal["quit", "skip", "text"] = "quit",
    crlf: bool = False,
    strict: bool = False,
    content: Text | None = None,
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
    follow_symlinks: bool = False,
    same_file_system: bool = False,
    threads: int | None = None,
    sort: Literal["path", "name", "size", "mtime"] | None = None,
    owner: int | str | None = None,
    regex: bool = False,
) -> Stream[SearchResult[PathText]]:
    r"""Searches files for the lines that match a regular expression.

    ```python
    import rapfiles

    async for found in rapfiles.search(r"zweite|3\d", root="notes.txt"):
        print(found.path, found.line_number, found.line_text)
    #> notes.txt 2 zweite Zeile: Grüße
    ```

    Several files are searched at once. The lines of one file come together and in order; the files
    come as they are done, or in the order that ``sort`` says.

    Args:
        content_regex: What a line has to match: a regular expression in the syntax of Rust's
            ``regex``, in which no search takes longer than its text is long.
        pattern: Names of files, as for `find`: all options from ``content`` on choose files as
            they do there. A root that is a file is searched whatever it is called.
        root: A directory or a file, or several of them.
        before_context: Lines before each line found that come with it.
        after_context: Lines after each line found that come with it.
        context: Both, where they are not given.
        multiline: Whether a match may span lines. Each file is then read as a whole.
        multiline_dotall: Whether ``.`` matches the end of a line too; this implies ``multiline``.
        invert: Whether the lines that do *not* match are found.
        fixed_strings: Whether ``content_regex`` is plain text.
        word: Whether a match must not be part of a longer word.
        line_regexp: Whether a match must be a whole line.
        max_count: Lines found in each file at most.
        case_sensitive: Whether case matters, in names too. ``None``: it does if the pattern has
            an upper case letter.
        encoding: The files' encoding, by its name in the Encoding Standard. ``None``: UTF-8, or
            UTF-16 if a byte order mark says so. ``"none"``: bytes as they are.
        binary: What happens in a file with a NUL byte: ``"quit"`` searches no further than to
            the block that it is in, ``"skip"`` finds nothing in such a file, ``"text"`` searches
            it like any other.
        crlf: Whether ``$`` matches before ``\r\n`` too.
        strict: Whether the first file or directory that can't be read ends the search with its
            error. Otherwise it is one of the stream's ``errors``.
        content: A file is searched only if this matches something in it.
        extension: See `find`, as for all that follow.
        exclude: Names of files and directories that are left out.
        min_depth: How deep a file has to be.
        max_depth: How deep a file may be.
        min_size: How big a file has to be.
        max_size: How big a file may be.
        mtime_after: Written then or later.
        mtime_before: Written before.
        atime_after: Read then or later.
        atime_before: Read before.
        ctime_after: Changed then or later.
        ctime_before: Changed before.
        hidden: Whether names that begin with a dot count.
        ignore_git: Whether files that git ignores are left out.
        custom_ignore_files: More files with such rules.
        follow_symlinks: Whether symbolic links stand for what they lead to.
        same_file_system: Whether other filesystems are left out.
        threads: How many search; as many as there are processors, and eight at most, by default.
        sort: The order of the files; then one thread searches.
        owner: Whose the files have to be.
        regex: Whether ``pattern`` is a regular expression.

    Returns:
        A stream of what is found.

    Raises:
        PatternError: The regular expression or a pattern is none. What shows only when it is
            compiled, as that it is too large, is raised when the first result is asked for.
        ValueError: An option has a value that it can't have.
        FileNotFoundError: The root isn't there; raised when the first result is asked for.
    """
    # Each parameter goes by its own name.
    given = locals()
    times = moments([given[name] for name in TIMES])
    given |= {"times": times, "file_type": None, "empty": None}
    return _rapfiles.search(content_regex, given)
