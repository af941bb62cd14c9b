"""What all rooms of trees have in common: bad trees, and leaving in the middle."""

from __future__ import annotations

import asyncio
import gc
import glob
import os
import shutil
import subprocess
import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import rapfiles
from conftest import native_threads, open_fds, settles
from rapfiles import StructurePattern
from waiting import until

Begin = Callable[[Path], rapfiles.Stream[Any]]

ROOMS: dict[str, Begin] = {
    "walk": lambda root: rapfiles.walk(root),
    "scan_dir": lambda root: rapfiles.scan_dir(root / "0"),
    "find": lambda root: rapfiles.find("*", root, min_size=0),
    "glob": lambda root: rapfiles.glob("**", root_dir=str(root)),
    "globs": lambda root: rapfiles.globs(["**/{0,1}*", "*/2*"], root_dir=str(root)),
    "search": lambda root: rapfiles.search("x|$", root=root),
    "scan": lambda root: rapfiles.scan(root, StructurePattern()),
}
FOLDERS, FILES = 60, 600


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More files than a stream keeps in store, in more directories than a moment is long."""
    root = tmp_path_factory.mktemp("crowd")
    (root / "file").write_text("x\n")
    for folder in range(FOLDERS):
        (root / f"{folder}").mkdir()
        for file in range(FILES):
            if file % 4:
                os.link(root / "file", root / f"{folder}/{file}")
            else:
                (root / f"{folder}/{file}").mkdir()
    return root


async def cancelled_in_the_middle(stream: rapfiles.Stream[Any]) -> None:
    """Some items, then a cancelled task: while it takes them, and while it gathers all."""
    taken = 0

    async def take() -> None:
        nonlocal taken
        async for _ in stream:
            taken += 1
            if taken > 10:
                await asyncio.Event().wait()

    task = asyncio.ensure_future(take())
    await until(lambda: taken > 10)
    task.cancel()
    await asyncio.wait([task])
    gathering = asyncio.ensure_future(all_of(stream))
    await asyncio.sleep(0)
    gathering.cancel()
    await asyncio.wait([gathering])


async def all_of(stream: rapfiles.Stream[Any]) -> list[Any]:
    return await stream


def memory() -> int:
    """Bytes of this process that are in memory."""
    gc.collect()
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.skipif(sys.platform != "linux", reason="counts are taken from /proc")
async def test_cancelling_leaves_no_thread_no_descriptor_no_memory(room: str, crowd: Path) -> None:
    alive: weakref.WeakSet[rapfiles.Stream[Any]] = weakref.WeakSet()

    async def again(times: int) -> None:
        for _ in range(times):
            stream = ROOMS[room](crowd)
            alive.add(stream)
            await cancelled_in_the_middle(stream)
            del stream

    await again(10)
    fds, threads, before = open_fds(), native_threads(), memory()
    await again(30)
    await until(lambda: gc.collect() is not None and not alive)
    assert await asyncio.to_thread(settles, open_fds, fds) <= fds
    # Threads stay a while for what comes next; those of 30 streams would be 60 at least.
    assert native_threads() <= threads + 30
    # What one stream has in store is more than half a megabyte.
    assert memory() - before < 8 << 20


@pytest.mark.parametrize("room", ROOMS)
async def test_directories_removed_in_the_middle(room: str, tmp_path: Path) -> None:
    for number in range(150):
        below = tmp_path / f"{number}" / "below"
        below.mkdir(parents=True)
        (below / "file").write_text("x\n")
    stream = ROOMS[room](tmp_path)
    await anext(stream)
    for number in range(150):
        shutil.rmtree(tmp_path / f"{number}")
    async for _ in stream:
        pass
    assert {type(error) for error in stream.errors} <= {FileNotFoundError}


# Whoever has no capabilities is root no more, to the system.
MAY_NOT = """
import asyncio, ctypes, glob, os
import rapfiles, rapfiles.os
from rapfiles import StructurePattern
for name in rapfiles.__all__:  # they are imported when asked for
    getattr(rapfiles, name)
ctypes.CDLL(None).capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)())

STREAMS = [
    lambda **strict: rapfiles.walk(".", **strict),
    lambda **strict: rapfiles.find("*", **strict),
    lambda **strict: rapfiles.search("x", **strict),
    lambda **strict: rapfiles.scan(".", StructurePattern("ok"), **strict),
]

def told(errors):
    return sorted((type(error).__name__, error.errno, error.filename) for error in errors)

