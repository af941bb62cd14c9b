"""Copying and moving directories by what they look like."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rapfiles
from rapfiles import ShuffleReport, StructureMatch, StructurePattern
from scan_model import contents, make, patterns, trees

RUN = StructurePattern("run-*", required_files=["config.json"])


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A tree with two runs that have a little of everything in them."""
    for run in ("a/run-1", "b/run-2"):
        directory = tmp_path / "in" / run
        (directory / "data/deep/er").mkdir(parents=True)
        (directory / "config.json").write_text(run)
        (directory / "data/deep/er/values.bin").write_bytes(os.urandom(100_000))
        (directory / "data/link").symlink_to("../config.json")
        (directory / "data/dangling").symlink_to("/nowhere/at/all")
        (directory / "empty").mkdir(mode=0o750)
        (directory / ".hidden").write_text("too")
        (directory / "config.json").chmod(0o640)
        os.utime(directory / "data/deep/er/values.bin", ns=(10**18 + 1, 10**18 + 123_456_789))
        os.utime(directory / "data", ns=(10**18, 10**18 + 7))
    return tmp_path


def by_name(targets: dict[str, Path]) -> Callable[[StructureMatch[str]], Path]:
    """What tells each match its path by its name."""
    return lambda match: targets[match.name]


def left(root: Path) -> list[str]:
    """Files that have no name of their own yet."""
    return [str(path) for path in root.rglob(".rapfiles-*")]


