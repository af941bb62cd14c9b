"""Finding directories by what they look like."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

import rapfiles
from conftest import LoopFactory, native_threads, open_fds, settles
from rapfiles import PatternError, StructurePattern
from scan_model import expected, make, patterns, told, trees

DATA = StructurePattern("data", required_files=["*.csv"])
RUN = StructurePattern(
    "run-*",
    required_files=["config.json"],
    optional_files=["notes*"],
    required_directories=[DATA],
    optional_directories=[StructurePattern("plots", optional_files=["*.png"])],
)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Two whole runs, one of them deep down, and one that was interrupted."""
    for run in ("run-1", "deep/er/run-2"):
        make_file(tmp_path / run / "config.json")
        make_file(tmp_path / run / "data" / "x.csv")
        make_file(tmp_path / run / "data" / "raw" / "0.bin")
    make_file(tmp_path / "run-1" / "notes.txt")
    make_file(tmp_path / "run-3" / "config.json")
    return tmp_path


def make_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(os.fsencode(path.name))


class TestPattern:
    def test_it_is_a_value(self) -> None:
        same = StructurePattern("run-*", required_files=("config.json",))
        assert same == StructurePattern("run-*", required_files=iter(["config.json"]))
        assert len({same, StructurePattern("run-*", required_files=["config.json"])}) == 1
        assert same != StructurePattern("run-*", optional_files=["config.json"])
        assert eval(repr(RUN)) == RUN
        assert pickle.loads(pickle.dumps(RUN)) == RUN
        with pytest.raises(AttributeError):
            same.directory = "other"  # type: ignore[misc]

    @given(patterns)
    def test_json_out_and_in(self, pattern: StructurePattern) -> None:
        text = pattern.to_json()
        assert text.isascii()
        assert StructurePattern.from_json(text) == pattern
        assert StructurePattern.from_dict(json.loads(text)) == pattern

    @pytest.mark.parametrize(
        ("glob", "position"), [("a[", 1), ("", 0), ("é/b", 1), ("{a", 0), ("a\\", 1)]
    )
    def test_bad_globs_say_where(self, glob: str, position: int) -> None:
        parts: list[dict[str, Any]] = [{"required_files": [glob]}, {"optional_files": ["a", glob]}]
        for arguments in ({"directory": glob}, *parts):
            with pytest.raises(PatternError) as caught:
                StructurePattern(**arguments)
            assert (caught.value.pattern, caught.value.position) == (glob, position)

    @pytest.mark.parametrize(
        ("parts", "error"),
        [
            ({"directory": b"a"}, TypeError),
            ({"required_files": "a"}, TypeError),
            ({"required_files": [1]}, TypeError),
            ({"required_directories": RUN}, TypeError),
            ({"required_directories": ["data"]}, TypeError),
            ({"optional_files": ["a", "a"]}, ValueError),
            ({"directory": "a\0b"}, ValueError),
            ({"directory": "{a," * 1000}, PatternError),
            ({"directory": "a" * 70_000}, PatternError),
        ],
    )
    def test_bad_parts(self, parts: dict[str, Any], error: type[Exception]) -> None:
        with pytest.raises(error):
            StructurePattern(**parts)

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            ([], "not a structure pattern"),
            ({}, "version: is missing"),
            ({"version": 2}, "version: must be 1: 2"),
            ({"version": True}, "version: must be 1: True"),
            ({"version": 1, "files": []}, "files: unknown key"),
            ({"version": 1, "directory": 1}, "directory: must be a string: 1"),
            ({"version": 1, "required_files": "a"}, "required_files: must be a list: 'a'"),
            ({"version": 1, "optional_files": ["a", 1]}, "optional_files[1]: must be a string: 1"),
            ({"version": 1, "required_files": ["a", "["]}, "required_files[1]: a bracket"),
            (
                {"version": 1, "required_directories": [{"optional_directories": [{"x": 1}]}]},
                "required_directories[0].optional_directories[0].x: unknown key",
            ),
            (
                {"version": 1, "required_directories": [{"version": 1}]},
                "required_directories[0].version: unknown key",
            ),
            ({"version": 1, "required_directories": [1]}, "required_directories[0]: must be an"),
        ],
    )
    def test_bad_data_says_where(self, data: Any, says: str) -> None:
        with pytest.raises(ValueError) as caught:
            StructurePattern.from_dict(data)
        assert str(caught.value).startswith(says)

    def test_depth_is_bounded(self) -> None:
        pattern = StructurePattern()
        for _ in range(63):
            pattern = StructurePattern(required_directories=[pattern])
        assert StructurePattern.from_json(pattern.to_json()) == pattern
        with pytest.raises(ValueError, match="64"):
            StructurePattern(required_directories=[pattern])
        for depth in (100, 100_000):
            deep = '{"optional_directories":[' * depth + "{}" + "]}" * depth
            with pytest.raises(ValueError, match="64"):
                StructurePattern.from_json('{"version": 1, ' + deep[1:])


