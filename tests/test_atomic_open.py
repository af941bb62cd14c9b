"""Files that take their name at the end, and several of them together."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rapfiles
from rapfiles.threadpool.binary import AsyncBufferedIOBase, AsyncBufferedReader
from rapfiles.threadpool.text import AsyncTextIOWrapper


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A file alone in its directory."""
    path = tmp_path / "target"
    path.write_bytes(b"old")
    return path


@pytest.fixture
def loop_of_model() -> Iterator[asyncio.AbstractEventLoop]:
    """One for all examples."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


# One file.


async def test_the_end_of_the_block_commits(target: Path, no_fd_left: None) -> None:
    target.chmod(0o640)
    async with rapfiles.atomic_open(target, "w", encoding="latin-1") as file:
        assert (file.name, file.mode) == (str(target), "w")
        await file.write("gr\xfcn" * 50_000)
        await file.write("\n")
        assert target.read_bytes() == b"old"
        (other,) = set(os.listdir(target.parent)) - {"target"}
        assert stat.S_IMODE(target.with_name(other).stat().st_mode) == 0o600
    assert file.closed
    assert target.read_bytes() == b"gr\xfcn" * 50_000 + b"\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert os.listdir(target.parent) == ["target"]


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("w", AsyncTextIOWrapper),
        ("x+", AsyncTextIOWrapper),
        ("wb", AsyncBufferedIOBase),
        ("w+b", AsyncBufferedReader),
        ("xb", AsyncBufferedIOBase),
    ],
)
async def test_modes(tmp_path: Path, mode: str, kind: type) -> None:
    async with rapfiles.atomic_open(tmp_path / "new", mode, durability="none") as file:
        await file.write(b"data" if "b" in mode else "data")
        if "+" in mode:
            await file.seek(0)
            assert len(await file.read()) == 4
        assert type(file) is kind
    assert contents(tmp_path) == {"new": b"data"}
    if "x" in mode:
        with pytest.raises(FileExistsError):
            async with rapfiles.atomic_open(tmp_path / "new", mode):
                raise AssertionError("entered")


async def test_a_closed_handle_is_committed_too(target: Path) -> None:
    async with rapfiles.atomic_open(target, "wb", durability="rename") as file:
        await file.write(b"new")
        await file.close()
        assert target.read_bytes() == b"old"
    assert contents(target.parent) == {"target": b"new"}


@pytest.mark.parametrize("size", [3, 300_000])
async def test_an_exception_rolls_back(target: Path, size: int, no_fd_left: None) -> None:
    with pytest.raises(LookupError):
        async with rapfiles.atomic_open(target, "wb") as file:
            await file.write(bytes(size))
            raise LookupError
    assert file.closed
    assert contents(target.parent) == {"target": b"old"}


async def test_a_cancellation_rolls_back(target: Path, no_fd_left: None) -> None:
    begun = asyncio.Event()

    async def work() -> None:
        async with rapfiles.atomic_open(target, "w") as file:
            await file.write("new")
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.ensure_future(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert contents(target.parent) == {"target": b"old"}


async def test_cancelled_at_any_moment(target: Path, no_fd_left: None) -> None:
    async def work() -> None:
        async with rapfiles.atomic_open(target, "w", durability="none") as file:
            await file.write("new")

    for turns in range(40):
        target.write_bytes(b"old")
        task = asyncio.ensure_future(work())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert target.read_bytes() in (b"old", b"new")
    for _ in range(1000):
        if os.listdir(target.parent) == ["target"]:
            return
        await asyncio.sleep(0.01)  # what was under way ends by itself
    raise AssertionError(os.listdir(target.parent))


async def test_abort(target: Path, no_fd_left: None) -> None:
    opening = rapfiles.atomic_open(target, "w")
    async with opening as file:
        await file.write("new")
        await opening.abort()
        await opening.abort()
        assert file.closed
        assert contents(target.parent) == {"target": b"old"}
    assert contents(target.parent) == {"target": b"old"}


async def test_somebody_else_was_faster(tmp_path: Path, no_fd_left: None) -> None:
    with pytest.raises(FileExistsError) as caught:
        async with rapfiles.atomic_open(tmp_path / "new", "x") as file:
            await file.write("mine")
            (tmp_path / "new").write_bytes(b"theirs")
    assert caught.value.filename == str(tmp_path / "new")
    assert contents(tmp_path) == {"new": b"theirs"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("r",), "begins empty.*'r'"),
        (("a",), "begins empty"),
        (("r+",), "begins empty"),
        (("wr",), "exactly one of"),
        (("q",), "invalid mode"),
        (("wb", "utf-8"), "binary mode doesn't take an encoding"),
        (("w", None, None, "x"), "illegal newline"),
    ],
)
def test_bad_arguments(target: Path, arguments: tuple[Any, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rapfiles.atomic_open(target, *arguments)
    with pytest.raises(ValueError, match=words):
        rapfiles.transaction().open(target, *arguments)
    assert contents(target.parent) == {"target": b"old"}


def test_bad_options(target: Path) -> None:
    wrong: Any = "some"
    with pytest.raises(ValueError, match=r"durability.*'some'"):
        rapfiles.atomic_open(target, durability=wrong)
    with pytest.raises(ValueError, match=r"durability.*'some'"):
        rapfiles.transaction(durability=wrong)
    with pytest.raises(ValueError, match="0o7777"):
        rapfiles.atomic_open(target, permissions=-1)
    with pytest.raises(LookupError, match="no such"):
        rapfiles.atomic_open(target, encoding="no such")


async def test_errors_of_opening(tmp_path: Path, no_fd_left: None) -> None:
    for path, number in ((tmp_path, errno.EISDIR), (tmp_path / "a" / "b", errno.ENOENT)):
        with pytest.raises(OSError) as caught:
            async with rapfiles.atomic_open(path, "wb"):
                raise AssertionError("entered")
        assert (caught.value.errno, caught.value.filename) == (number, str(path))
    assert os.listdir(tmp_path) == []


# Several files.


@pytest.mark.parametrize("durability", ["full", "rename", "none"])
async def test_all_changes(target: Path, durability: Any, no_fd_left: None) -> None:
    top = target.parent
    for name in ("moved", "replaced", "gone"):
        (top / name).write_bytes(name.encode())
    async with rapfiles.transaction(durability=durability) as t:
        assert await t.write_file(target, "grün") == 5
        assert await t.write_file_bytes(top / "new", b"\0") == 1
        async with t.open(top / "piece", "w") as file:
            await file.write("by piece")
        await t.move_file(top / "moved", top / "replaced")
        await t.remove_file(top / "gone")
        seen = {name: data for name, data in contents(top).items() if name[0] != "."}
        assert seen == {
            "target": b"old",
            "moved": b"moved",
            "replaced": b"replaced",
            "gone": b"gone",
        }
    assert contents(top) == {
        "target": "grün".encode(),
        "new": b"\0",
        "piece": b"by piece",
        "replaced": b"moved",
    }


async def test_a_transaction_of_nothing(tmp_path: Path) -> None:
    async with rapfiles.transaction():
        pass
    assert os.listdir(tmp_path) == []


async def test_an_exception_makes_no_change(target: Path, no_fd_left: None) -> None:
    with pytest.raises(LookupError):
        async with rapfiles.transaction() as t:
            await t.write_file(target, "new")
            await t.remove_file(target)
            raise LookupError
    assert contents(target.parent) == {"target": b"old"}


async def test_abort_makes_no_change(target: Path, no_fd_left: None) -> None:
    async with rapfiles.transaction() as t:
        await t.write_file(target, "new")
        await t.abort()
        with pytest.raises(RuntimeError, match="ended"):
            await t.write_file(target, "newer")
    assert contents(target.parent) == {"target": b"old"}


async def test_an_ended_transaction_takes_no_more(target: Path) -> None:
    async with rapfiles.transaction() as t:
        await t.write_file(target, "new")
    for call in (t.write_file(target, "x"), t.remove_file(target), t.move_file(target, "x")):
        with pytest.raises(RuntimeError, match="ended"):
            await call
    await t.abort()
    for _ in range(1000):
        if contents(target.parent) == {"target": b"new"}:
            return
        await asyncio.sleep(0.01)  # a worker removes what was refused
    raise AssertionError(contents(target.parent))


async def test_the_change_that_fails_is_named_and_the_others_undone(
    target: Path, no_fd_left: None
) -> None:
    missing = target.with_name("missing")
    with pytest.raises(FileNotFoundError) as caught:
        async with rapfiles.transaction() as t:
            await t.write_file(target, "new")
            await t.write_file(target.with_name("b"), "new")
            await t.move_file(target, target.with_name("c"))
            await t.move_file(missing, target.with_name("d"))
    assert caught.value.filename == str(missing)
    assert caught.value.filename2 == str(target.with_name("d"))
    assert contents(target.parent) == {"target": b"old"}


async def test_errors_of_preparing_leave_the_choice(target: Path, no_fd_left: None) -> None:
    async with rapfiles.transaction() as t:
        await t.write_file(target, "new")
        with pytest.raises(IsADirectoryError) as caught:
            await t.write_file(target.parent, "x")
        assert caught.value.filename == str(target.parent)
        with pytest.raises(FileExistsError):
            await t.write_file(target, "x", overwrite=False)
        with pytest.raises(LookupError):
            async with t.open(target, "w") as file:
                await file.write("x")
                raise LookupError
    assert contents(target.parent) == {"target": b"new"}


async def test_a_cancelled_write_is_no_part(target: Path, no_fd_left: None) -> None:
    for turns in range(20):
        target.write_bytes(b"old")
        async with rapfiles.transaction(durability="none") as t:
            task = asyncio.ensure_future(t.write_file(target, "new"))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        assert target.read_bytes() == (b"old" if task.cancelled() else b"new")


async def test_many_files_keep_few_descriptors(tmp_path: Path, no_fd_left: None) -> None:
    from conftest import open_fds

    async with rapfiles.transaction(durability="none") as t:
        before = open_fds()
        for number in range(300):
            await t.write_file(tmp_path / str(number), str(number))
        assert open_fds() <= before + 5
    assert contents(tmp_path) == {str(n): str(n).encode() for n in range(300)}


NAMES = st.sampled_from("abcd")
CHANGES = st.one_of(
    st.tuples(st.just("write"), NAMES, st.binary(max_size=5)),
    st.tuples(st.just("move"), NAMES, NAMES),
    st.tuples(st.just("remove"), NAMES, st.just("")),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(NAMES), st.lists(CHANGES, max_size=6))
def test_a_model(
    loop_of_model: asyncio.AbstractEventLoop,
    tmp_path: Path,
    there: set[str],
    changes: list[tuple[str, str, Any]],
) -> None:
    """All of a transaction, or nothing of it, against a dict."""
    for path in tmp_path.iterdir():
        path.unlink()
    for name in there:
        (tmp_path / name).write_bytes(name.encode())
    before = contents(tmp_path)
    expected: dict[str, bytes] | None = dict(before)
    for kind, name, value in changes:
        if expected is None:
            break
        if kind == "write":
            expected[name] = value
        elif name not in expected:
            expected = None
        elif kind == "remove":
            del expected[name]
        elif name != value:
            expected[value] = expected.pop(name)

    async def play() -> None:
        async with rapfiles.transaction(durability="none") as t:
            for kind, name, value in changes:
                if kind == "write":
                    await t.write_file_bytes(tmp_path / name, value)
                elif kind == "move":
                    await t.move_file(tmp_path / name, tmp_path / value)
                else:
                    await t.remove_file(tmp_path / name)

    if expected is None:
        with pytest.raises(FileNotFoundError):
            loop_of_model.run_until_complete(play())
        assert contents(tmp_path) == before
    else:
        loop_of_model.run_until_complete(play())
        assert contents(tmp_path) == expected