class TestCopies:
    @pytest.mark.parametrize("mode", ["copy", "move"])
    async def test_everything_arrives(self, runs: Path, mode: Any) -> None:
        before = {name: contents(runs / "in" / name) for name in ("a/run-1", "b/run-2")}
        report = await rapfiles.shuffle(runs / "in", RUN, runs / "out/there", mode=mode)
        assert sorted(os.listdir(runs / "out/there")) == ["run-1", "run-2"]
        for name, content in before.items():
            assert contents(runs / "out/there" / Path(name).name) == content
            assert (runs / "in" / name).exists() == (mode == "copy")
        assert report.errors == ()
        assert report.bytes == (200_020 if mode == "copy" else 0)
        assert left(runs) == []

    async def test_a_dry_run_changes_nothing_and_tells_all(self, runs: Path) -> None:
        before = contents(runs)
        plan = await rapfiles.shuffle(runs / "in", RUN, runs / "out", dry_run=True)
        assert contents(runs) == before
        assert plan.dry_run
        report = await rapfiles.shuffle(runs / "in", RUN, runs / "out")
        assert report.steps == plan.steps
        assert json.loads(plan.to_json())["steps"][0] == {
            "action": "make_dir",
            "source": None,
            "target": str(runs / "out"),
            "size": 0,
            "replaces": False,
        }

    async def test_a_match_or_several(self, runs: Path) -> None:
        match = await RUN.matches(runs / "in/a/run-1")
        assert match is not None
        await rapfiles.shuffle_to(match, runs / "one")
        await rapfiles.shuffle_to([match], os.fsencode(runs / "bytes"))
        await rapfiles.shuffle_to(rapfiles.scan(runs / "in", RUN), runs / "all")
        assert [sorted(os.listdir(runs / name)) for name in ("one", "bytes", "all")] == [
            ["run-1"],
            ["run-1"],
            ["run-1", "run-2"],
        ]

    async def test_computed_paths(self, runs: Path) -> None:
        def by_letter(match: StructureMatch[str]) -> Path | None:
            return None if match.name == "run-2" else runs / "x" / "y" / match.name[-1]

        async def later(match: StructureMatch[str]) -> bytes:
            await asyncio.sleep(0)
            return os.fsencode(runs / "z" / match.name)

        await rapfiles.shuffle_with(runs / "in", RUN, by_letter)
        await rapfiles.shuffle_with(runs / "in", RUN, later, mode="move")
        assert os.listdir(runs / "x/y") == ["1"]
        assert sorted(os.listdir(runs / "z")) == ["run-1", "run-2"]
        assert list((runs / "in").rglob("run-*")) == []

    async def test_what_compute_raises_is_raised_before_anything_is_done(self, runs: Path) -> None:
        before = contents(runs)

        def compute(match: StructureMatch[str]) -> str:
            raise LookupError(match.name)

        with pytest.raises(LookupError):
            await rapfiles.shuffle_with(runs / "in", RUN, compute)
        assert contents(runs) == before

    async def test_matches_within_go_with_the_outer_one(self, tmp_path: Path) -> None:
        (tmp_path / "in/run-1/run-2").mkdir(parents=True)
        for run in ("run-1", "run-1/run-2"):
            (tmp_path / "in" / run / "config.json").touch()
        # This one comes between the two in the order of bytes.
        (tmp_path / "in/run-1-b").mkdir()
        (tmp_path / "in/run-1-b/config.json").touch()
        await rapfiles.shuffle(tmp_path / "in", RUN, tmp_path / "out", mode="move")
        assert sorted(os.listdir(tmp_path / "out")) == ["run-1", "run-1-b"]
        assert (tmp_path / "out/run-1/run-2/config.json").exists()

    async def test_names_that_are_not_utf8(self, tmp_path: Path) -> None:
        odd = os.fsdecode(b"odd\xff")
        (tmp_path / "in" / odd).mkdir(parents=True)
        (tmp_path / "in" / odd / odd).touch()
        pattern = StructurePattern("odd?")
        report = await rapfiles.shuffle(tmp_path / "in", pattern, tmp_path / "out")
        assert (tmp_path / "out" / odd / odd).exists()
        assert report.steps[-1].target == str(tmp_path / "out" / odd)
        assert json.loads(report.to_json())["steps"][-1]["target"] == report.steps[-1].target

    async def test_holes_stay_holes(self, tmp_path: Path) -> None:
        source = tmp_path / "in/sparse"
        source.mkdir(parents=True)
        with (source / "holes").open("wb") as file:
            for offset in (0, 50 << 20, 120 << 20):
                file.seek(offset)
                file.write(b"data" * 1024)
            file.truncate(200 << 20)
        (source / "nothing but").touch()
        os.truncate(source / "nothing but", 100 << 20)
        await rapfiles.shuffle(tmp_path / "in", StructurePattern("sparse"), tmp_path / "out")
        for name in ("holes", "nothing but"):
            copy, original = tmp_path / "out/sparse" / name, source / name
            assert copy.stat().st_size == original.stat().st_size
            assert copy.stat().st_blocks <= original.stat().st_blocks + 64
        with (tmp_path / "out/sparse/holes").open("rb") as file:
            file.seek((50 << 20) - 1)
            assert file.read(6) == b"\0datad"

    async def test_deep_trees(self, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        path = str(tmp_path / "in/run-1")
        os.mkdir(path)
        for _ in range(500):
            path += "/d"
            os.mkdir(path)
        Path(path, "file").touch()
        try:
            run = StructurePattern("run-1")
            report = await rapfiles.shuffle(tmp_path / "in", run, tmp_path / "o")
            assert len(report.steps) == 2 * 501 + 2
            assert os.path.exists(path.replace("/in/", "/o/", 1) + "/file")
        finally:
            # The standard library's way to remove them is not for trees this deep.
            subprocess.run(["rm", "-rf", tmp_path / "in", tmp_path / "o"], check=True)

    async def test_files_without_a_size(self, tmp_path: Path) -> None:
        match = await StructurePattern("*").matches("/proc/self/net")
        if match is None or not Path("/proc/self/net/dev").exists():
            pytest.skip("no /proc")
        (tmp_path / "in/run-1").mkdir(parents=True)
        (tmp_path / "in/run-1/config.json").symlink_to("/proc/self/net/dev")
        await rapfiles.shuffle(tmp_path / "in", RUN, tmp_path / "out")
        # A link is a link: nothing outside of the tree is read.
        assert os.readlink(tmp_path / "out/run-1/config.json") == "/proc/self/net/dev"

    @given(tree=trees, pattern=patterns, mode=st.sampled_from(["copy", "move"]))
    def test_no_file_is_lost(
        self, tmp_path_factory: Any, tree: Any, pattern: StructurePattern, mode: Any
    ) -> None:
        root = tmp_path_factory.mktemp("tree")
        (root / "in").mkdir()
        make(root / "in", tree)
        before = contents(root / "in")

        async def shuffle(dry_run: bool) -> ShuffleReport:
            found = await rapfiles.scan(str(root / "in"), pattern, hidden=True)
            matches = [match for match in found if match.path != str(root / "in")]
            return await rapfiles.shuffle_to(
                matches, root / "out", mode=mode, dry_run=dry_run, on_error="collect"
            )

        plan = asyncio.run(shuffle(True))
        assert contents(root / "in") == before
        report = asyncio.run(shuffle(False))
        assert report.steps == plan.steps
        assert list(map(str, report.errors)) == list(map(str, plan.errors))
        # Whatever was done to each directory was done to all that is in it.
        tops = [(step.source, step.target) for step in plan.steps if _is_top(step, root)]
        for source, target in tops:
            name = os.path.relpath(str(source), root / "in")
            inner = {
                path[len(name) + 1 :]: content
                for path, content in before.items()
                if path.startswith(name + os.sep)
            }
            assert contents(Path(str(target))) == inner
            assert os.path.lexists(str(source)) == (mode == "copy")
        after = contents(root / "in")
        moved = (
            () if mode == "copy" else [os.path.relpath(str(top[0]), root / "in") for top in tops]
        )
        kept = {
            path
            for path in before
            if not any(path == top or path.startswith(top + os.sep) for top in moved)
        }
        assert set(after) == kept
        shutil.rmtree(root)


def _is_top(step: Any, root: Path) -> bool:
    return (
        step.source is not None
        and os.path.dirname(str(step.target)) == str(root / "out")
        and (step.action in ("make_dir", "move_dir"))
    )


class TestWhatIsThere:
    async def test_a_taken_path_is_an_error(self, runs: Path) -> None:
        (runs / "out/run-2").mkdir(parents=True)
        before = contents(runs)
        with pytest.raises(FileExistsError) as caught:
            await rapfiles.shuffle(runs / "in", RUN, runs / "out")
        assert caught.value.filename == str(runs / "in/b/run-2")
        assert caught.value.filename2 == str(runs / "out/run-2")
        assert contents(runs) == before
        report = await rapfiles.shuffle(runs / "in", RUN, runs / "out", on_error="collect")
        assert [type(error) for error in report.errors] == [FileExistsError]
        assert contents(runs / "out/run-1") == contents(runs / "in/a/run-1")
        assert os.listdir(runs / "out/run-2") == []

    @pytest.mark.parametrize("mode", ["copy", "move"])
    async def test_overwriting_adds_and_replaces(self, runs: Path, mode: Any) -> None:
        there = runs / "out/run-1"
        (there / "data").mkdir(parents=True)
        (there / "config.json").write_text("old")
        (there / "data/link").write_text("a file")
        (there / "data/other").write_text("kept")
        before = contents(runs / "in/a/run-1")
        match = await RUN.matches(runs / "in/a/run-1")
        assert match is not None
        plan = await rapfiles.shuffle_to(
            match, runs / "out", mode=mode, overwrite=True, dry_run=True
        )
        report = await rapfiles.shuffle_to(match, runs / "out", mode=mode, overwrite=True)
        assert report.steps == plan.steps
        replaced = {str(step.target) for step in report.steps if step.replaces}
        assert replaced == {str(there / "config.json"), str(there / "data/link")}
        after = contents(there)
        assert after.pop("data/other") is not None
        assert set(after) == set(before)
        assert all(after[path] == before[path] for path in before if path != "data")
        assert (runs / "in/a/run-1").exists() == (mode == "copy")

    async def test_a_file_is_no_directory(self, runs: Path) -> None:
        match = await RUN.matches(runs / "in/a/run-1")
        assert match is not None
        (runs / "out/run-1/config.json").mkdir(parents=True)
        with pytest.raises(IsADirectoryError) as caught:
            await rapfiles.shuffle_to(match, runs / "out", overwrite=True)
        assert caught.value.filename == str(runs / "out/run-1/config.json")
        (runs / "other").mkdir()
        (runs / "other/run-1").touch()
        with pytest.raises(NotADirectoryError):
            await rapfiles.shuffle_to(match, runs / "other", overwrite=True)
        with pytest.raises(NotADirectoryError):
            await rapfiles.shuffle_to(match, runs / "other/run-1/below")

    async def test_two_with_the_same_path(self, runs: Path) -> None:
        (runs / "in/b/run-2").rename(runs / "in/b/run-1")
        for overwrite in (False, True):
            with pytest.raises(FileExistsError):
                await rapfiles.shuffle(runs / "in", RUN, runs / "out", overwrite=overwrite)
        with pytest.raises(FileExistsError):
            await rapfiles.shuffle_with(
                runs / "in", RUN, lambda match: runs / ("out" if "a" in match.path else "out/b")
            )
        assert not (runs / "out").exists()

    async def test_nothing_goes_into_itself(self, runs: Path) -> None:
        before = contents(runs)
        (runs / "loop").symlink_to("in/a/run-1/data")
        everything = [
            runs / "in/a/run-1",
            runs / "in/a/run-1/data/x/y",
            runs / "loop/x",
            runs / "in/b/run-2/x",
        ]
        for target in everything:
            targets = {"run-1": target, "run-2": target}
            for overwrite in (False, True):
                with pytest.raises(ValueError, match="or in it"):
                    await rapfiles.shuffle_with(
                        str(runs / "in"), RUN, by_name(targets), overwrite=overwrite
                    )
        (runs / "loop").unlink()
        assert contents(runs) == before

    async def test_the_destination_is_not_looked_at(self, runs: Path) -> None:
        for _ in range(2):
            report = await rapfiles.shuffle(runs, RUN, runs / "out", overwrite=True)
            assert report.errors == ()
        assert sorted(os.listdir(runs / "out")) == ["run-1", "run-2"]


class TestTrouble:
    async def test_special_files(self, runs: Path) -> None:
        os.mkfifo(runs / "in/a/run-1/pipe")
        with pytest.raises(OSError, match="not supported") as caught:
            await rapfiles.shuffle(runs / "in", RUN, runs / "out")
        assert caught.value.filename == str(runs / "in/a/run-1/pipe")
        assert not (runs / "out").exists()
        await rapfiles.shuffle(runs / "in", RUN, runs / "out", mode="move")
        assert (runs / "out/run-1/pipe").is_fifo()

    async def test_bad_arguments(self, runs: Path) -> None:
        before = contents(runs)
        shuffle: Any = rapfiles.shuffle
        for arguments in ({"mode": "link"}, {"on_error": "ignore"}, {"threads": 0}):
            with pytest.raises(ValueError, match=next(iter(arguments))):
                await shuffle(runs / "in", RUN, runs / "out", **arguments)
        for root, destination in ((runs / "no", runs / "out"), (runs / "in", ""), ("", runs)):
            with pytest.raises(FileNotFoundError):
                await shuffle(root, RUN, destination)
        with pytest.raises(ValueError, match="null"):
            await shuffle(runs / "in", RUN, "a\0b")
        assert contents(runs) == before

    async def test_progress(self, runs: Path) -> None:
        seen: list[tuple[int, int, int]] = []

        async def later(*how_far: int) -> None:
            await asyncio.sleep(0)
            seen.append(how_far)  # type: ignore[arg-type]

        report = await rapfiles.shuffle(
            runs / "in", RUN, runs / "1", progress=lambda *how_far: seen.append(how_far)
        )
        await rapfiles.shuffle(runs / "in", RUN, runs / "2", progress=later)
        steps = len(report.steps)
        assert seen[-1] == (steps, steps, report.bytes)
        assert all(done <= total == steps for done, total, _ in seen)

    async def test_what_progress_raises_ends_it(self, runs: Path, no_fd_left: None) -> None:
        def progress(done: int, total: int, size: int) -> None:
            raise LookupError

        make_big(runs / "in/a/run-1/big")
        with pytest.raises(LookupError):
            await rapfiles.shuffle(runs / "in", RUN, runs / "out", progress=progress)
        assert left(runs) == []

    async def test_cancelling_leaves_whole_files(self, runs: Path, no_fd_left: None) -> None:
        make_big(runs / "in/a/run-1/big")
        begun = asyncio.Event()

        async def progress(done: int, total: int, size: int) -> None:
            begun.set()
            await asyncio.Event().wait()

        task = asyncio.ensure_future(
            rapfiles.shuffle(runs / "in", RUN, runs / "out", progress=progress)
        )
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # Nothing goes on: what is there now stays as it is.
        assert left(runs) == []
        whole: dict[str, object] = {}
        # Which of them is first is not defined.
        for run in (runs / "in").rglob("run-*"):
            whole |= {f"{run.name}/{path}": found for path, found in contents(run).items()}
        for path, content in contents(runs / "out").items():
            if (runs / "out" / path).is_file() and not (runs / "out" / path).is_symlink():
                assert content == whole[path]

    async def test_a_step_that_fails(self, runs: Path) -> None:
        match = await RUN.matches(runs / "in/a/run-1")
        assert match is not None
        seen = []

        def surprise(done: int, total: int, size: int) -> None:
            seen.append(done)
            if not (runs / "out/run-2").exists():
                (runs / "out/run-2").mkdir()

        make_big(runs / "in/a/run-1/big")
        report = await rapfiles.shuffle(
            runs / "in", RUN, runs / "out", progress=surprise, on_error="collect"
        )
        assert contents(runs / "out/run-1") == contents(runs / "in/a/run-1")
        if os.listdir(runs / "out/run-2") == []:
            [error] = report.errors
            assert isinstance(error, FileExistsError)
            assert error.filename2 == str(runs / "out/run-2")
            assert all("run-2" not in str(step.target) for step in report.steps)


def make_big(path: Path) -> None:
    """A file that takes several turns to copy, whatever the filesystem."""
    with path.open("wb") as file:
        for _ in range(40):
            file.write(bytes(1 << 20))
