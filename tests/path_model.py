"""One tree twice: what `pathlib` does in one of them, `rapfiles.Path` does in the other."""

from __future__ import annotations

import contextlib
import os
import pathlib
import stat
import sys
import tempfile
from collections.abc import Iterator
from inspect import isawaitable
from typing import Any

from hypothesis import strategies as st

from rapfiles import Path

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
Step = tuple[str, str, Arguments]

NAMES = [
    *("a", "b", "d", "d/a", "d/new", "d/e", "d/e/f", "new", "new/deep/er", "a/below", "empty"),
    *("to-a", "to-d", "to-d/a", "dangling", "dangling/x", "loop", "loop/x", "fifo", ".hidden"),
    *("", ".", "..", "d/..", "d/../a", "./a", "d/", "d//a", "odd\udcff", "é", "a b", "[x]", "~x"),
    *("nul\0byte", "lone\ud800", "n" * 300, "long/" * 900),
]
TEXTS = ["", "text\n", "zwei\r\nZeilen\r", "é\u2028ö"]
PATTERNS = [
    *("*", "**", "**/*", "*/*", "a", "d/*", "d/e", "to-d/*", "*/a", "**/a", "**/", "*/", "d/**"),
    *("?", "[ad]", "[!a]*", ".*", "**/.*", "d/**/*", "**/e/**", "**/d/**/f", "../*", "d/../*"),
    *("nope", "nope/*", "a/*", "a/**", "dangling", "to-d/**", "loop/*", "[x]", "[[]x]", "é", "A"),
    *("**/e/..", "**/*/*", "*/**", "**/**", "..", ".", "", "/x", "**a", "d//e", "./a", "*/../*"),
]

WILD = [
    "*",
    "**",
    "**",
    "a",
    "d",
    "e",
    "f",
    "up",
    "to-d",
    "[a-e]",
    "?",
    "*a",
    ".*",
    "[!a]*",
    "..",
    "x",
    "",
]


def build() -> None:
    """Makes the tree in the working directory."""
    os.makedirs("d/e/f")
    os.mkdir("empty")
    for name in ("a", "b", "d/a", "d/e/f/a", ".hidden", "é", "odd\udcff", "[x]"):
        pathlib.Path(name).write_text(f"in {name!r}\n", encoding="utf-8")
    os.chmod("b", 0o640)
    os.symlink("a", "to-a")
    os.symlink("d", "to-d")
    os.symlink("nowhere", "dangling")
    os.symlink("loop", "loop")
    os.symlink("../../d", "d/e/up")
    os.mkfifo("fifo")


@contextlib.contextmanager
def trees() -> Iterator[tuple[str, str]]:
    """The directories of two such trees, each alone in the one above it."""
    with tempfile.TemporaryDirectory() as base:
        roots = []
        for name in ("theirs", "ours"):
            root = os.path.join(os.path.realpath(base), name, "root")
            os.makedirs(root)
            with inside(root):
                build()
            roots.append(root)
        yield roots[0], roots[1]


@contextlib.contextmanager
def inside(directory: str) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(before)


def placed(path: object, root: str) -> str:
    """A path, without where the tree is."""
    return str(path).replace(root, "<root>").replace(os.path.dirname(root), "<above>")


def plain(value: Any, root: str) -> Any:
    """What a method has returned, with nothing in it that differs between the trees."""
    if isinstance(value, pathlib.PurePath):
        return "path", placed(value, root)
    if isinstance(value, os.stat_result):
        links = 0 if stat.S_ISDIR(value.st_mode) else value.st_nlink
        return value.st_mode, value.st_uid, links, 0 if links == 0 else value.st_size
    if isinstance(value, tuple):
        return tuple(plain(each, root) for each in value)
    if isinstance(value, list):
        # Some versions find some paths several times.
        return sorted({plain(each, root) for each in value}, key=repr)
    return value


def failure(error: Exception, root: str) -> Any:
    """What went wrong: the kind of it, and for the system's errors which and on what."""
    if not isinstance(error, OSError):
        return type(error)
    names = [placed(each, root) for each in (error.filename, error.filename2)]
    return type(error), error.errno, names


