"""Trees as streams: against `os.walk`, with every option, with bad input, and left early."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rapfiles
from conftest import native_threads, open_fds, settles
from waiting import until

TREES = int(os.environ.get("RAPFILES_WALK_TREES", "40"))
"""How many random trees are gone through."""

NAMES = ["a", "b", "a-b", "a.b", ".hidden", "c d", "Grün", "x.py", "y.txt", "zz"]
ODD = os.fsdecode(b"odd\xff")


def plant(root: Path, chance: random.Random, most: int = 40, links: bool = True) -> None:
    """Makes a random tree."""
    places = [root]
    for _ in range(chance.randrange(most)):
        path = chance.choice(places) / chance.choice([*NAMES, ODD])
        if os.path.lexists(path):
            continue
        kind = chance.randrange(6 if links else 5)
        if kind < 2:
            path.mkdir()
            places.append(path)
        elif kind < 5:
            path.touch()
        else:
            path.symlink_to(chance.choice([*map(str, places), "nowhere", str(path), "a"]))


def listed(root: Any, **options: Any) -> list[Any]:
    """Every path below a root, as `os.walk` has it."""
    walked = os.walk(root, **options)
    return [os.path.join(top, name) for top, dirs, files in walked for name in dirs + files]


def in_order(paths: list[str]) -> list[str]:
    """A directory just before what is in it, names by their bytes."""
    return sorted(paths, key=lambda path: [os.fsencode(part) for part in path.split("/")])


async def paths(*args: Any, **options: Any) -> list[str]:
    """The paths of a walk, in order."""
    return in_order([os.fspath(entry) async for entry in rapfiles.walk(*args, **options)])


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small tree with something of everything."""
    root = tmp_path / "tree"
    for folder in ["sub/deep/deeper", ".git", "empty"]:
        (root / folder).mkdir(parents=True)
    for name in ["top.py", ".hidden", "sub/in.py", "sub/in.txt", "sub/deep/low.py", ".git/config"]:
        (root / name).write_text(name)
    (root / "link").symlink_to("sub")
    (root / "file-link").symlink_to("top.py")
    (root / "broken").symlink_to("nowhere")
    return root


def below(root: Path, *names: str) -> list[str]:
    return in_order([f"{root}/{name}" for name in names])


