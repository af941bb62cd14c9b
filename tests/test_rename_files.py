"""Many names at once: all of them, or none."""

from __future__ import annotations

import asyncio
import errno
import os
import random
from pathlib import Path
from typing import Any

import pytest

import rapfiles

pytestmark = pytest.mark.usefixtures("no_fd_left")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with files that hold their own names."""
    for name in "abcdef":
        (tmp_path / name).write_text(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(folder: Path) -> dict[str, str]:
    """What is there, by its name, and what it was called first."""
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}


ORIGINAL = {name: name for name in "abcdef"}


class TestPlans:
    @pytest.mark.parametrize(
        "plan",
        [
            {"a": "x"},
            {"a": "b", "b": "x"},
            {"b": "x", "a": "b"},
            {"a": "b", "b": "a"},
            {"c": "d", "a": "b", "b": "c", "d": "a"},
            {"a": "b", "b": "a", "c": "d", "d": "e", "e": "x", "f": "f"},
            {"a": "a"},
            {},
        ],
        ids=str,
    )
    async def test_any_order(self, plan: dict[str, str], folder: Path) -> None:
        report = await rapfiles.rename_files(plan)
        assert names(folder) == {plan.get(name, name): name for name in ORIGINAL}
        assert report.renames == tuple(plan.items())
        undone = await report.undo()
        assert names(folder) == ORIGINAL
        assert undone.renames == tuple((new, old) for old, new in plan.items())

    async def test_at_random(self, folder: Path) -> None:
        chance = random.Random(5)
        for _ in range(60):
            old = chance.sample("abcdef", chance.randrange(7))
            free = [name for name in "abcdefgh" if name in old or name not in ORIGINAL]
            plan = dict(zip(old, chance.sample(free, len(old)), strict=True))
            report = await rapfiles.rename_files(plan)
            assert names(folder) == {plan.get(name, name): name for name in ORIGINAL}
            await report.undo()
            assert names(folder) == ORIGINAL

    async def test_paths_of_every_kind(self, folder: Path) -> None:
        (folder / "d").unlink()
        (folder / "d").mkdir()
        (folder / "d/inner").write_text("inner")
        plan: list[tuple[Any, Any]] = [
            (folder / "d", "e2"),
            (b"a", os.fsencode(folder) + b"/\xff"),
            ("./b", folder / "c"),
            (str(folder / "c"), "b"),
        ]
        report = await rapfiles.rename_files(plan)
        assert (folder / "e2/inner").read_text() == "inner"
        assert os.path.exists(os.fsencode(folder) + b"/\xff")
        assert (folder / "b").read_text() == "c"
        assert report.renames == tuple(plan)
        await report.undo()
        assert (folder / "d/inner").read_text() == "inner"

    async def test_a_dry_run(self, folder: Path) -> None:
        report = await rapfiles.rename_files({"a": "x"}, dry_run=True)
        assert (report.dry_run, report.renames) == (True, (("a", "x"),))
        assert names(folder) == ORIGINAL
        with pytest.raises(ValueError, match="dry run"):
            await report.undo()
        with pytest.raises(FileNotFoundError):
            await rapfiles.rename_files({"absent": "x"}, dry_run=True)


class TestFlaws:
    @pytest.mark.parametrize(
        ("pair", "expected", "first", "second"),
        [
            (("absent", "x"), errno.ENOENT, "absent", None),
            (("", "x"), errno.ENOENT, "", None),
            (("b", ""), errno.ENOENT, "", None),
            (("b", "absent/x"), errno.ENOENT, "absent/x", None),
            (("b", "c"), errno.EEXIST, "b", "c"),
            (("b", "c/x"), errno.ENOTDIR, "c/x", None),
            (("b", "."), errno.EINVAL, ".", None),
            (("b", "x" * 256), errno.ENAMETOOLONG, "x" * 256, None),
        ],
    )
    @pytest.mark.parametrize("dry_run", [False, True])
    async def test_nothing_is_done(
        self,
        pair: tuple[str, str],
        expected: int,
        first: str,
        second: str | None,
        dry_run: bool,
        folder: Path,
    ) -> None:
        with pytest.raises(OSError) as raised:
            await rapfiles.rename_files([("a", "y"), pair], dry_run=dry_run)
        assert raised.value.errno == expected
        assert (raised.value.filename, raised.value.filename2) == (first, second)
        assert names(folder) == ORIGINAL

    async def test_twice(self, folder: Path) -> None:
        plans: list[list[tuple[str, str]]] = [
            [("a", "x"), ("b", "./x")],
            [("a", "x"), ("a", "y")],
            [("a", "x"), (f"{folder}/a", "y")],
        ]
        (folder / "link").symlink_to(".")
        plans.append([("a", "x"), ("b", "link/x")])
        for plan in plans:
            with pytest.raises(ValueError, match="named twice"):
                await rapfiles.rename_files(plan)
        assert names(folder) == ORIGINAL

    async def test_within_what_is_renamed(self, folder: Path) -> None:
        (folder / "dir/deep").mkdir(parents=True)
        (folder / "dir/deep/file").touch()
        for other in [("dir/deep/file", "x"), ("a", "dir/x"), ("a", "dir/deep/x")]:
            with pytest.raises(ValueError, match="within"):
                await rapfiles.rename_files([("dir", "new"), other])
        assert names(folder) == ORIGINAL

    @pytest.mark.parametrize("wrong", [5, ("a",), ("a", 5), ("a", "b\0")])
    async def test_what_is_no_pair(self, wrong: Any, folder: Path) -> None:
        with pytest.raises((TypeError, ValueError)):
            await rapfiles.rename_files([("a", "x"), wrong])
        assert names(folder) == ORIGINAL


class TestEndsEarly:
    async def test_a_failure_in_the_middle_takes_everything_back(self, folder: Path) -> None:
        (folder / "dir").mkdir()
        # It can be seen only when it is done: that is another filesystem.
        plan = {"a": "b", "b": "a", "c": "x", "dir": "/proc/self/nowhere"}
        with pytest.raises(OSError) as raised:
            await rapfiles.rename_files(plan)
        assert raised.value.errno in (errno.EXDEV, errno.EACCES, errno.EPERM, errno.ENOENT)
        assert names(folder) == ORIGINAL
        assert sorted(os.listdir(folder)) == sorted([*"abcdef", "dir"])

    async def test_what_progress_raises_takes_everything_back(self, folder: Path) -> None:
        def progress(*numbers: int) -> None:
            raise LookupError(numbers)

        with pytest.raises(LookupError):
            await rapfiles.rename_files({"a": "b", "b": "a"}, progress=progress)
        assert names(folder) == ORIGINAL

    async def test_a_cancelled_one_takes_everything_back(self, tmp_path: Path) -> None:
        old = [tmp_path / f"old-{number}" for number in range(20_000)]
        for path in old:
            path.touch()
        begun = asyncio.Event()
        plan = [(path, path.with_name(path.name.replace("old", "new"))) for path in old]

        def progress(done: int, *others: int) -> None:
            if done:
                begun.set()

        task = asyncio.ensure_future(rapfiles.rename_files(plan, progress=progress))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert {name[:3] for name in os.listdir(tmp_path)} == {"old"}
