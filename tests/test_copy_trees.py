"""Copying, moving and removing directories with all that is in them."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import random
import shutil
import stat
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rapfiles
from conftest import open_fds, settles
from rapfiles import TreeReport
from scan_model import Tree, make, trees
from test_copy import left

FILES = 150


def facts(root: Path) -> dict[str, Any]:
    """What is in a directory: contents, modes, times and what links say."""
    found: dict[str, Any] = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        mode, when = stat.S_IMODE(status.st_mode), status.st_mtime_ns
        if path.is_symlink():
            content: Any = os.readlink(path)
        else:
            content = path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(root))] = (content, mode, when)
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with a little of everything in it."""
    root = tmp_path / "tree"
    (root / "deep/er").mkdir(parents=True)
    (root / "empty").mkdir(mode=0o750)
    for number in range(FILES):
        (root / f"deep/{number}").write_text(str(number))
    (root / "deep/er" / os.fsdecode(b"o\xffdd")).write_bytes(os.urandom(300_000))
    (root / "deep/er/link").symlink_to("../0")
    (root / "to nowhere").symlink_to("/nowhere/at/all")
    (root / "run").write_text("#!/bin/sh")
    (root / "run").chmod(0o4711)
    os.utime(root / "run", ns=(10**18 + 1, 10**18 + 123_456_789))
    os.utime(root / "deep", ns=(10**18, 10**18 + 7))
    return tmp_path / "tree"


