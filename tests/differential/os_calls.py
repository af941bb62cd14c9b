"""Hypothesis strategies for calls of what aiofiles takes from ``os`` and ``os.path``."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import hypothesis.strategies as st

from .world import not_paths, paths

# What an Fd in the arguments of a call may stand for: descriptors that are open throughout, of "."
# and of two files for reading and writing, and one that never is.
ROOT, FILE, OTHER, CLOSED = ".", "file", "dir/inner", "closed"


@dataclass(frozen=True)
class Fd:
    """The place of a descriptor."""

    of: str


@dataclass(frozen=True)
class Call:
    """One call of ``os.<name>`` or ``os.path.<name>``."""

    module: str
    name: str
    args: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        given = [repr(value) for value in self.args]
        given += [f"{name}={value!r}" for name, value in self.options.items()]
        return f"{self.module}.{self.name}({', '.join(given)})"


Strategy = st.SearchStrategy[Any]

descriptors = st.sampled_from([Fd(ROOT), Fd(FILE), Fd(OTHER), Fd(CLOSED)])
path = st.one_of(*[paths] * 12, not_paths)
path_or_fd = st.one_of(*[paths] * 9, not_paths, descriptors)
directory = st.one_of(st.none(), st.sampled_from([Fd(ROOT), Fd(FILE), Fd(CLOSED)]))
dir_fd = st.one_of(directory, directory, st.sampled_from([-1, "x", 1.5, -100, 1 << 70]))
follow = st.sampled_from([True, False, False, 0, None, "x"])
mode = st.sampled_from([0o777, 0o700, 0o000, 0o1755, -1, "x", 1.5])
flag = st.sampled_from([True, False])

at: dict[str, Strategy] = {"dir_fd": dir_fd}
between: dict[str, Strategy] = {"src_dir_fd": dir_fd, "dst_dir_fd": dir_fd}

# For each function, what its positional arguments and its options may be.
READING: dict[str, tuple[list[Strategy], dict[str, Strategy]]] = {
    "stat": ([path_or_fd], at | {"follow_symlinks": follow}),
    "access": (
        [path, st.sampled_from([0, 1, 2, 4, 7, -1, 8, "x"])],
        at | {"effective_ids": flag, "follow_symlinks": follow},
    ),
    "listdir": ([path_or_fd], {}),
    "scandir": ([path_or_fd], {}),
    "readlink": ([path], at),
    "statvfs": ([path_or_fd], {}),
    "getcwd": ([], {}),
}
CHANGING: dict[str, tuple[list[Strategy], dict[str, Strategy]]] = {
    "rename": ([path, path], between),
    "renames": ([path, path], {}),
    "replace": ([path, path], between),
    "remove": ([path], at),
    "unlink": ([path], at),
    "mkdir": ([path], at | {"mode": mode}),
    "makedirs": ([path], {"mode": mode, "exist_ok": flag}),
    "rmdir": ([path], at),
    "removedirs": ([path], {}),
    "symlink": ([path, path], at | {"target_is_directory": flag}),
    "link": ([path, path], between | {"follow_symlinks": follow}),
    "sendfile": (
        [
            *(descriptors, descriptors, st.sampled_from([0, 3, None, -1, "x"])),
            st.sampled_from([0, 4, 100, -1, "x"]),
        ],
        {},
    ),
}
ON_PATHS: dict[str, tuple[list[Strategy], dict[str, Strategy]]] = {
    **{name: ([path_or_fd], {}) for name in ("exists", "isdir", "isfile", "islink", "ismount")},
    **{name: ([path_or_fd], {}) for name in ("getsize", "getatime", "getmtime", "getctime")},
    "abspath": ([path], {}),
    "samefile": ([path_or_fd, path_or_fd], {}),
    "sameopenfile": ([st.one_of(descriptors, not_paths)] * 2, {}),
}


@st.composite
def calls_of(
    draw: st.DrawFn, module: str, table: dict[str, tuple[list[Strategy], dict[str, Strategy]]]
) -> Call:
    """A call of one of the functions of ``table`` that this platform has."""
    where = os if module == "os" else os.path
    name = draw(st.sampled_from([name for name in table if hasattr(where, name)]))
    positional, optional = table[name]
    args = tuple(draw(one) for one in positional)
    chosen = (
        draw(st.lists(st.sampled_from(sorted(optional)), max_size=2, unique=True))
        if optional
        else []
    )
    options = {one: draw(optional[one]) for one in chosen}
    # Now and then one argument too few or too many, or an option that isn't there.
    if draw(st.integers(0, 40)) == 0:
        args = draw(st.sampled_from([args[:-1], (*args, 0, 0), args]))
        options = draw(st.sampled_from([options, {**options, "surprise": 1}]))
    return Call(module, name, args, options)


reading_calls = st.one_of(calls_of("os", READING), calls_of("os.path", ON_PATHS))
changing_calls = calls_of("os", CHANGING)
