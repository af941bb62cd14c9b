"""Hypothesis strategies for whole sequences, one kind of handle at a time."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st

from .case import Case, Op, Opening
from .contents import EDGES, bytes_of, some_bytes, text_files, written_text

# The first row has decoders of rapfiles' own, the rest go through Python's.
ENCODINGS: dict[str, list[str | None]] = {
    "text": ["utf-8", "utf-8", "ascii", "latin-1", None],
    "text in other codecs": [
        *("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "cp437", "utf-7"),
        *("shift_jis", "euc_jp", "gb18030", "iso2022_jp"),
    ],
}
# Their decoders crash CPython itself when they are set to a plain position, as a seek does.
CRASH_ON_SEEK = {"iso2022_jp"}
ERRORS = [
    *(None, None, "strict", "ignore", "replace", "surrogateescape", "backslashreplace"),
    *("xmlcharrefreplace", "surrogatepass", "namereplace"),
]
NEWLINES = [None, None, "", "\n", "\r", "\r\n"]
VIAS = ["str", "str", "str", "bytes", "PathLike", "opener", "descriptor", "borrowed descriptor"]

TEXT_MODES = ["r", "r", "r", "w", "a", "x", "r+", "r+", "w+", "a+", "x+", "rt", "wt+"]
MODES = {
    "text": TEXT_MODES,
    "text in other codecs": TEXT_MODES,
    "reader": ["rb", "br"],
    "writer": ["wb", "ab", "xb"],
    "random": ["r+b", "rb+", "w+b", "a+b", "x+b"],
    "raw": ["rb", "rb", "wb", "ab", "xb", "r+b", "r+b", "w+b", "a+b"],
}
TEXT_BUFFERINGS = [-1, -1, -1, 1, 2, 7, 16, 512, 8192]
BUFFERINGS = {
    "text": TEXT_BUFFERINGS,
    "text in other codecs": TEXT_BUFFERINGS,
    "reader": [-1, -1, 1, 2, 7, 16, 512],
    "writer": [-1, -1, 1, 2, 7, 16, 512],
    "random": [-1, -1, 1, 2, 7, 16, 512],
    "raw": [0],
}

# What no size, position, path or piece of data may be.
STRANGE: list[Any] = [1.5, "3", b"x", True, [], -2, -100, 1 << 63, -(1 << 63), (1 << 62) + 1]

sizes = st.one_of(
    st.integers(0, 9), st.integers(0, 80), st.sampled_from([-1, None]), st.sampled_from(EDGES)
)
maybe_strange = st.one_of(sizes, sizes, sizes, sizes, sizes, st.sampled_from(STRANGE))
few = st.integers(0, 5)
places = st.one_of(st.integers(0, 80), st.sampled_from(EDGES))
chunks = bytes_of([b"", b"a", b"bc\n", b"0123456789", b"\r\n", b"\xff\x00"], most=6)
written_bytes = st.one_of(chunks, chunks, chunks, some_bytes)
forms = st.sampled_from(["bytearray", "memoryview", "array"])


def op(do: str, *args: st.SearchStrategy[Any]) -> st.SearchStrategy[Op]:
    """An operation with drawn arguments."""
    return st.tuples(*args).map(lambda drawn: Op(do, drawn))


def either_way(do: str, argument: st.SearchStrategy[Any]) -> list[st.SearchStrategy[Op]]:
    """An operation with and without its argument."""
    return [op(do, argument), op(do)]


COMMON = [
    *(op("properties"), op("mark"), op("mark"), op("tell"), op("flush"), op("flushed")),
    *(op("iterate", few), op("back", few), op("back", few)),
]
# Seldom, or nothing else would be seen.
RARE = [op(do) for do in ("close", "isatty", "readable", "writable", "seekable", "fileno")]

READS = {
    "text": [
        *either_way("read", maybe_strange),
        *either_way("readline", maybe_strange),
        *either_way("readlines", maybe_strange),
    ],
    "binary": [
        *either_way("read", maybe_strange),
        *either_way("readline", maybe_strange),
        *either_way("readlines", maybe_strange),
        op("readinto", st.one_of(few, st.sampled_from(EDGES)), forms),
    ],
}
SEEKS = {
    "text": [
        op("seek", st.sampled_from([0, 0, 1, 2, 3, 7])),
        op("seek", st.sampled_from([0, 0, 0, 1, -1]), st.sampled_from([0, 1, 2, 2])),
    ],
    "binary": [
        op("seek", places),
        op("seek", places, st.just(0)),
        op("seek", st.integers(-20, 20), st.just(1)),
        op("seek", st.integers(-40, 5), st.just(2)),
    ],
}
WRONG = [
    op("seek", st.sampled_from(["a", None, 1.5, -1, 1 << 63, b""])),
    op("seek", st.just(0), st.sampled_from([3, -1, 9, "x", None])),
    op("truncate", st.sampled_from([-1, "x", 1.5, b""])),
    op("write", st.sampled_from([None, 5, "text", b"bytes", [b"a"], bytearray(b"ab")])),
    op("writelines", st.sampled_from([None, 5, "ab\n", b"ab", [1], ["a", b"b"], [b"a", "b"]])),
    op("read", st.just(1), st.just(2)),
    op("readline", st.just("x")),
]


def writes(kind: str) -> list[st.SearchStrategy[Op]]:
    """Operations that change the file."""
    data: st.SearchStrategy[Any] = written_text if kind == "text" else written_bytes
    found = [op("write", data), op("write", data)]
    found += [op("writelines", st.lists(data, max_size=3)), *either_way("truncate", few)]
    found += [op("truncate", places)]
    if kind == "raw":
        found += [op("written", data)]
    return found


def operations(kind: str, opening: Opening) -> st.SearchStrategy[Op]:
    """One operation that suits the handle, or now and then one that doesn't."""
    binary = "text" if kind == "text" else "binary"
    reads = list(READS[binary])
    if kind in ("reader", "random"):
        reads += [*either_way("peek", maybe_strange)]
    if kind in ("reader", "random", "writer"):
        reads += either_way("read1", maybe_strange)
    if kind == "raw":
        reads += [op("readall")]
    fitting = list(COMMON) + SEEKS[binary] + SEEKS[binary]
    can_read = "r" in opening.mode or "+" in opening.mode
    can_write = "r" not in opening.mode or "+" in opening.mode
    fitting += reads + reads if can_read else []
    fitting += writes(kind) * 2 if can_write else []
    if kind == "text" and opening.options.get("buffering") == 1 and can_write:
        fitting += [op("written", written_text.map(lambda text: f"{text}\n"))]
    strange = WRONG + RARE + reads + writes(kind)
    strange += [op("detach"), op("inner")] if kind != "raw" else []
    return st.one_of(*[st.one_of(fitting)] * 5, st.one_of(strange))