class TestCopies:
    @pytest.mark.parametrize("concurrency", [None, 1, 5])
    async def test_everything_arrives(
        self, tree: Path, tmp_path: Path, concurrency: int | None, no_fd_left: None
    ) -> None:
        report = await rapfiles.copy_dir(tree, tmp_path / "copy", concurrency=concurrency)
        assert facts(tmp_path / "copy") == facts(tree)
        assert report == TreeReport(
            FILES + 4, 4, sum(len(str(n)) for n in range(FILES)) + 300_000 + 9, ()
        )
        assert (tmp_path / "copy").stat().st_mode == tree.stat().st_mode

    @pytest.mark.parametrize("convert", [str, os.fsencode, Path])
    async def test_every_kind_of_path(
        self, tree: Path, tmp_path: Path, convert: Callable[[Any], Any]
    ) -> None:
        odd = tmp_path / os.fsdecode(b"o\xffdd") / "a/b"
        await rapfiles.copy_dir(convert(tree), convert(odd))
        assert facts(odd) == facts(tree)
        await rapfiles.move_dir(convert(odd), convert(odd.with_name("moved")))
        await rapfiles.remove_dir_all(convert(odd.parents[1]))
        assert os.listdir(tmp_path) == ["tree"]

    async def test_relative_paths(
        self, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        await rapfiles.copy_dir("tree/", "copy/")
        assert facts(Path("copy")) == facts(tree)
        await rapfiles.move_dir("copy/", "moved/")
        await rapfiles.remove_dir_all("moved/")
        assert os.listdir() == ["tree"]

    async def test_times_unless_told_otherwise(self, tree: Path, tmp_path: Path) -> None:
        await rapfiles.copy_dir(tree, tmp_path / "copy", times=False)
        assert (tmp_path / "copy/run").stat().st_mtime_ns > 10**18 + 123_456_789
        assert stat.S_IMODE((tmp_path / "copy/empty").stat().st_mode) == 0o750

    async def test_attributes_if_asked_for(self, tree: Path, tmp_path: Path) -> None:
        try:
            for name in ("run", "deep"):
                os.setxattr(tree / name, "user.colour", b"blue")
        except OSError:
            pytest.skip("no extended attributes in the directory of the tests")
        await rapfiles.copy_dir(tree, tmp_path / "without")
        await rapfiles.copy_dir(tree, tmp_path / "with", xattrs=True)
        for name in ("run", "deep"):
            assert os.listxattr(tmp_path / "without" / name) == []
            assert os.getxattr(tmp_path / "with" / name, "user.colour") == b"blue"

    async def test_a_directory_that_is_there(self, tree: Path, tmp_path: Path) -> None:
        there = tmp_path / "there"
        (there / "deep").mkdir(parents=True)
        (there / "deep/0").write_text("old")
        (there / "deep/other").write_text("kept")
        with pytest.raises(FileExistsError) as caught:
            await rapfiles.copy_dir(tree, there)
        assert caught.value.filename == str(there)
        assert (there / "deep/0").read_text() == "old"
        await rapfiles.copy_dir(tree, there, overwrite=True)
        after = facts(there)
        assert after.pop("deep/other")[0] == b"kept"
        before = facts(tree)
        # What was there keeps what it is.
        del before["deep"], after["deep"]
        assert after == before
        assert left(there) == []

    async def test_links_are_followed_if_asked_for(self, tree: Path, tmp_path: Path) -> None:
        (tree / "to nowhere").unlink()
        (tree / "directory").symlink_to("deep/er")
        await rapfiles.copy_dir(tree, tmp_path / "copy", follow_symlinks=True)
        shutil.copytree(tree, tmp_path / "model")
        assert facts(tmp_path / "copy") == facts(tmp_path / "model")
        (tree / "deep/circle").symlink_to("..")
        with pytest.raises(OSError) as caught:
            await rapfiles.copy_dir(tree, tmp_path / "circle", follow_symlinks=True)
        assert caught.value.errno == errno.ELOOP

    @given(tree=trees, modes=st.randoms(use_true_random=False))
    def test_as_the_standard_library(
        self, tmp_path_factory: Any, tree: Tree, modes: random.Random
    ) -> None:
        root = tmp_path_factory.mktemp("any")
        (root / "in").mkdir()
        make(root / "in", tree)
        for path in sorted((root / "in").rglob("*")):
            if modes.random() < 0.2:
                path.with_name(f"{path.name} link").symlink_to(path.name)
            path.chmod(modes.choice([0o700, 0o755, 0o640, 0o777]) | (0o100 if path.is_dir() else 0))
        shutil.copytree(root / "in", root / "model", symlinks=True)
        report = asyncio.run(rapfiles.copy_dir(root / "in", root / "copy"))
        assert facts(root / "copy") == facts(root / "model")
        assert report.files + report.directories == len(facts(root / "in")) + 1
        removed = asyncio.run(rapfiles.remove_dir_all(root / "copy"))
        assert (removed.files, removed.directories) == (report.files, report.directories)
        assert sorted(os.listdir(root)) == ["in", "model"]


class TestRefusals:
    async def test_nothing_goes_into_itself(self, tree: Path, tmp_path: Path) -> None:
        before = facts(tmp_path)
        (tmp_path / "link").symlink_to("tree/deep")
        for function in (rapfiles.copy_dir, rapfiles.move_dir):
            for target in (tree, tree / "x", tree / "deep/x/y", tmp_path / "link/x"):
                operation: Any = function
                with pytest.raises(ValueError, match="or in it"):
                    await operation(tree, target)
        (tmp_path / "link").unlink()
        assert facts(tmp_path) == before

    @pytest.mark.parametrize("function", ["copy_dir", "move_dir", "remove_dir_all"])
    async def test_what_is_no_directory(self, tree: Path, tmp_path: Path, function: str) -> None:
        operation = getattr(rapfiles, function)
        (tmp_path / "link").symlink_to("tree")
        target = [] if function == "remove_dir_all" else [tmp_path / "x"]
        with pytest.raises(NotADirectoryError) as caught:
            await operation(tree / "run", *target)
        assert caught.value.filename == str(tree / "run")
        with pytest.raises(FileNotFoundError) as missing:
            await operation(tmp_path / "missing", *target)
        assert missing.value.filename == str(tmp_path / "missing")
        if function != "copy_dir":
            for link in ("link", "link/"):
                with pytest.raises(NotADirectoryError):
                    await operation(os.path.join(tmp_path, link), *target)
        assert not (tmp_path / "x").exists()
        assert (tree / "run").exists()

    @pytest.mark.parametrize("function", ["copy_dir", "move_dir", "remove_dir_all"])
    async def test_bad_arguments(self, tree: Path, tmp_path: Path, function: str) -> None:
        operation = getattr(rapfiles, function)
        target = [] if function == "remove_dir_all" else [tmp_path / "x"]
        for path, error in (("a\0b", ValueError), (3, TypeError), ("", FileNotFoundError)):
            with pytest.raises(error):
                await operation(path, *target)
        with pytest.raises(ValueError, match="concurrency"):
            await operation(tree, *target, concurrency=0)
        if function != "move_dir":
            with pytest.raises(ValueError, match="on_error"):
                await operation(tree, *target, on_error="ignore")
        assert (tree / "run").exists()
        assert not (tmp_path / "x").exists()

    async def test_what_must_not_be_removed(
        self, tree: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = facts(tree)
        monkeypatch.chdir(tree / "deep")
        for path, expected in ((".", errno.EINVAL), ("..", errno.EINVAL), ("er/..", errno.EINVAL)):
            with pytest.raises(OSError) as caught:
                await rapfiles.remove_dir_all(path)
            assert (caught.value.errno, caught.value.filename) == (expected, path)
        assert facts(tree) == before

    async def test_special_files(self, tree: Path, tmp_path: Path) -> None:
        os.mkfifo(tree / "deep/fifo")
        with pytest.raises(OSError) as caught:
            await rapfiles.copy_dir(tree, tmp_path / "copy")
        assert caught.value.errno == errno.EOPNOTSUPP
        assert caught.value.filename == str(tree / "deep/fifo")
        report = await rapfiles.copy_dir(tree, tmp_path / "rest", on_error="collect")
        [error] = report.errors
        assert (error.errno, error.filename) == (errno.EOPNOTSUPP, str(tree / "deep/fifo"))
        (tree / "deep/fifo").unlink()
        rest, before = facts(tmp_path / "rest"), facts(tree)
        assert rest.pop("deep")[:2] == before.pop("deep")[:2]
        assert rest == before


class TestMoves:
    async def test_is_a_rename(self, tree: Path, tmp_path: Path) -> None:
        before, inode = facts(tree), tree.stat().st_ino
        await rapfiles.move_dir(tree, tmp_path / "moved")
        assert (tmp_path / "moved").stat().st_ino == inode
        assert facts(tmp_path / "moved") == before
        assert os.listdir(tmp_path) == ["moved"]

    async def test_what_is_there_stays(self, tree: Path, tmp_path: Path) -> None:
        (tmp_path / "there").mkdir()
        with pytest.raises(FileExistsError) as caught:
            await rapfiles.move_dir(tree, tmp_path / "there")
        names = (caught.value.filename, caught.value.filename2)
        assert names == (str(tree), str(tmp_path / "there"))
        assert (tree / "run").exists()


class TestRemovals:
    async def test_everything_goes(self, tree: Path, tmp_path: Path, no_fd_left: None) -> None:
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside/file").touch()
        (tree / "link").symlink_to(tmp_path / "outside")
        os.mkfifo(tree / "deep/fifo")
        report = await rapfiles.remove_dir_all(tree)
        assert report == TreeReport(FILES + 6, 4, 0, ())
        assert os.listdir(tmp_path) == ["outside"]
        assert os.listdir(tmp_path / "outside") == ["file"]

    async def test_what_is_gone_already(self, tmp_path: Path) -> None:
        report = await rapfiles.remove_dir_all(tmp_path / "missing", missing_ok=True)
        assert report == TreeReport(0, 0, 0, ())

    async def test_many_at_once(self, tmp_path: Path, no_fd_left: None) -> None:
        for number in range(60):
            (tmp_path / f"tree/{number}/a/b").mkdir(parents=True)
            (tmp_path / f"tree/{number}/a/b/file").touch()
        jobs = (rapfiles.remove_dir_all(tmp_path / f"tree/{number}") for number in range(60))
        await asyncio.gather(*jobs)
        assert os.listdir(tmp_path / "tree") == []

    async def test_two_of_the_same_tree(self, tree: Path, tmp_path: Path) -> None:
        done = await asyncio.gather(
            rapfiles.remove_dir_all(tree, missing_ok=True),
            rapfiles.remove_dir_all(tree, missing_ok=True),
        )
        assert os.listdir(tmp_path) == []
        assert all(report.errors == () for report in done)

    async def test_a_link_in_place_of_a_directory_leads_nowhere(self, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        (outside / "in/er").mkdir(parents=True)
        for number in range(50):
            (outside / f"in/er/{number}").touch()
        before = facts(outside)
        over = threading.Event()

        def swap() -> None:
            """Has the directory and the link beside it change places, all the time."""
            while not over.is_set():
                for number in range(10):
                    names = [tmp_path / f"tree/{number}/{name}" for name in ("in", "link", "aside")]
                    for one, other in ((0, 2), (1, 0), (2, 1)):
                        with contextlib.suppress(OSError):
                            os.rename(names[one], names[other])

        thread = threading.Thread(target=swap)
        thread.start()
        try:
            for _ in range(8):
                for number in range(10):
                    (tmp_path / f"made/{number}/in/er").mkdir(parents=True)
                    (tmp_path / f"made/{number}/link").symlink_to(outside / "in")
                    for file in range(20):
                        (tmp_path / f"made/{number}/in/er/{file}").touch()
                (tmp_path / "made").rename(tmp_path / "tree")
                report = await rapfiles.remove_dir_all(tmp_path / "tree", on_error="collect")
                assert facts(outside) == before
                # Something moved in, or what was a directory a moment ago is the link now.
                met = {error.errno for error in report.errors}
                assert met <= {errno.ENOTEMPTY, errno.ENOTDIR}
                # What was moved to where nothing was looked for any more.
                while (tmp_path / "tree").exists():
                    await rapfiles.remove_dir_all(tmp_path / "tree", on_error="collect")
        finally:
            over.set()
            thread.join()
        assert facts(outside) == before


class TestDeep:
    async def test_deeper_than_a_path_can_tell(self, tmp_path: Path, no_fd_left: None) -> None:
        depth = 600
        inner = os.open(tmp_path, os.O_RDONLY)
        for _ in range(depth):
            os.mkdir("directory", dir_fd=inner)
            below = os.open("directory", os.O_RDONLY, dir_fd=inner)
            os.close(inner)
            inner = below
        os.close(os.open("leaf", os.O_WRONLY | os.O_CREAT, dir_fd=inner))
        os.close(inner)
        try:
            report = await rapfiles.copy_dir(tmp_path / "directory", tmp_path / "copy")
            assert (report.files, report.directories) == (1, depth)
            for name in ("directory", "copy"):
                removed = await rapfiles.remove_dir_all(tmp_path / name)
                assert (removed.files, removed.directories) == (1, depth)
            assert os.listdir(tmp_path) == []
        finally:
            # The standard library's way to remove them is not for trees this deep.
            subprocess.run(["rm", "-rf", tmp_path / "directory", tmp_path / "copy"], check=True)


class TestLong:
    async def test_progress(self, tree: Path, tmp_path: Path) -> None:
        seen: list[tuple[int, int, int]] = []

        async def later(*how_far: int) -> None:
            await asyncio.sleep(0)
            seen.append(how_far)  # type: ignore[arg-type]

        report = await rapfiles.copy_dir(tree, tmp_path / "copy", progress=later)
        items = report.files + report.directories
        assert seen[-1] == (items, items, report.bytes)
        assert all(done <= total for done, total, _ in seen)
        await rapfiles.remove_dir_all(
            tmp_path / "copy", progress=lambda *how_far: seen.append(how_far)
        )
        assert seen[-1] == (items, items, 0)
        await rapfiles.move_dir(tree, tmp_path / "moved", progress=later)
        assert seen[-1] == (1, 1, 0)

    @pytest.mark.parametrize("function", ["copy_dir", "remove_dir_all"])
    async def test_what_progress_raises(self, tree: Path, tmp_path: Path, function: str) -> None:
        def progress(done: int, total: int, size: int) -> None:
            raise LookupError

        target = [tmp_path / "x"] if function == "copy_dir" else []
        with pytest.raises(LookupError):
            await getattr(rapfiles, function)(tree, *target, progress=progress)

    async def test_cancelled_at_any_moment(self, tree: Path, tmp_path: Path) -> None:
        chance, before, ended = random.Random(7), None, set()
        whole = facts(tree)
        for _ in range(15):
            task = asyncio.ensure_future(rapfiles.copy_dir(tree, tmp_path / "copy"))
            await asyncio.sleep(chance.random() * 0.03)
            task.cancel()
            try:
                await task
                ended.add("whole")
            except asyncio.CancelledError:
                ended.add("cancelled")
            if (tmp_path / "copy").exists():
                for path, found in facts(tmp_path / "copy").items():
                    if found[0] is not None:
                        assert found == whole[path]
                assert left(tmp_path) == []
                removing = asyncio.ensure_future(rapfiles.remove_dir_all(tmp_path / "copy"))
                await asyncio.sleep(chance.random() * 0.005)
                removing.cancel()
                await asyncio.wait([removing])
                await rapfiles.remove_dir_all(tmp_path / "copy", missing_ok=True)
            before = open_fds() if before is None else before
        assert "cancelled" in ended
        assert settles(open_fds, before or 0) <= (before or 0)
        assert facts(tree) == whole


class TestClosedDoors:
    async def test_the_rest_goes_on(self, tree: Path, tmp_path: Path) -> None:
        if os.geteuid() == 0:
            pytest.skip("root may do everything: see tests/faults/test_copies.py")
        (tree / "empty").chmod(0)
        report = await rapfiles.copy_dir(tree, tmp_path / "copy", on_error="collect")
        assert [(error.errno, error.filename) for error in report.errors] == [
            (errno.EACCES, str(tree / "empty"))
        ]
        (tree / "empty").chmod(0o700)
        (tree / "deep").chmod(0o500)
        removed = await rapfiles.remove_dir_all(tree, on_error="collect")
        (tree / "deep").chmod(0o700)
        assert {error.errno for error in removed.errors} == {errno.EACCES}
        assert os.listdir(tree) == ["deep"]