async def outcome(kind: type[pathlib.PurePath], step: Step, root: str) -> Any:
    """What comes of one step in a tree."""
    method, name, (args, kwargs) = step
    try:
        value = getattr(kind(name), method)(*args, **kwargs)
        if isawaitable(value):
            value = await value
        elif hasattr(value, "__next__"):
            value = list(value)
        return plain(value, root)
    except Exception as error:
        return failure(error, root)


def snapshot() -> dict[str, Any]:
    """All that is in the working directory."""
    found: dict[str, Any] = {}
    for top, dirs, files in os.walk("."):
        for name in dirs + files:
            path = os.path.join(top, name)
            status = os.lstat(path)
            content: Any = None
            if stat.S_ISREG(status.st_mode):
                os.chmod(path, status.st_mode | 0o400)
                content = pathlib.Path(path).read_bytes()
            elif stat.S_ISLNK(status.st_mode):
                content = os.readlink(path)
            links = 0 if stat.S_ISDIR(status.st_mode) else status.st_nlink
            found[path] = (status.st_mode, links, content)
    return found


def _calls() -> dict[str, st.SearchStrategy[Arguments]]:
    """The arguments of each method that is compared."""
    names = st.sampled_from(NAMES)
    flags = st.booleans()

    def call(*args: Any, **kwargs: Any) -> st.SearchStrategy[Arguments]:
        return st.tuples(st.tuples(*args), st.fixed_dictionaries(kwargs))

    encodings = st.sampled_from([None, "utf-8", "ascii", "latin-1", "utf-16", "nonsense"])
    errors = st.sampled_from([None, "strict", "replace"])
    modes = st.sampled_from([0o600, 0o644, 0o755])
    calls = {
        **{
            name: call()
            for name in """
            exists is_file is_dir is_symlink is_mount is_socket is_fifo is_block_device
            is_char_device stat lstat owner group read_bytes rmdir readlink expanduser absolute
            """.split()
        },
        "chmod": call(modes),
        "glob": call(st.sampled_from(PATTERNS)),
        "hardlink_to": call(names),
        "mkdir": call(parents=flags, exist_ok=flags),
        "read_text": call(encodings, errors),
        "rename": call(names),
        "replace": call(names),
        "resolve": call(flags),
        "rglob": call(st.sampled_from(PATTERNS)),
        "samefile": call(names),
        "symlink_to": call(names),
        "touch": call(modes, flags),
        "unlink": call(missing_ok=flags),
        "write_bytes": call(st.sampled_from([b"", b"bytes\0"])),
        # An encoding that lacks a character leaves the file as it was, unlike in `pathlib`.
        "write_text": call(st.sampled_from(TEXTS), st.sampled_from([None, "utf-8", "utf-16"])),
        "iterdir": call(),
    }
    if sys.version_info >= (3, 12):
        calls["exists"] = call(follow_symlinks=flags)
        calls["is_junction"] = call()
        calls["glob"] = call(
            st.sampled_from(PATTERNS), case_sensitive=st.sampled_from([None, True, False])
        )
    if sys.version_info >= (3, 13):
        for name in ("is_file", "is_dir", "owner", "group"):
            calls[name] = call(follow_symlinks=flags)
        calls["read_text"] = call(encodings, errors, st.sampled_from([None, "", "\n"]))
        calls["rglob"] = call(st.sampled_from(PATTERNS), recurse_symlinks=flags)
    return calls


CALLS = _calls()
STEPS = st.sampled_from(sorted(CALLS)).flatmap(
    lambda method: st.tuples(st.just(method), st.sampled_from(NAMES), CALLS[method])
)
# What reads a FIFO waits for who writes it.
WAITS = {"read_bytes", "read_text", "write_bytes", "write_text"}


async def compare(steps: list[Step], theirs: str, ours: str) -> None:
    """Does the same in both trees: everything that can be seen has to be the same."""
    for step in steps:
        with inside(theirs):
            if step[0] in WAITS and _is_fifo(step[1]):
                continue
            expected = await outcome(pathlib.Path, step, theirs)
        with inside(ours):
            assert await outcome(Path, step, ours) == expected, step
    with inside(theirs):
        left = snapshot()
    with inside(ours):
        assert snapshot() == left


def _is_fifo(name: str) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return pathlib.Path(name).is_fifo()
    return False


async def walked(path: Path, **options: Any) -> list[tuple[str, list[str], list[str]]]:
    found = path.walk(**options)
    return [(str(here), sorted(dirs), sorted(files)) async for here, dirs, files in found]