def openings(kind: str, exists: bool) -> st.SearchStrategy[Opening]:
    """How a file is opened for a handle of ``kind``."""

    def build(mode: str, buffering: int, via: str, text: tuple[Any, Any, Any]) -> Opening:
        options: dict[str, Any] = {}
        if buffering != -1:
            options["buffering"] = buffering
        if kind in ENCODINGS:
            named = zip(("encoding", "errors", "newline"), text, strict=True)
            options |= {name: value for name, value in named if value is not None}
        if "descriptor" in via and (not exists or "x" in mode):
            via = "str"
        return Opening(mode, via, options)

    return st.builds(
        build,
        st.sampled_from(MODES[kind]),
        st.sampled_from(BUFFERINGS[kind]),
        st.sampled_from(VIAS),
        st.tuples(
            st.sampled_from(ENCODINGS.get(kind, [None])),
            st.sampled_from(ERRORS),
            st.sampled_from(NEWLINES),
        ),
    )


@st.composite
def cases(draw: st.DrawFn, kind: str) -> Case:
    """A whole sequence on a handle of ``kind``."""
    exists = draw(st.integers(0, 9)) > 0
    opening = draw(openings(kind, exists))
    kind = opening.kind
    encoding = opening.options.get("encoding")
    content = text_files(encoding) if kind == "text" else some_bytes
    if "x" in opening.mode and draw(st.integers(0, 9)) > 0:
        exists = False
    before = draw(content) if exists else None
    most = draw(st.sampled_from([5, 10, 20, 30]))
    one = operations(kind, opening)
    if encoding in CRASH_ON_SEEK:
        one = one.filter(lambda operation: operation.do not in ("seek", "back"))
    ops = draw(st.lists(one, min_size=most // 3, max_size=most))
    return Case(before, opening, tuple(ops))


# Arguments that open() refuses, or seems to: every combination must be refused, or accepted, alike.
ODD_MODES = ["", "b", "t", "+", "rw", "rwa", "U", "rU", "rb+t", "rr", "r++", "q", "wx", "B", "rb\n"]
ODD_OPTIONS: dict[str, list[Any]] = {
    "buffering": [-2, 0, 1, 1.5, "x", None, 1 << 63],
    "encoding": ["nope", "hex", "rot13", "", 5, "utf-8\0"],
    "errors": ["nope", "", 5, "strict\0"],
    "newline": ["x", "\n\n", "\r\r", 5, b"\n", "\0"],
}


@st.composite
def odd_openings(draw: st.DrawFn) -> Case:
    """An opening with something wrong in it, and one read."""
    mode = draw(st.sampled_from(["r", "w", "rb", "wb", "r+", "ab+", *ODD_MODES]))
    names = draw(st.lists(st.sampled_from(sorted(ODD_OPTIONS)), max_size=2, unique=True))
    options = {name: draw(st.sampled_from(ODD_OPTIONS[name])) for name in names}
    before = draw(st.sampled_from([None, b"", b"some\nlines\n"]))
    via = draw(st.sampled_from(["str", "bytes", "PathLike", "opener"]))
    return Case(before, Opening(mode, via, options), (Op("readline"), Op("write", ("x",))))
