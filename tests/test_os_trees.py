"""`rapfiles.os` beside `os` on trees that nobody thought of: what they see, and what they leave."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import hypothesis.strategies as st
from hypothesis import given

import rapfiles.os

# Few names, so that they meet; among them some that are odd.
NAMES = [b"a", b"b", b"c.txt", b"\xff\xfe", "grün".encode(), b" ", b"new\nline", b"n" * 255]
name = st.sampled_from(NAMES)
path = st.lists(name, min_size=1, max_size=4).map(b"/".join)
# Each link leads up by one directory at most, and the kernel follows 40 on the way: that many
# directories down, none leads out of the tree.
target = st.one_of(path, st.sampled_from([b"..", b".", b"/dev/null", b"gone"]))
DEEP = ["down"] * 50

# What a tree is made by: each step that makes no sense where it comes is left out.
step = st.one_of(
    st.tuples(st.just("directory"), path),
    st.tuples(st.just("directory"), path),
    st.tuples(st.just("file"), path),
    st.tuples(st.just("link"), path, target),
    st.tuples(st.just("pipe"), path),
)
trees = st.lists(step, max_size=25)

# What can be done to one.
change = st.one_of(
    st.tuples(st.sampled_from(["mkdir", "rmdir", "remove", "unlink", "removedirs"]), path),
    st.tuples(st.just("makedirs"), path, st.just(0o755), st.booleans()),
    st.tuples(st.sampled_from(["rename", "replace", "renames", "link"]), path, path),
    st.tuples(st.just("symlink"), target, path),
)
kinds = st.sampled_from([bytes, os.fsdecode])


@contextmanager
def planted(tree: list[tuple[Any, ...]]) -> Iterator[None]:
    """The working directory, with this tree in it."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as directory:
        deep = os.path.join(directory, *DEEP)
        try:
            os.makedirs(deep)
            os.chdir(deep)
            for kind, where, *rest in tree:
                plant(kind, where, *rest)
            yield
        finally:
            os.chdir(before)


def plant(kind: str, where: bytes, *rest: bytes) -> None:
    try:
        if kind == "directory":
            os.makedirs(where, exist_ok=True)
        elif kind == "link":
            os.symlink(rest[0], where)
        elif kind == "pipe":
            os.mkfifo(where)
        else:
            with open(where, "xb") as file:
                file.write(where)
    except OSError:
        pass


def snapshot() -> list[tuple[Any, ...]]:
    """Everything there is: path, type and what is in it."""
    found: list[tuple[Any, ...]] = []
    for top, directories, files in os.walk(b"."):
        for entry in directories + files:
            whole = os.path.join(top, entry)
            mode = os.lstat(whole).st_mode
            what = os.readlink(whole) if stat.S_ISLNK(mode) else b""
            if stat.S_ISREG(mode):
                with open(whole, "rb") as file:
                    what = file.read()
            found.append((whole, mode, os.lstat(whole).st_nlink, what))
    return sorted(found)


def everywhere() -> list[bytes]:
    """Every path in the tree, some that go through links, and some that lead nowhere."""
    found = [b".", b"gone", b"a/gone", b"a/b/c.txt/gone"]
    for top, directories, files in os.walk(b".", followlinks=False):
        for entry in directories + files:
            whole = os.path.join(top, entry)
            found += [whole, whole + b"/", whole + b"/..", whole + b"/a"]
    return found


def facts(error: Exception) -> tuple[Any, ...]:
    if isinstance(error, OSError):
        return type(error), error.errno, error.filename, error.filename2, str(error)
    return type(error), str(error)


def told(value: Any) -> Any:
    """A result that compares."""
    if isinstance(value, os.stat_result):
        return [(field, getattr(value, field)) for field in dir(value) if field.startswith("st_")]
    if hasattr(value, "__next__"):
        with value as entries:
            return sorted(map(entry_of, entries))
    return sorted(value) if isinstance(value, list) else value


def entry_of(entry: Any) -> tuple[Any, ...]:
    told: list[Any] = [entry.name, entry.path, entry.is_symlink(), entry.inode(), repr(entry)]
    for method in ("is_dir", "is_file", "stat"):
        for follow in (True, False):
            try:
                told.append(repr(seen(getattr(entry, method)(follow_symlinks=follow))))
            except OSError as error:
                told.append(repr(facts(error)))
    return tuple(told)


def seen(answer: Any) -> Any:
    """What an entry said. A link may lead to the directory that was read just now: when that was
    is of no interest."""
    if isinstance(answer, os.stat_result):
        return [(field, value) for field, value in told(answer) if "atime" not in field]
    return answer


def blocking(function: Any, *args: Any) -> Any:
    try:
        return told(function(*args))
    except Exception as error:
        return facts(error)


async def awaited(function: Any, *args: Any) -> Any:
    try:
        return told(await function(*args))
    except Exception as error:
        return facts(error)


LOOKS = ["stat", "listdir", "scandir", "readlink"]
QUESTIONS = ["exists", "lexists", "isfile", "isdir", "islink", "ismount", "getsize", "getmtime"]


@given(trees, kinds)
async def test_they_see_the_same(tree: list[tuple[Any, ...]], kind: Any) -> None:
    with planted(tree):
        for where in map(kind, everywhere()):
            for what in LOOKS:
                expected = blocking(getattr(os, what), where)
                assert await awaited(getattr(rapfiles.os, what), where) == expected, (what, where)
            for what in QUESTIONS:
                expected = blocking(getattr(os.path, what), where)
                mine = await awaited(getattr(rapfiles.os.path, what), where)
                assert mine == expected, (what, where)


@given(trees, st.lists(change, min_size=1, max_size=8), kinds)
async def test_they_leave_the_same(
    tree: list[tuple[Any, ...]], changes: list[tuple[Any, ...]], kind: Any
) -> None:
    calls = [
        (what, [kind(arg) if isinstance(arg, bytes) else arg for arg in args])
        for what, *args in changes
    ]
    with planted([*tree, ("file", b"neighbour")]):
        theirs = [blocking(getattr(os, what), *args) for what, args in calls]
        expected = snapshot()
    with planted([*tree, ("file", b"neighbour")]):
        ours = [await awaited(getattr(rapfiles.os, what), *args) for what, args in calls]
        assert ours == theirs
        assert snapshot() == expected


@given(trees, kinds)
async def test_they_see_the_same_from_descriptors(tree: list[tuple[Any, ...]], kind: Any) -> None:
    with planted([*tree, ("directory", b"a")]):
        number = os.open("a" if os.path.isdir("a") else ".", os.O_RDONLY)
        try:
            for what in ("stat", "listdir", "scandir"):
                expected = blocking(getattr(os, what), number)
                assert await awaited(getattr(rapfiles.os, what), number) == expected
            for one in map(kind, NAMES):
                for follow in (True, False):
                    options = {"dir_fd": number, "follow_symlinks": follow}
                    theirs = blocking(lambda p, o=options: os.stat(p, **o), one)
                    ours = await awaited(lambda p, o=options: rapfiles.os.stat(p, **o), one)
                    assert ours == theirs
        finally:
            os.close(number)
