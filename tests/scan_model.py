"""Directory structures told with pathlib and fnmatch, to compare with; and trees to try them on."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from hypothesis import strategies as st

from rapfiles import StructureMatch, StructurePattern

# Few names, so that patterns meet them; globs without braces, which fnmatch doesn't know.
NAMES = ["a", "b", "ab", "ä", ".h", os.fsdecode(b"o\xff")]
GLOBS = ["a", "b", "*", "a*", "?", "[!a]", "*b", ".h", "[a-b]*", os.fsdecode(b"o\xff")]

# A directory is a dict; a file is its content.
Tree = dict[str, "bytes | Tree"]
trees: st.SearchStrategy[Tree] = st.recursive(
    st.dictionaries(st.sampled_from(NAMES), st.binary(max_size=3), max_size=3),
    lambda inner: st.dictionaries(
        st.sampled_from(NAMES), st.binary(max_size=3) | inner, max_size=4
    ),
    max_leaves=12,
)


def _patterns(inner: st.SearchStrategy[StructurePattern]) -> st.SearchStrategy[StructurePattern]:
    globs = st.lists(st.sampled_from(GLOBS), max_size=2, unique=True)
    directories = st.lists(inner, max_size=2, unique=True)
    return st.builds(
        StructurePattern,
        st.sampled_from(GLOBS),
        required_files=globs,
        optional_files=globs,
        required_directories=directories,
        optional_directories=directories,
    )


patterns = st.recursive(
    st.builds(StructurePattern, st.sampled_from(GLOBS)), _patterns, max_leaves=4
)


def make(root: Path, tree: Tree) -> None:
    """Make a tree in a directory."""
    for name, content in tree.items():
        path = root / name
        if isinstance(content, dict):
            path.mkdir()
            make(path, content)
        else:
            path.write_bytes(content)


def found_files(pattern: StructurePattern, path: Path) -> set[str] | None:
    """The files that a pattern names in a directory; None if it doesn't match."""
    named: set[str] = set()
    files = [entry for entry in path.iterdir() if entry.is_file()]
    directories = [entry for entry in path.iterdir() if entry.is_dir()]
    for glob in (*pattern.required_files, *pattern.optional_files):
        matching = {str(file) for file in files if fnmatch.fnmatchcase(file.name, glob)}
        if not matching and glob in pattern.required_files:
            return None
        named |= matching
    for inner in (*pattern.required_directories, *pattern.optional_directories):
        fits = [
            within
            for directory in directories
            if fnmatch.fnmatchcase(directory.name, inner.directory)
            if (within := found_files(inner, directory)) is not None
        ]
        if not fits and inner in pattern.required_directories:
            return None
        named.update(*fits)
    return named


def expected(root: Path, pattern: StructurePattern) -> dict[str, set[str]]:
    """Every directory that matches below a root, and the files that are named."""
    every = [Path(directory) for directory, _, _ in os.walk(root)]
    fits = {
        str(path): found_files(pattern, path)
        for path in every
        if fnmatch.fnmatchcase(path.name, pattern.directory)
    }
    return {path: files for path, files in fits.items() if files is not None}


def told(matches: list[StructureMatch[str]]) -> dict[str, set[str]]:
    """The same of what was found; no directory comes twice."""
    assert len({match.path for match in matches}) == len(matches)
    return {match.path: set(match.files) for match in matches}


def contents(root: Path) -> dict[str, object]:
    """Everything below a directory: what it is, with what is in it, its mode and its time."""
    return {str(path.relative_to(root)): _content(path) for path in _below(root)}


def _below(root: Path) -> Iterator[Path]:
    for directory, directories, files in os.walk(root):
        yield from (Path(directory, name) for name in (*directories, *files))


def _content(path: Path) -> object:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return ("link", os.readlink(path))
    data = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
    # Of what is long, a digest: a failing test shows both sides.
    told = data if len(data) < 100 else (len(data), hashlib.sha256(data).hexdigest())
    return (status.st_mode, status.st_mtime_ns, told)
