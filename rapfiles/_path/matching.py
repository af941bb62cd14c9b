"""Paths that match patterns, as the running `pathlib` finds them."""

from __future__ import annotations

import os
import pathlib
import re
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any

from .. import _rapfiles

if TYPE_CHECKING:
    from .._rapfiles import Stream
    from .pure import Pure

# How many paths an executor hands over at a time.
_BATCH = 256
# It has no thread before it is needed.
_executor = ThreadPoolExecutor(4, "rapfiles-path")
_magic = re.compile(r"[*?\[]")


def find(
    path: Pure,
    method: str,
    pattern: str | os.PathLike[str],
    case_sensitive: bool | None,
    recurse_symlinks: bool,
) -> Stream[Any]:
    """What ``glob`` or ``rglob`` finds: natively if that can be said natively."""
    native = None
    if isinstance(pattern, str) and case_sensitive is None and not recurse_symlinks:
        native = native_pattern(method, pattern) if _may_be_there(path, pattern) else None
    if native is None:
        return _elsewhere(path, method, pattern, case_sensitive, recurse_symlinks)
    found = _rapfiles.globs([native], str(path), None, True, True, links=False)
    return _rapfiles.path_stream(found, _maker(path))


def native_pattern(method: str, pattern: str) -> str | None:
    """The pattern that natively finds the same, or None if there is none."""
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    if method == "rglob":
        parts.insert(0, "**")
    parts = [part for at, part in enumerate(parts) if part != "**" or parts[at - 1 : at] != ["**"]]
    if (
        # What it says is pathlib's to say, and where the path itself is found.
        not parts
        or parts == ["**"]
        or pattern[:1] in ("", "/")
        or pattern[-1:] == "/"
        or "\0" in pattern
        or any(map(_is_odd, parts))
    ):
        return None
    if (3, 12) <= sys.version_info < (3, 13):
        # It looks for all names in the directories, which have to be readable then.
        parts = [part if _magic.search(part) else f"[{part[0]}]{part[1:]}" for part in parts]
    if sys.version_info < (3, 12) and not _magic.search(parts[-1]):
        # It follows a link there.
        return None
    if sys.version_info < (3, 13) and parts[-1] == "**":
        # It stands for directories only.
        parts.append("")
    return "/".join(parts)


def _may_be_there(path: Pure, pattern: str) -> bool:
    """Whether the system takes such names; whether it is an error if not differs by version."""
    try:
        names = os.fsencode(path)
        os.fsencode(pattern)
    except UnicodeEncodeError:
        return False
    longest = max(map(len, names.split(b"/")))
    return b"\0" not in names and longest < 256 and len(names) < 2048


def _is_odd(part: str) -> bool:
    """Whether it means something else natively, or needs to be complained of."""
    if sys.platform != "linux" or part[0] == "!":
        return True
    doubled = "**" in part and part != "**"
    return part == ".." or "{" in part or "}" in part or len(part) > 63 or doubled


def _maker(path: Any) -> Callable[[str], Any]:
    """Makes paths of what is found below."""
    child = child_maker(path)
    return lambda found: child(found[:-1] if found[-1] == "/" else found)


def child_maker(path: Any) -> Callable[[str], Any]:
    """Makes paths of names below one, without looking for what needs none, if that can be had."""
    if (3, 13) <= sys.version_info < (3, 14):
        from_string, before = path._from_parsed_string, str(path)
        before = "" if before == "." else before if before[-1] == "/" else before + "/"
        return lambda name: from_string(before + name)
    if sys.version_info < (3, 13):
        from_parts, drive, root = path._from_parsed_parts, path.drive, path.root
        parts = path._tail if sys.version_info >= (3, 12) else path._parts
        return lambda name: from_parts(drive, root, [*parts, *name.split("/")])
    join: Callable[[str], Any] = path.joinpath
    return join


def _elsewhere(
    path: Pure, method: str, pattern: Any, case_sensitive: bool | None, recurse_symlinks: bool
) -> Stream[Any]:
    """`pathlib` itself, in an executor."""
    options: dict[str, bool] = {}
    if case_sensitive is not None:
        options["case_sensitive"] = case_sensitive
    if recurse_symlinks:
        options["recurse_symlinks"] = True
    found = getattr(pathlib.Path(path), method)(pattern, **options)

    def take() -> list[Any]:
        return [path._made(each) for each in islice(found, _BATCH)]

    def more() -> Future[list[Any]]:
        return _executor.submit(take)

    return _rapfiles.path_glob_elsewhere(more)