async def main():
    for begin in STREAMS:
        stream = begin()
        print(sorted(item.path for item in await stream), told(stream.errors))
        try:
            await begin(strict=True)
        except PermissionError as error:
            print("strict", error.filename)
    for pattern, options in [("**", {}), (b"*/*", {}), ("**/no/*", {}), ("*/f", {}),
                             ("*/", {"root_dir": "no"}), ("**", {"root_dir": "ok/../no/"})]:
        stream = rapfiles.glob(pattern, **options)
        assert sorted(await stream) == sorted(glob.glob(pattern, recursive=True, **options))
        print(pattern, told(stream.errors))
    stream = rapfiles.globs(["**/f", "no/*"])
    print(await stream, told(stream.errors))
    triples = rapfiles.walk_triples(".")
    print(len([triple async for triple in triples]), told(triples.errors))

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="drops capabilities of Linux")
def test_what_may_not_be_read(
    tmp_path: Path, python: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    for name in ("no/way", "ok"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "ok/f").write_text("x\n")
    (tmp_path / "ok/secret").write_text("x\n")
    (tmp_path / "ok/secret").chmod(0)
    (tmp_path / "no").chmod(0)
    try:
        done = python(MAY_NOT)
    finally:
        (tmp_path / "no").chmod(0o755)
    assert done.stderr == ""
    no, secret = ("PermissionError", 13, "./no"), ("PermissionError", 13, "./ok/secret")
    told = [("PermissionError", 13, "no")]
    assert done.stdout.splitlines() == [
        f"['./no', './ok', './ok/f', './ok/secret'] {[no]}",
        "strict ./no",
        f"['./no', './ok', './ok/f', './ok/secret'] {[no]}",
        "strict ./no",
        f"['./ok/f'] {[no, secret]}",
        done.stdout.splitlines()[5],
        f"['./ok'] {[no]}",
        "strict ./no",
        f"** {told}",
        f"b'*/*' {[('PermissionError', 13, b'no')]}",
        f"**/no/* {told}",
        "*/f []",
        f"*/ {told}",
        f"** {[('PermissionError', 13, 'ok/../no')]}",
        f"['ok/f'] {told}",
        f"2 {[no]}",
    ]
    assert done.stdout.splitlines()[5] in ("strict ./no", "strict ./ok/secret")


async def test_a_glob_says_nothing_of_what_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for link, to in (("gone", "nowhere"), ("self", "self"), ("up", ".")):
        (tmp_path / link).symlink_to(to)
    for pattern in ("**", "*/*", "gone/*", "self/*", "file/*", "up/**/file"):
        stream = rapfiles.glob(pattern, root_dir=str(tmp_path))
        wanted = glob.glob(pattern, root_dir=str(tmp_path), recursive=True)
        assert sorted(await stream) == sorted(wanted)
        assert stream.errors == []


SLOW = r"(?i)" + r"\pL" * 300
BIG = "x|" * 3_000 + "["


class TestHugePatterns:
    """What takes time to find out is found out by a thread, and raised by the stream."""

    @pytest.mark.parametrize(
        "begin",
        [
            lambda root: rapfiles.find(SLOW, root, regex=True),
            lambda root: rapfiles.find(root=root, content=SLOW),
            lambda root: rapfiles.find("[!a]" * 16_000, root),
            lambda root: rapfiles.find(root=root, exclude=["a", "?" * 60_000]),
            lambda root: rapfiles.walk(root, filter=["a", "[!a]" * 16_000]),
            lambda root: rapfiles.search(SLOW, root=root),
            lambda root: rapfiles.search("x", "[!a]" * 16_000, root),
            lambda root: rapfiles.search("x", root=root, content=SLOW),
            lambda root: rapfiles.search("x", "?" * 60_000, root / "file"),
        ],
    )
    async def test_too_large(self, begin: Begin, tmp_path: Path, no_fd_left: None) -> None:
        (tmp_path / "file").write_text("x\n")
        stream = begin(tmp_path)
        with pytest.raises(rapfiles.PatternError) as caught:
            await stream
        assert caught.value.pattern in (SLOW, "[!a]" * 16_000, "?" * 60_000)
        assert await stream == []

    @pytest.mark.parametrize(
        "begin",
        [
            lambda root: rapfiles.find(BIG, root, regex=True),
            lambda root: rapfiles.find(BIG, root),
            lambda root: rapfiles.find(root=root, content=BIG),
            lambda root: rapfiles.walk(root, filter=BIG),
            lambda root: rapfiles.search(BIG, root=root),
        ],
    )
    async def test_long_ones_are_not_even_read_before(self, begin: Begin, tmp_path: Path) -> None:
        stream = begin(tmp_path)
        with pytest.raises(rapfiles.PatternError) as caught:
            await stream
        assert (caught.value.pattern, caught.value.position) == (BIG, len(BIG) - 1)

    async def test_names_that_are_no_text(self, tmp_path: Path) -> None:
        for pattern in (b"\xff\\p{Nope}", "\udcff\\p{Nope}"):
            with pytest.raises(rapfiles.PatternError) as caught:
                await rapfiles.find(pattern, tmp_path, regex=True)
            assert (caught.value.pattern, caught.value.position) == ("\udcff\\p{Nope}", 1)

    async def test_large_ones_that_are_not_too_large(self, tmp_path: Path) -> None:
        (tmp_path / "name4999").write_text("x4999\n")
        names = ",".join(f"name{number}" for number in range(5_000))
        assert len(await rapfiles.find("{" + names + "}", tmp_path)) == 1
        [found] = await rapfiles.search(
            "|".join(f"x{number}$" for number in range(5_000)), root=tmp_path
        )
        assert found.line_text == "x4999"