@given(seed=st.integers(0, 2**32))
@settings(max_examples=TREES)
def test_it_finds_what_os_walk_finds(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    chance = random.Random(seed)
    root = tmp_path_factory.mktemp("tree")
    plant(root, chance)
    wanted = in_order(listed(str(root)))

    async def check() -> None:
        assert await paths(root, threads=chance.randrange(1, 5)) == wanted
        entries = await rapfiles.walk(str(root), sort=True, metadata=chance.random() < 0.5)
        assert [entry.path for entry in entries] == wanted
        for entry in entries:
            assert entry.name == os.path.basename(entry.path)
            assert entry.depth == len(Path(entry.path).relative_to(root).parts)
            status = os.lstat(entry)
            assert await entry.metadata() == status
            assert entry.is_symlink() == os.path.islink(entry)
            assert entry.is_file() == (os.path.isfile(entry) and not entry.is_symlink())
            assert entry.is_dir() == (os.path.isdir(entry) and not entry.is_symlink())
        encoded = os.fsencode(root)
        got = sorted(entry.path for entry in await rapfiles.walk(encoded))
        assert got == sorted(os.fsencode(path) for path in wanted)
        pairs = [(path, os.path.isfile(path) and not os.path.islink(path)) for path in wanted]
        assert sorted(await rapfiles.walk_dir(root)) == sorted(pairs)

    asyncio.run(check())
    shutil.rmtree(root)


@given(seed=st.integers(0, 2**32), topdown=st.booleans(), follow=st.booleans())
@settings(max_examples=TREES)
def test_triples_are_those_of_os_walk(
    tmp_path_factory: pytest.TempPathFactory, seed: int, topdown: bool, follow: bool
) -> None:
    root = tmp_path_factory.mktemp("tree")
    # Links that lead back up are an error here and followed until the path is too long there.
    plant(root, random.Random(seed), links=not follow)

    async def check(top: Any) -> None:
        for prune in (False, True) if topdown else (False,):
            wanted, chance = [], random.Random(seed)
            for path, dirs, files in os.walk(top, topdown, followlinks=follow):
                wanted.append((path, list(dirs), files))
                if prune:
                    dirs[:] = [name for name in dirs if chance.random() < 0.5]
            got, chance = [], random.Random(seed)
            walker = rapfiles.walk_triples(top, topdown, followlinks=follow)
            async for path, dirs, files in walker:
                got.append((path, list(dirs), files))
                if prune:
                    dirs[:] = [name for name in dirs if chance.random() < 0.5]
            assert got == wanted
            assert not walker.errors

    asyncio.run(check(str(root)))
    asyncio.run(check(os.fsencode(root)))
    shutil.rmtree(root)


class TestOptions:
    async def test_depth(self, tree: Path) -> None:
        assert await paths(tree / "sub") == below(
            tree / "sub", "deep", "deep/deeper", "deep/low.py", "in.py", "in.txt"
        )
        assert await paths(tree / "sub", max_depth=1) == below(
            tree / "sub", "deep", "in.py", "in.txt"
        )
        assert await paths(tree / "sub", min_depth=2) == below(
            tree / "sub", "deep/deeper", "deep/low.py"
        )
        assert await paths(tree, max_depth=0) == []

    async def test_hidden(self, tree: Path) -> None:
        everything = in_order(listed(str(tree)))
        assert await paths(tree) == everything
        assert await paths(tree, hidden=False) == [p for p in everything if "/." not in p]

    async def test_filter(self, tree: Path) -> None:
        wanted = below(tree, "sub/deep/low.py", "sub/in.py", "top.py")
        assert await paths(tree, filter="*.py") == wanted
        assert await paths(tree, filter=[b"*.py", "!deep/"]) == below(tree, "sub/in.py", "top.py")
        assert await paths(tree, filter=["!sub", "!.*", "!*link", "!broken"]) == below(
            tree, "empty", "top.py"
        )
        assert await paths(tree, filter="sub/*.{py,txt}") == below(tree, "sub/in.py", "sub/in.txt")
        assert await paths(tree, filter="**/low.py") == below(tree, "sub/deep/low.py")
        assert await paths(tree, filter=[]) == in_order(listed(str(tree)))

    async def test_gitignore(self, tree: Path) -> None:
        (tree / ".gitignore").write_text("*.txt\n/sub/deep/\n!in.txt\n")
        (tree / ".git/HEAD").write_text("ref: refs/heads/main\n")
        for name in ["objects", "refs"]:
            (tree / ".git" / name).mkdir()
        (tree / "sub/out.txt").touch()
        (tree / "sub/.ignore").write_text("in.*\n")
        sub = tree / "sub"
        assert await paths(sub, gitignore=True) == below(sub, ".ignore", "in.py", "in.txt")
        got = await paths(sub, gitignore=True, ignore_files=".ignore")
        assert got == below(sub, ".ignore")
        assert await paths(sub, ignore_files=[sub / ".ignore"]) == below(
            sub, ".ignore", "deep", "deep/deeper", "deep/low.py", "out.txt"
        )

    async def test_links(self, tree: Path) -> None:
        got = {entry.path: entry for entry in await rapfiles.walk(tree, follow_symlinks=True)}
        assert in_order(list(got)) == in_order(listed(str(tree), followlinks=True))
        kinds = [
            (entry.is_file(), entry.is_dir(), entry.is_symlink(), entry.file_type)
            for entry in (got[f"{tree}/{name}"] for name in ["link", "file-link", "broken"])
        ]
        assert kinds == [
            (False, True, True, "dir"),
            (True, False, True, "file"),
            (False, False, True, "symlink"),
        ]
        for eager in (False, True):
            entries = await rapfiles.walk(tree, follow_symlinks=True, metadata=eager)
            for entry in entries:
                broken = entry.name == "broken"
                assert await entry.metadata() == (os.lstat if broken else os.stat)(entry)

    async def test_types(self, tree: Path) -> None:
        os.mkfifo(tree / "empty/fifo")
        (entry,) = await rapfiles.scan_dir(tree / "empty")
        assert (entry.file_type, entry.is_file(), entry.is_dir()) == ("fifo", False, False)

    @pytest.mark.skipif(not os.path.ismount("/proc"), reason="needs something mounted")
    async def test_one_file_system(self) -> None:
        device = os.stat("/").st_dev
        stream = rapfiles.walk("/", same_file_system=True, max_depth=2, hidden=False)
        async for entry in stream:
            if entry.depth == 2:
                assert os.stat(os.path.dirname(entry)).st_dev == device

    async def test_metadata_stay_as_they_were_read(self, tree: Path) -> None:
        late, early = [
            (await rapfiles.walk(tree, filter="top.py", metadata=eager))[0]
            for eager in (False, True)
        ]
        (tree / "top.py").write_text("longer than before")
        assert ((await late.metadata()).st_size, (await early.metadata()).st_size) == (18, 6)
        (tree / "top.py").unlink()
        with pytest.raises(FileNotFoundError) as caught:
            await late.metadata()
        assert caught.value.filename == f"{tree}/top.py"

    async def test_scan_dir(self, tree: Path) -> None:
        names = [entry.name for entry in await rapfiles.scan_dir(tree, sort=True)]
        assert names == sorted(os.listdir(tree))
        entries = await rapfiles.scan_dir(os.fsencode(tree), hidden=False, filter=b"*.py")
        assert [entry.name for entry in entries] == [b"top.py"]

    async def test_relative_roots(self, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tree)
        for root in [".", "sub", "sub/", "./sub//"]:
            assert await paths(root) == in_order(listed(root))
        assert await paths() == in_order(listed("."))

    async def test_entries(self, tree: Path) -> None:
        (entry,) = await rapfiles.walk(tree, filter="in.py")
        path = f"{tree}/sub/in.py"
        assert (str(entry), repr(entry)) == (path, f"<WalkEntry {path!r}>")
        assert await rapfiles.read_file(entry) == "sub/in.py"
        (entry_of_bytes,) = await rapfiles.walk(os.fsencode(tree), filter="in.py")
        assert str(entry_of_bytes) == str(os.fsencode(path))
        with pytest.raises(TypeError):
            rapfiles.WalkEntry()
        with pytest.raises(AttributeError):
            entry.path = ""  # type: ignore[misc]


class TestBadInput:
    @pytest.mark.parametrize("name", ["walk", "scan_dir", "walk_dir"])
    async def test_roots(self, name: str, tree: Path) -> None:
        call: Callable[..., Any] = getattr(rapfiles, name)
        for root, kind in [
            (tree / "missing", FileNotFoundError),
            ("", FileNotFoundError),
            (tree / "top.py", NotADirectoryError),
            (tree / "broken", FileNotFoundError),
        ]:
            with pytest.raises(kind) as caught:
                await call(root)
            assert caught.value.filename == str(root)
        for root, other in [("a\0b", ValueError), (7, TypeError), (None, TypeError)]:
            with pytest.raises(other):
                await call(root)

    async def test_options(self, tree: Path) -> None:
        cases: list[tuple[dict[str, Any], str]] = [
            ({"max_depth": -1}, "max_depth must not be negative: -1"),
            ({"min_depth": -1}, "min_depth must not be negative: -1"),
            ({"threads": 0}, "threads must be between 1 and 256: 0"),
        ]
        for options, message in cases:
            with pytest.raises(ValueError, match=message):
                rapfiles.walk(tree, **options)
        others: list[dict[str, Any]] = [
            {"filter": 7},
            {"filter": [7]},
            {"threads": "2"},
            {"hidden": "yes"},
        ]
        for options in others:
            with pytest.raises(TypeError):
                rapfiles.walk(tree, **options)
        with pytest.raises(FileNotFoundError) as caught:
            await rapfiles.walk(tree, ignore_files=tree / "none")
        assert caught.value.filename == f"{tree}/none"

    @pytest.mark.parametrize(
        ("pattern", "position"), [("a[b", 1), ("!a[b", 2), ("{a", 0), ("[z-a]", 1), ("a\\", 1)]
    )
    def test_patterns(self, pattern: str, position: int) -> None:
        with pytest.raises(rapfiles.PatternError) as caught:
            rapfiles.walk(filter=["fine", pattern])
        assert (caught.value.pattern, caught.value.position) == (pattern, position)

    def test_huge_patterns(self) -> None:
        for pattern in ["{a," * 100, "a" * 70_000]:
            with pytest.raises(rapfiles.PatternError):
                rapfiles.walk(filter=pattern)


class TestErrors:
    async def test_a_link_that_leads_back_up(self, tree: Path) -> None:
        (tree / "sub/deep/up").symlink_to("..")
        stream = rapfiles.walk(tree / "sub", follow_symlinks=True)
        names = {entry.name for entry in await stream}
        assert names == {"up", "deep", "deeper", "low.py", "in.py", "in.txt"}
        found = [(error.errno, error.filename) for error in stream.errors]
        assert found == [(errno.ELOOP, f"{tree}/sub/deep/up")]
        with pytest.raises(OSError, match="levels of symbolic links"):
            await rapfiles.walk(tree / "sub", follow_symlinks=True, strict=True)

    async def test_triples_and_a_link_that_leads_back_up(self, tree: Path) -> None:
        (tree / "sub/up").symlink_to(".")
        walker = rapfiles.walk_triples(str(tree / "sub"), followlinks=True)
        tops = [path async for path, _, _ in walker]
        assert tops == below(tree, "sub", "sub/deep", "sub/deep/deeper")
        assert [(e.errno, e.filename) for e in walker.errors] == [(errno.ELOOP, f"{tree}/sub/up")]
        with pytest.raises(OSError, match="levels of symbolic links"):
            async for _ in rapfiles.walk_triples(tree / "sub", followlinks=True, strict=True):
                pass

    async def test_triples_whose_directory_vanishes(self, tree: Path) -> None:
        seen: list[OSError] = []
        walker = rapfiles.walk_triples(str(tree / "sub"), onerror=seen.append)
        async for _, dirs, _ in walker:
            if dirs == ["deep"]:
                shutil.rmtree(tree / "sub/deep")
        assert [error.filename for error in walker.errors] == [f"{tree}/sub/deep"]
        assert seen == walker.errors

    async def test_triples_of_what_is_none(self, tree: Path) -> None:
        for top, kind in [("missing", FileNotFoundError), ("top.py", NotADirectoryError)]:
            with pytest.raises(kind):
                await anext(rapfiles.walk_triples(tree / top))

    async def test_removed_on_the_way(self, tmp_path: Path) -> None:
        root = tmp_path / "tree"
        for number in range(200):
            (root / str(number) / "below").mkdir(parents=True)
        stream = rapfiles.walk(root, threads=1)
        await anext(stream)
        shutil.rmtree(root)
        async for _ in stream:
            pass
        assert all(error.errno == errno.ENOENT for error in stream.errors)

    async def test_deeper_than_a_path_may_be(self, tmp_path: Path) -> None:
        name, depth = "d" * 200, 45
        fd = os.open(tmp_path, os.O_RDONLY)
        for _ in range(depth):
            os.mkdir(name, dir_fd=fd)
            inner = os.open(name, os.O_RDONLY, dir_fd=fd)
            os.close(fd)
            fd = inner
        os.close(os.open("bottom", os.O_CREAT, dir_fd=fd))
        os.close(fd)
        settings: list[dict[str, Any]] = [
            {},
            {"sort": True},
            {"metadata": True},
            {"follow_symlinks": True},
        ]
        for options in settings:
            stream = rapfiles.walk(tmp_path, **options)
            entries = await stream
            assert max(entry.depth for entry in entries) == depth + 1
            assert len(entries) == depth + 1
            assert not stream.errors
        shutil.rmtree(tmp_path / name)


FOLDERS, EACH = 24, 800
CROWD = FOLDERS * (1 + EACH)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More entries than are on their way at a time."""
    root = tmp_path_factory.mktemp("crowd")
    for number in range(FOLDERS):
        folder = f"{root}/{number}"
        os.mkdir(folder)
        for file in range(EACH):
            os.close(os.open(f"{folder}/{file}", os.O_CREAT))
    return root


class TestLeavingEarly:
    async def test_nothing_is_left(self, crowd: Path) -> None:
        await rapfiles.walk(crowd, max_depth=1)
        before = open_fds()

        async def leave() -> None:
            async for _ in rapfiles.walk(crowd, threads=4):
                break
            async with rapfiles.walk(crowd, sort=True) as stream:
                await anext(stream)
            task = asyncio.ensure_future(collected(rapfiles.walk(crowd, threads=4)))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            rapfiles.walk(crowd)

        await leave()
        gc.collect()
        # What was cancelled ends when the loop has had its turn.
        await until(lambda: open_fds() <= before)
        threads = native_threads()
        for _ in range(20):
            await leave()
        gc.collect()
        await until(lambda: open_fds() <= before)
        # They stay for a while for what comes next; each of those that walked still would be 180.
        await until(lambda: native_threads() <= threads + 60)

    async def test_cancelled_while_it_waits(self, crowd: Path) -> None:
        stream = rapfiles.walk(crowd)
        task = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        task.cancel()
        cancelled = await asyncio.gather(task, return_exceptions=True)
        lost = 0 if isinstance(cancelled[0], asyncio.CancelledError) else 1
        assert len(await stream) == CROWD - lost

    async def test_a_slow_consumer(self, crowd: Path) -> None:
        got = 0
        async for _ in rapfiles.walk(crowd):
            got += 1
            if got % 3000 == 0:
                await asyncio.sleep(0.01)
        assert got == CROWD

    async def test_triples_are_left(self, crowd: Path) -> None:
        before = open_fds()
        walker = rapfiles.walk_triples(crowd)
        await anext(walker)
        await walker.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(walker)
        assert settles(open_fds, before) <= before

    def test_without_a_loop(self, crowd: Path) -> None:
        assert sum(1 for _ in rapfiles.walk(crowd)) == CROWD


async def collected(stream: Any) -> list[Any]:
    return [item async for item in stream]


@pytest.mark.skipif(sys.platform != "linux", reason="names are any bytes on Linux")
async def test_names_of_any_bytes(tmp_path: Path) -> None:
    name = bytes(set(range(1, 256)) - {ord("/")})[:254]
    root = os.fsencode(tmp_path)
    os.mkdir(root + b"/" + name[:127])
    os.close(os.open(root + b"/" + name[:127] + b"/" + name[127:], os.O_CREAT))
    got = [entry.path for entry in await rapfiles.walk(tmp_path, sort=True)]
    assert got == listed(str(tmp_path))
    assert [entry.name for entry in await rapfiles.walk(root, sort=True)] == [
        name[:127],
        name[127:],
    ]
