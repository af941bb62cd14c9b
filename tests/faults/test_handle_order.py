"""Promise 9: operations of many tasks on one handle happen in the order they were issued, whole.

Several tasks issue operations on one handle and none waits for another; the same operations, one
after the other in the order they were issued, are done on the blocking file object. Each result,
each exception and the file in the end must be the same.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rapfiles

from .tools.figures import record, share
from .tools.fuse import fuse

EXAMPLES, IN_CI = 1_000, 40

Operation = tuple[str, tuple[Any, ...]]

LINES = b"".join(b"%d %s\n" % (number, b"." * (number * 7 % 90)) for number in range(6_000))
HANDLES: dict[str, tuple[str, dict[str, Any]]] = {
    "read": ("rb", {}),
    "write": ("wb", {}),
    "read-write": ("r+b", {}),
    "truncated read-write": ("w+b", {}),
    "append": ("ab", {}),
    "small buffer": ("r+b", {"buffering": 64}),
    "unbuffered": ("r+b", {"buffering": 0}),
    "text": ("r", {}),
    "text write": ("w", {}),
    "text read-write": ("r+", {"newline": ""}),
}
# Where calls are short, unbuffered reads are, as they should be; and a text write lands behind what
# was decoded, which then depends on what one call brought.
SAME_WHERE_SHORT = [how for how in HANDLES if how not in ("unbuffered", "text read-write")]
COUNTS = itertools.count()

sizes = st.sampled_from([0, 1, 7, 100, 8192, 150_000, -1])
offsets = st.sampled_from([0, 1, 50, 4096, 200_000, 400_000])
# What is written is drawn as letter and count, so that a failing example stays readable.
payloads = st.tuples(st.sampled_from("abc\n"), st.sampled_from([0, 1, 10, 9_000, 200_000]))


def _operations(how: str) -> st.SearchStrategy[Operation]:
    """One operation and its arguments; text positions are cookies, so text seeks to the ends."""
    binary = "b" in HANDLES[how][0]
    # A text write lands behind what is decoded, and CPython decodes in one step what one read wants
    # if that is more than 8 KiB.
    read_sizes = sizes.filter(lambda size: size <= 8192) if how == "text read-write" else sizes
    seeks = (
        st.tuples(st.just("seek"), st.tuples(offsets))
        if binary
        else st.tuples(st.just("seek"), st.sampled_from([(0,), (0, 2)]))
    )
    simple = ["flush", "tell"] + (["truncate"] if binary else [])
    choices: list[st.SearchStrategy[Any]] = [
        st.tuples(st.just("read"), st.tuples(read_sizes)),
        st.tuples(st.just("readline"), st.just(())),
        st.tuples(st.just("write"), st.tuples(payloads)),
        st.tuples(st.just("writelines"), st.tuples(st.lists(payloads, max_size=3))),
        st.tuples(st.sampled_from(simple), st.just(())),
        seeks,
    ]
    if binary:
        # Not on text: the blocking text file refuses `tell` after it, which nobody needs.
        choices.append(st.tuples(st.just("readlines"), st.tuples(st.sampled_from([1, 5000]))))
        choices.append(st.tuples(st.just("readinto"), st.tuples(st.sampled_from([0, 10, 20_000]))))
        choices.append(st.tuples(st.just("truncate"), st.tuples(offsets)))
    return st.one_of(choices)


def _tasks(how: str) -> st.SearchStrategy[list[list[Operation]]]:
    """What each of a few tasks does."""
    return st.lists(st.lists(_operations(how), min_size=1, max_size=5), min_size=1, max_size=8)


def _call(handle: Any, binary: bool, operation: Operation) -> tuple[Any, bytearray | None]:
    """Call it; what it returned, and the buffer it was given to fill."""
    name, args = operation
    buffer = None
    if name == "readinto":
        buffer = bytearray(args[0])
        args = (buffer,)
    elif name == "write":
        args = (_payload(args[0], binary),)
    elif name == "writelines":
        args = ([_payload(drawn, binary) for drawn in args[0]],)
    return getattr(handle, name)(*args), buffer


def _payload(drawn: tuple[str, int], binary: bool) -> Any:
    letter, count = drawn
    return (letter * count).encode() if binary else letter * count


def _kind(error: Exception) -> tuple[type, str]:
    return type(error), str(error)


async def _together(
    path: Path, how: str, tasks: list[list[Operation]]
) -> list[tuple[Operation, Any]]:
    """Each operation in the order of issue, with its outcome."""
    mode, options = HANDLES[how]
    log: list[tuple[Operation, list[Any]]] = []

    async def work(operations: list[Operation]) -> None:
        for operation in operations:
            outcome: list[Any] = []
            log.append((operation, outcome))
            try:
                awaitable, buffer = _call(handle, "b" in mode, operation)
                outcome.append((await awaitable, buffer))
            except (OSError, ValueError) as error:
                outcome.append(_kind(error))

    async with rapfiles.open(path, mode, **options) as handle:
        await asyncio.gather(*(work(operations) for operations in tasks))
    return [(operation, outcome[0]) for operation, outcome in log]


def _assert_as_in_order(path: Path, how: str, log: list[tuple[Operation, Any]]) -> None:
    mode, options = HANDLES[how]
    with open(path, mode, **options) as file:
        for number, (operation, outcome) in enumerate(log):
            if how == "text read-write" and operation[0] in ("read", "readline"):
                # Before 3.13 CPython reads past what is pending and writes it there (gh-115059).
                file.flush()
            if how == "append" and operation[0] == "tell":
                # CPython says where it would be if what is pending were written where it stands.
                file.flush()
            try:
                expected: Any = _call(file, "b" in mode, operation)
            except (OSError, ValueError) as error:
                expected = _kind(error)
            assert outcome == expected, f"operation {number} of {[entry[0] for entry in log]}"


def _assert_in_order(top: Path, how: str, loop: asyncio.AbstractEventLoop, examples: int) -> int:
    """Try drawn operations on fresh files below `top`; how many operations there were."""
    issued = 0

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(tasks=_tasks(how))
    def check(tasks: list[list[Operation]]) -> None:
        nonlocal issued
        ours, theirs = (top / f"{name}{next(COUNTS)}" for name in ("ours", "theirs"))
        for path in (ours, theirs):
            path.write_bytes(LINES)
        log = loop.run_until_complete(_together(ours, how, tasks))
        _assert_as_in_order(theirs, how, log)
        assert ours.read_bytes() == theirs.read_bytes()
        issued += len(log)
        ours.unlink()
        theirs.unlink()

    try:
        check()
    finally:
        loop.close()
    return issued


@pytest.mark.parametrize("how", HANDLES)
def test_any_interleaving_equals_the_order_of_issue(
    how: str, tmp_path: Path, loop_factory: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    issued = _assert_in_order(tmp_path, how, loop_factory(), share(EXAMPLES, IN_CI))
    record("9 order", f"{how}: {issued:,} operations of many tasks as in order of issue")


@pytest.mark.root
@pytest.mark.parametrize("how", SAME_WHERE_SHORT)
def test_the_same_where_calls_are_short(
    how: str, tmp_path: Path, loop_factory: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    with fuse(tmp_path, chunk=4000) as control:
        issued = _assert_in_order(control.path, how, loop_factory(), share(200, 20))
    record("9 order", f"{how}, FUSE, 4,000 bytes a call: {issued:,} operations in order")


async def test_a_hundred_tasks_share_one_log(tmp_path: Path) -> None:
    async def work(file: Any, number: int) -> None:
        for turn in range(20):
            await file.write(f"{number} {turn} {'x' * (number * turn % 700)}.\n")

    async with rapfiles.open(tmp_path / "log", "w") as file:
        await asyncio.gather(*(work(file, number) for number in range(100)))
    lines = (tmp_path / "log").read_text().splitlines()
    for number in range(100):
        own = [line.split()[1] for line in lines if line.split()[0] == str(number)]
        assert own == [str(turn) for turn in range(20)]
    assert len(lines) == 2000
    assert all(line.endswith(".") for line in lines)


async def test_tasks_share_the_lines_of_one_file(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(LINES)
    taken: list[bytes] = []

    async def work(file: Any) -> None:
        while line := await file.readline():
            taken.append(line)
            await asyncio.sleep(0)

    async with rapfiles.open(tmp_path / "in", "rb") as file:
        await asyncio.gather(*(work(file) for _ in range(10)))
    assert sorted(taken) == sorted(LINES.splitlines(keepends=True))