class TestScan:
    async def test_it_finds_what_matches_with_every_part(self, runs: Path) -> None:
        root = str(runs)
        first, second = sorted(await rapfiles.scan(root, RUN), key=lambda match: match.name)
        assert (first.path, first.pattern) == (f"{root}/run-1", RUN)
        assert first.required_files == {"config.json": (f"{root}/run-1/config.json",)}
        assert first.optional_files == {"notes*": (f"{root}/run-1/notes.txt",)}
        [data] = first.required_directories[DATA]
        assert (data.path, data.pattern) == (f"{root}/run-1/data", DATA)
        assert data.files == (f"{root}/run-1/data/x.csv",)
        assert list(first.optional_directories.values()) == [()]
        assert second.path == f"{root}/deep/er/run-2"
        assert second.optional_files == {"notes*": ()}
        assert os.fspath(second) == second.path

    async def test_all_files_are_all(self, runs: Path) -> None:
        os.symlink("nowhere", runs / "run-1/data/raw/link")
        os.mkfifo(runs / "run-1/data/raw/pipe")
        match = await RUN.matches(runs / "run-1")
        assert match is not None
        every = [path for path in (runs / "run-1").rglob("*") if not path.is_dir()]
        assert await match.all_files() == sorted(map(str, every))
        assert len(every) == 6

    async def test_each_pattern_counts(self, runs: Path) -> None:
        anything = StructurePattern()
        found = await rapfiles.scan(runs, [RUN, anything])
        assert len([match for match in found if match.pattern == RUN]) == 2
        directories = [path for path in runs.rglob("*") if path.is_dir()]
        assert len([match for match in found if match.pattern == anything]) == len(directories) + 1
        assert await rapfiles.scan(runs, []) == []

    async def test_a_rescan_sees_what_is_new(self, runs: Path) -> None:
        assert len(await rapfiles.scan(runs, RUN)) == 2
        make_file(runs / "run-3/data/late.csv")
        assert len(await rapfiles.scan(runs, RUN)) == 3
        shutil.rmtree(runs / "run-1")
        assert len(await rapfiles.scan(runs, RUN)) == 2

    async def test_depth(self, runs: Path) -> None:
        for depth, count in ((0, 0), (1, 1), (2, 1), (3, 2), (None, 2)):
            assert len(await rapfiles.scan(runs, RUN, max_depth=depth)) == count
        assert len(await rapfiles.scan(runs / "run-1", RUN, max_depth=0)) == 1

    async def test_the_root_has_its_real_name(
        self, runs: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(runs / "run-1")
        for root in (".", "data/..", "../run-1/"):
            [match] = await rapfiles.scan(root, RUN)
            assert (match.path, match.name) == (root, "run-1")

    async def test_hidden(self, tmp_path: Path) -> None:
        make_file(tmp_path / ".trash/run-1/config.json")
        make_file(tmp_path / ".trash/run-1/data/x.csv")
        assert await rapfiles.scan(tmp_path, RUN) == []
        assert len(await rapfiles.scan(tmp_path, RUN, hidden=True)) == 1
        # What a pattern names is no secret.
        secret = StructurePattern(required_directories=[StructurePattern(".trash")])
        assert len(await rapfiles.scan(tmp_path, secret)) == 1

    async def test_links(self, runs: Path) -> None:
        (runs / "run-3/data").symlink_to("../run-1/data")
        (runs / "run-4").symlink_to("run-1")
        (runs / "run-1/up").symlink_to("..")
        assert len(await rapfiles.scan(runs, RUN)) == 2
        stream = rapfiles.scan(runs, RUN, follow_symlinks=True)
        names = {Path(match.path).relative_to(runs).as_posix() for match in await stream}
        assert {"run-1", "deep/er/run-2", "run-3", "run-4"} <= names
        assert {(type(error), error.errno) for error in stream.errors} == {(OSError, 40)}
        # A link to a file is a file.
        (runs / "linked").mkdir()
        (runs / "linked/a.csv").symlink_to("../run-1/data/x.csv")
        (runs / "linked/b.csv").symlink_to("nowhere")
        match = await StructurePattern("linked", required_files=["*"]).matches(runs / "linked")
        assert match is not None
        assert match.files == (str(runs / "linked/a.csv"),)

    async def test_names_that_are_not_utf8(self, tmp_path: Path) -> None:
        odd = os.fsdecode(b"odd\xff")
        make_file(tmp_path / odd / odd)
        pattern = StructurePattern.from_json(StructurePattern(odd, required_files=[odd]).to_json())
        [match] = await rapfiles.scan(tmp_path, pattern)
        assert match.files == (str(tmp_path / odd / odd),)
        [match_of_bytes] = await rapfiles.scan(os.fsencode(tmp_path), pattern)
        assert match_of_bytes.files == (os.fsencode(tmp_path / odd / odd),)
        assert await match_of_bytes.all_files() == list(match_of_bytes.files)

    async def test_missing_roots(self, tmp_path: Path) -> None:
        for root, error in ((tmp_path / "no", FileNotFoundError), ("", FileNotFoundError)):
            with pytest.raises(error) as caught:
                await rapfiles.scan(root, RUN)
            assert caught.value.filename == str(root)
        make_file(tmp_path / "file")
        with pytest.raises(NotADirectoryError):
            await rapfiles.scan(tmp_path / "file", RUN)
        with pytest.raises(OSError, match="too long"):
            await rapfiles.scan("x" * 300, RUN)

    async def test_bad_arguments(self) -> None:
        with pytest.raises(ValueError, match="max_depth"):
            rapfiles.scan(".", RUN, max_depth=-1)
        with pytest.raises(ValueError, match="threads"):
            rapfiles.scan(".", RUN, threads=0)
        with pytest.raises(TypeError):
            rapfiles.scan(".", ["run-*"])  # type: ignore[list-item]
        with pytest.raises(ValueError, match="null"):
            rapfiles.scan("a\0b", RUN)

    async def test_directories_may_go_away(self, tmp_path: Path) -> None:
        for number in range(300):
            (tmp_path / str(number) / "inner").mkdir(parents=True)
        found: list[object] = []
        stream = rapfiles.scan(tmp_path, StructurePattern("inner"), threads=1)
        async for match in stream:
            if not found:
                for number in range(300):
                    shutil.rmtree(tmp_path / str(number))
            found.append(match)
        assert found
        assert all(isinstance(error, FileNotFoundError) for error in stream.errors)

    def test_a_plain_loop(self, runs: Path) -> None:
        assert len(list(rapfiles.scan(runs, RUN, threads=1))) == 2

    async def test_progress(self, runs: Path) -> None:
        heard: list[tuple[int, int, int]] = []
        found = await rapfiles.scan(runs, RUN, progress=lambda *far: heard.append(far))
        assert len(found) == 2
        directories = 1 + sum(len(names) for _, names, _ in os.walk(runs))
        assert heard[-1] == (directories, directories, 0)
        assert all(done <= total for done, total, _ in heard)

    async def test_progress_while_nothing_is_found(self, tmp_path: Path) -> None:
        # A million ways, of which none is gone twice.
        for here in range(9):
            (tmp_path / f"{here}").mkdir()
            for there in range(9):
                (tmp_path / f"{here}/{there}").symlink_to(f"../{there}")
        heard: list[tuple[int, int, int]] = []

        def progress(done: int, total: int, moved: int) -> None:
            heard.append((done, total, moved))
            if len(heard) == 3:
                raise LookupError

        none = StructurePattern("none")
        with pytest.raises(LookupError):
            await rapfiles.scan(tmp_path, none, follow_symlinks=True, progress=progress)
        assert heard == sorted(set(heard))
        heard.clear()
        with pytest.raises(LookupError):
            await asyncio.to_thread(
                list, rapfiles.scan(tmp_path, none, follow_symlinks=True, progress=progress)
            )
        assert len(heard) == 3

    async def test_what_progress_raises_ends_it(self, runs: Path, no_fd_left: None) -> None:
        def progress(*_far: int) -> None:
            raise LookupError("enough")

        stream = rapfiles.scan(runs, RUN, progress=progress)
        with pytest.raises(LookupError, match="enough"):
            await stream
        assert await stream == []

    async def test_progress_is_a_plain_function(self, runs: Path) -> None:
        async def progress(*_far: int) -> None: ...

        with pytest.raises(TypeError, match="plain function"):
            rapfiles.scan(runs, RUN, progress=progress)

    def test_leaving_early_leaves_nothing(self, tmp_path: Path, loop_factory: LoopFactory) -> None:
        for number in range(2_000):
            (tmp_path / f"d{number % 40}" / str(number)).mkdir(parents=True)

        async def first() -> None:
            async with rapfiles.scan(tmp_path, StructurePattern()) as stream:
                async for _match in stream:
                    break

        async def cancelled() -> None:
            task = asyncio.ensure_future(rapfiles.scan(tmp_path, StructurePattern()))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        loop = loop_factory()
        loop.run_until_complete(first())
        fds, threads = open_fds(), native_threads()
        for _ in range(20):
            loop.run_until_complete(first())
            loop.run_until_complete(cancelled())
        loop.close()
        assert settles(open_fds, fds) <= fds
        # Threads are kept for the next ones, but not one for each.
        assert settles(native_threads, threads + 20) <= threads + 20

    @given(tree=trees, pattern=patterns)
    def test_as_the_model_says(self, tmp_path_factory: Any, tree: Any, pattern: Any) -> None:
        root = tmp_path_factory.mktemp("tree")
        make(root, tree)
        found = list(rapfiles.scan(str(root), pattern, hidden=True, threads=2))
        assert told(found) == expected(root, pattern)


class TestAssess:
    async def test_it_says_which_part(self, runs: Path) -> None:
        [assessment] = await rapfiles.assess(runs / "run-1/data/x.csv", [RUN])
        assert (assessment.file, assessment.pattern) == (str(runs / "run-1/data/x.csv"), RUN)
        assert assessment.match.path == str(runs / "run-1")
        [part] = assessment.parts
        assert (part.glob, part.required, part.match.pattern) == ("*.csv", True, DATA)

    async def test_nearest_first(self, runs: Path) -> None:
        both = await rapfiles.assess(runs / "run-1/data/x.csv", [RUN, DATA])
        assert [assessment.pattern for assessment in both] == [DATA, RUN]
        [notes] = await rapfiles.assess(runs / "run-1/notes.txt", RUN)
        assert [(part.glob, part.required) for part in notes.parts] == [("notes*", False)]

    async def test_what_no_part_names(self, runs: Path) -> None:
        [assessment] = await rapfiles.assess(runs / "run-1/data/raw/0.bin", RUN)
        assert assessment.parts == ()
        assert await rapfiles.assess(runs / "run-3/config.json", RUN) == []

    async def test_relative_paths(self, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(runs / "run-1/data")
        [assessment] = await rapfiles.assess("x.csv", RUN)
        assert assessment.match.path == str(runs / "run-1")
        [match] = await RUN.parents_of(b"x.csv")
        assert match.path == os.fsencode(runs / "run-1")

    async def test_missing_files(self, tmp_path: Path) -> None:
        for file in (tmp_path / "no", ""):
            with pytest.raises(FileNotFoundError):
                await rapfiles.assess(file, RUN)

    async def test_within_a_match(self, runs: Path) -> None:
        match = await RUN.matches(runs / "run-1")
        assert match is not None
        inner, outer = match.parents_of(runs / "run-1/data/raw/0.bin")
        assert (inner.pattern, outer) == (DATA, match)
        assert match.parents_of(runs / "run-1/other") == (match,)
        with pytest.raises(ValueError, match="is not in"):
            match.parents_of(runs / "run-11/x")


class TestMatches:
    async def test_names_count(self, runs: Path) -> None:
        assert await RUN.matches(runs / "run-3") is None
        assert await DATA.matches(runs / "run-1") is None
        assert await RUN.matches(str(runs / "run-1") + "/") is not None

    async def test_errors(self, runs: Path) -> None:
        with pytest.raises(FileNotFoundError) as caught:
            await RUN.matches(runs / "no")
        assert caught.value.filename == str(runs / "no")
        with pytest.raises(NotADirectoryError):
            await RUN.matches(runs / "run-1/config.json")
