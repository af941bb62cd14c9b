"""Trees and patterns for comparing globs with the standard library's."""

from __future__ import annotations

import glob
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import rapfiles

# Names that patterns are apt to get wrong: hidden, with magic in them, not UTF-8, with newlines.
NAMES = [
    *(
        b"a",
        b"b",
        b"ab",
        b"aa",
        b"a.py",
        b"b.py",
        b".a",
        b".b.py",
        b"..c",
        b"[a]",
        b"a*",
        b"-",
        b"]",
    ),
    *(b"!", b"^", b"a\nb", b"\n", "é".encode(), "aé.py".encode(), "😀".encode(), b"\xff", b"a\xfe"),
    *(b"\xc3", b"A", b"**", b"a b", b"\\", b"a-b", b"~", b"&&", b"{a,b}"),
]
WILD = [
    *(
        "*",
        "**",
        "?",
        "a*",
        "*a",
        "*.py",
        "??",
        ".*",
        "*.*",
        "[a]",
        "[ab]",
        "[!a]*",
        "[]]",
        "[!]]*",
        "[",
    ),
    *(
        "[a",
        "[]",
        "[!]",
        "[a-c]*",
        "[b-a]",
        "[!b-a]",
        "[-a]",
        "[a-]",
        "[--a]",
        "[^a]",
        "[\\]",
        "*?",
        "***",
    ),
    *(
        "**a",
        "a**",
        "[a-c-e]*",
        "[é-ü]",
        "?é*",
        "*é*",
        "[!a-z]*",
        "[[]a]",
        "*\n*",
        "*[.]*",
        ".?*",
        "[.]*",
    ),
    *("[b-a!x]*", "[&&]*", "[~|]*", "*\\*", "{a,b}", "*a*b*"),
]
LITERAL = ["a", "b", "ab", ".", "..", ".a", "é", "a.py", "-", "missing", "a b"]


def make_tree(root: bytes, chance: random.Random) -> None:
    """A tree of about 60 entries with links of every kind, none of them in a circle.

    Circles are followed until the system has had enough: they have a test of their own.
    """
    directories = [root]
    linking: list[bytes] = []  # these have links to directories
    linked: list[bytes] = []  # these are what such links lead to
    for _ in range(70):
        directory = chance.choice(directories)
        path = os.path.join(directory, chance.choice(NAMES))
        if os.path.lexists(path) or path.count(b"/") - root.count(b"/") > 5:
            continue
        kind = chance.random()
        if kind < 0.45:
            os.mkdir(path)
            directories.append(path)
        elif kind < 0.75:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        elif kind < 0.85:
            _link_to_nothing(path, chance)
        elif kind < 0.97:
            target = chance.choice(directories)
            inside = any((directory + b"/").startswith(to + b"/") for to in [*linked, target])
            if not inside and not any((at + b"/").startswith(target + b"/") for at in linking):
                os.symlink(os.path.relpath(target, directory), path)
                linking.append(directory)
                linked.append(target)
        else:
            os.mkfifo(path)


def _link_to_nothing(path: bytes, chance: random.Random) -> None:
    # To itself at times.
    os.symlink(chance.choice([b"missing", b"missing/a", os.path.basename(path)]), path)


def make_pattern(chance: random.Random, root: str) -> str:
    """A pattern of a few parts, wild and literal, with slashes in odd places."""
    stars = chance.random() < 0.6
    parts = []
    for _ in range(chance.choice([1, 1, 2, 2, 3, 4])):
        kind = chance.random()
        if stars and kind < 0.35:
            parts.append("**")
        elif kind < 0.75:
            parts.append(chance.choice(WILD))
        elif kind < 0.95:
            parts.append(chance.choice(LITERAL))
        else:
            parts.append(os.fsdecode(chance.choice(NAMES)))
    slash = "//" if chance.random() < 0.08 else "/"
    pattern = slash.join(parts) + chance.choice(["", "", "", "", "/", "//"])
    if chance.random() < 0.1:
        pattern = root + slash + pattern
    return "" if chance.random() < 0.01 else pattern


@dataclass(frozen=True)
class Case:
    """What `glob` is called with."""

    pattern: str | bytes
    options: dict[str, Any]


def make_case(chance: random.Random, root: str) -> Case:
    """Any arguments. Roots are below the tree, which is the current directory, or beside it."""
    options: dict[str, Any] = {"recursive": chance.random() < 0.75}
    if sys.version_info >= (3, 11):
        options["include_hidden"] = chance.random() < 0.3
    pattern: str | bytes = make_pattern(chance, root)
    where = chance.random()
    if where < 0.4:
        names = ["", ".", "a", "a/", "missing", root, root + "/a", "..", "a.py", "b//a"]
        options["root_dir"] = chance.choice(names)
    if chance.random() < 0.2:
        pattern = os.fsencode(pattern)
        if "root_dir" in options:
            options["root_dir"] = os.fsencode(options["root_dir"])
    return Case(pattern, options)


Found = Counter[Any] | str


def outcome(call: Callable[[], Iterable[Any]]) -> Found:
    """What was found, how often, or the kind of exception."""
    try:
        return Counter(call())
    except Exception as error:
        return type(error).__name__


def theirs(case: Case) -> Found:
    """The standard library's answer."""
    return outcome(lambda: glob.glob(case.pattern, **case.options))


def ours(case: Case) -> Found:
    """The same question to rapfiles, where no loop runs."""
    return outcome(lambda: rapfiles.glob(case.pattern, **case.options))


def differences(trees: list[bytes], count: int, chance: random.Random) -> tuple[list[str], int]:
    """Compares so many cases; tells those that differ, and how many paths there were."""
    told, paths = [], 0
    before = os.getcwd()
    for tree in trees:
        os.chdir(tree)
        descriptor = os.open(".", os.O_RDONLY)
        for _ in range(count // len(trees)):
            case = make_case(chance, os.fsdecode(tree))
            if chance.random() < 0.15:
                case.options["dir_fd"] = descriptor
            wanted, got = theirs(case), ours(case)
            paths += sum(wanted.values()) if isinstance(wanted, Counter) else 0
            if wanted != got:
                told.append(
                    f"{tree!r}: glob({case.pattern!r}, {case.options})\n  {wanted}\n  {got}"
                )
        os.close(descriptor)
    os.chdir(before)
    return told, paths
