"""Finding what is in trees: what each option means, and what is answered to bad input."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import shutil
import socket
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import rapfiles
from conftest import native_threads, open_fds, settles
from find_trees import found, make_repository
from rapfiles import PatternError

DAY = 86_400


def fill(root: Path, *paths: str, content: str = "") -> None:
    """Files with that content, and the directories they are in."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    fill(root, "a.py", "B.PY", "pkg/c.py", "pkg/deep/d.txt", ".hidden/e.py", "pkg/.f.py")
    return root


async def names(*given: Any, **options: Any) -> list[str]:
    """The names of what is found, in order."""
    return sorted(os.path.basename(path) for path in await found(*given, **options))


class TestNames:
    async def test_everything_but_what_is_hidden(self, root: Path) -> None:
        everything = ["B.PY", "a.py", "c.py", "d.txt", "deep", "pkg"]
        assert await names(root=root) == everything
        assert await names(root=root, hidden=True) == sorted(
            [*everything, ".f.py", ".hidden", "e.py"]
        )

    async def test_a_glob_is_for_names(self, root: Path) -> None:
        assert await names("*.py", root) == ["B.PY", "a.py", "c.py"]
        assert await names("*.{txt,md}", root) == ["d.txt"]
        assert await names(["a*", "d*"], root) == ["a.py", "d.txt", "deep"]

    async def test_with_a_slash_for_paths(self, root: Path) -> None:
        assert await names("pkg/*", root) == ["c.py", "deep"]
        assert await names("**/d*", root) == ["d.txt", "deep"]
        assert await names("pkg/**", root) == ["c.py", "d.txt", "deep"]
        assert await names("**/deep/", root) == ["deep"]
        assert await names("d*/", root) == ["deep"]

    async def test_a_regular_expression_is_found_anywhere(self, root: Path) -> None:
        assert await names("^[ac]", root, regex=True) == ["a.py", "c.py"]
        assert await names(r"^pkg/\w+\.py$", root, regex=True) == ["c.py"]

    async def test_case_counts_if_there_is_upper_case(self, root: Path) -> None:
        assert await names("*.PY", root) == ["B.PY"]
        assert await names("b*", root) == ["B.PY"]
        assert await names("b*", root, case_sensitive=True) == []
        assert await names("*.PY", root, case_sensitive=False) == ["B.PY", "a.py", "c.py"]
        assert await names(r"\.py\S*$", root, regex=True) == ["B.PY", "a.py", "c.py"]

    async def test_what_is_excluded_is_not_gone_into(self, root: Path) -> None:
        assert await names(root=root, exclude="pkg") == ["B.PY", "a.py"]
        assert await names(root=root, exclude=["*.txt", "pkg/*.py"]) == [
            "B.PY",
            "a.py",
            "deep",
            "pkg",
        ]
        assert await names("*.py", root, exclude="a.py/") == ["B.PY", "a.py", "c.py"]

    async def test_extensions(self, root: Path) -> None:
        fill(root, "x.tar.gz", "gz", "y.GZ")
        assert await names(root=root, extension="py") == ["B.PY", "a.py", "c.py"]
        assert await names(root=root, extension=[".txt", "TAR.GZ"]) == ["d.txt", "x.tar.gz"]
        assert await names(root=root, extension="gz") == ["x.tar.gz", "y.GZ"]
        assert await names(root=root, hidden=True, extension="hidden") == []

    async def test_depth(self, root: Path) -> None:
        assert await names(root=root, max_depth=1) == ["B.PY", "a.py", "pkg"]
        assert await names(root=root, min_depth=2, max_depth=2) == ["c.py", "deep"]
        assert await names(root=root, max_depth=0) == []


class TestPaths:
    async def test_they_begin_as_the_root_was_given(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(root)
        assert await found("a.py") == {"./a.py"}
        assert await found("c.py", "pkg/") == {"pkg/c.py"}
        assert await found("c.py", root / "pkg") == {f"{root}/pkg/c.py"}

    async def test_bytes_for_who_gave_bytes(self, root: Path) -> None:
        Path(os.fsdecode(os.fsencode(root) + b"/\xff.md")).touch()
        path = os.fsencode(root) + b"/\xff.md"
        assert [entry.path for entry in await rapfiles.find("*.md", root)] == [os.fsdecode(path)]
        assert [entry.path for entry in await rapfiles.find("*.md", os.fsencode(root))] == [path]
        assert await names(b"\xff*", root) == ["\udcff.md"]

    async def test_several_roots(self, root: Path) -> None:
        places = [root / "pkg", str(root / ".hidden")]
        assert await names("*.py", places) == ["c.py", "e.py"]

    async def test_deeper_than_a_path_may_be_long(self, root: Path) -> None:
        fd = os.open(root, os.O_RDONLY)
        for _ in range(20):
            os.mkdir("d" * 250, dir_fd=fd)
            inner = os.open("d" * 250, os.O_RDONLY, dir_fd=fd)
            os.close(fd)
            fd = inner
        os.close(fd)
        stream = rapfiles.find("d" * 250, root)
        assert len(await stream) == 20
        assert not stream.errors


class TestTypes:
    @pytest.fixture
    def odd(self, tmp_path: Path) -> Iterator[Path]:
        fill(tmp_path, "file", "program")
        (tmp_path / "program").chmod(0o744)
        (tmp_path / "dir").mkdir()
        (tmp_path / "link").symlink_to("dir")
        (tmp_path / "broken").symlink_to("nowhere")
        os.mkfifo(tmp_path / "fifo")
        with socket.socket(socket.AF_UNIX) as server:
            here = os.getcwd()
            os.chdir(tmp_path)
            server.bind("socket")
            os.chdir(here)
            yield tmp_path

    @pytest.mark.parametrize(
        ("file_type", "wanted"),
        [
            ("file", ["file", "program"]),
            ("dir", ["dir"]),
            ("symlink", ["broken", "link"]),
            ("fifo", ["fifo"]),
            ("socket", ["socket"]),
            ("executable", ["program"]),
            ({"dir", "fifo"}, ["dir", "fifo"]),
            (["executable", "socket"], ["program", "socket"]),
            ({"block", "char"}, []),
        ],
    )
    async def test_types(self, odd: Path, file_type: Any, wanted: list[str]) -> None:
        assert await names(root=odd, file_type=file_type) == wanted

    async def test_devices(self) -> None:
        assert "null" in await names(root="/dev", file_type="char", max_depth=1)

    async def test_followed_links_stand_for_what_they_lead_to(self, odd: Path) -> None:
        fill(odd, "dir/in")
        options: dict[str, Any] = {"root": odd, "follow_symlinks": True}
        assert await names(file_type="symlink", **options) == ["broken"]
        assert await names(file_type="dir", **options) == ["dir", "link"]
        assert {f"{odd}/dir/in", f"{odd}/link/in"} <= await found("in", **options)

    async def test_a_link_that_leads_back_up_is_noted(self, odd: Path) -> None:
        (odd / "dir/up").symlink_to("..")
        stream = rapfiles.find("up", odd, follow_symlinks=True)
        paths = {entry.path for entry in await stream}
        assert paths == {f"{odd}/dir/up", f"{odd}/link/up"}
        errors = {(error.errno, error.filename) for error in stream.errors}
        assert errors == {(errno.ELOOP, path) for path in paths}

    async def test_what_is_empty(self, odd: Path) -> None:
        (odd / "file").write_text("x")
        assert await names(root=odd, empty=True) == ["dir", "program"]
        assert await names(root=odd, empty=False, file_type={"file", "dir"}) == ["file"]


class TestMetadata:
    async def test_sizes(self, tmp_path: Path) -> None:
        for size in (0, 999, 1000, 1024, 2048):
            (tmp_path / str(size)).write_bytes(bytes(size))
        (tmp_path / "directory").mkdir()
        assert await names(root=tmp_path, min_size=1000, max_size=1024) == ["1000", "1024"]
        assert await names(root=tmp_path, min_size="1K") == ["1024", "2048"]
        assert await names(root=tmp_path, max_size="1kB") == ["0", "1000", "999"]
        assert await names(root=tmp_path, min_size="1.5 KiB") == ["2048"]

    async def test_times(self, tmp_path: Path) -> None:
        noon = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
        for hours in (0, 1, 2):
            (tmp_path / str(hours)).touch()
            os.utime(tmp_path / str(hours), ns=(0, int(noon.timestamp() + hours * 3600) * 10**9))
        one = noon + timedelta(hours=1)
        local = one.astimezone().replace(tzinfo=None)
        for moment in (
            one.timestamp(),
            int(one.timestamp()),
            one,
            local,
            "2024-03-01T13:00:00+00:00",
        ):
            assert await names(root=tmp_path, mtime_after=moment) == ["1", "2"]
            assert await names(root=tmp_path, mtime_before=moment) == ["0"]
        assert await names(root=tmp_path, mtime_after=date(2024, 3, 3)) == []
        assert await names(root=tmp_path, atime_before=1) == ["0", "1", "2"]
        assert await names(root=tmp_path, ctime_after="-1d") == ["0", "1", "2"]

    async def test_relative_times(self, tmp_path: Path) -> None:
        ages = {"-30m": 1_800, "-2h": 7_200, "-3d": 3 * DAY, "-5w": 35 * DAY, "-2y": 730 * DAY}
        for name, age in ages.items():
            (tmp_path / name).touch()
            os.utime(tmp_path / name, (0, time.time() - age - 60))
        assert await names(root=tmp_path, mtime_after="-1h") == ["-30m"]
        assert await names(root=tmp_path, mtime_after="-1d") == ["-2h", "-30m"]
        assert await names(root=tmp_path, mtime_after="-1mo") == ["-2h", "-30m", "-3d"]
        assert await names(root=tmp_path, mtime_before="-1y") == ["-2y"]
        assert await names(root=tmp_path, mtime_before="-3d1h") == ["-2y", "-5w"]
        assert await names(root=tmp_path, mtime_before="yesterday") == ["-2y", "-3d", "-5w"]
        assert await names(root=tmp_path, mtime_after="now") == []

    async def test_owners(self, root: Path) -> None:
        import pwd

        me = pwd.getpwuid(os.getuid()).pw_name
        everything = await found(root=root)
        assert await found(root=root, owner=me) == everything
        assert await found(root=root, owner=os.getuid()) == everything
        assert await found(root=root, owner=str(os.getuid())) == everything
        assert await found(root=root, owner=os.getuid() + 1) == set()


class TestContent:
    async def test_a_line_has_to_match(self, tmp_path: Path) -> None:
        fill(tmp_path, "one", content="first\nTODO: second\n")
        fill(tmp_path, "two", content="todo")
        fill(tmp_path, "three", "four", content="nothing")
        assert await names(root=tmp_path, content=r"todo:?") == ["one", "two"]
        assert await names(root=tmp_path, content="TODO") == ["one"]
        assert await names("t*", root=tmp_path, content="^todo$") == ["two"]
        assert await names(root=tmp_path, content=r"first\nTODO") == ["one"]
        assert await names(root=tmp_path, content="TODO", case_sensitive=False) == ["one", "two"]

    async def test_binary_files_are_searched(self, tmp_path: Path) -> None:
        (tmp_path / "binary").write_bytes(b"\0\1\xff\0needle\0" + bytes(200_000))
        assert await names(root=tmp_path, content="needle") == ["binary"]

    async def test_only_regular_files_have_it(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "fifo")
        (tmp_path / "directory").mkdir()
        assert await names(root=tmp_path, content="") == []


class TestIgnored:
    async def test_repositories_within_repositories(self, tmp_path: Path) -> None:
        make_repository(tmp_path)
        make_repository(tmp_path / "inner")
        fill(tmp_path, ".gitignore", content="*.log\n/inner/x\n")
        fill(tmp_path, "a.log", "b", "inner/a.log", "inner/x", "inner/y", "inner/z/y")
        fill(tmp_path, "inner/.gitignore", content="/y")
        got = await names(root=tmp_path, ignore_git=True, file_type="file")
        assert got == ["a.log", "b", "x", "y"]

    async def test_what_is_above_the_root_counts(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_repository(tmp_path)
        fill(tmp_path, ".gitignore", content="*.log\n/pkg/sub/x\n/pkg/sub/z\n")
        fill(tmp_path, "pkg/.gitignore", content="!a.log\nsub/y\n")
        fill(tmp_path, *(f"pkg/sub/{name}" for name in ("a.log", "b.log", "w", "x", "y")))
        fill(tmp_path, "pkg/sub/.gitignore", content="!/x")
        assert await names(root=tmp_path / "pkg/sub", ignore_git=True) == ["a.log", "w", "x"]
        monkeypatch.chdir(tmp_path / "pkg/sub")
        assert await found(ignore_git=True) == {"./a.log", "./w", "./x"}
        monkeypatch.chdir(tmp_path / "pkg")
        assert await names(root="sub/", ignore_git=True) == ["a.log", "w", "x"]

    async def test_without_a_repository_git_has_no_rules(self, tmp_path: Path) -> None:
        fill(tmp_path, ".gitignore", content="*")
        fill(tmp_path, "a", ".git/b")
        assert await names(root=tmp_path, ignore_git=True, hidden=True) == [".gitignore", "a"]

    async def test_a_worktree_has_its_rules_elsewhere(self, tmp_path: Path) -> None:
        make_repository(tmp_path / "main")
        tree = tmp_path / "main/.git/worktrees/tree"
        fill(tree, "HEAD", content="ref: refs/heads/other\n")
        fill(tree, "commondir", content="../..\n")
        fill(tmp_path, "main/.git/info/exclude", content="*.o")
        fill(tmp_path, "tree/.git", content=f"gitdir: {tree}\n")
        fill(tmp_path, "tree/a.o", "tree/a.c")
        assert await names(root=tmp_path / "tree", ignore_git=True) == ["a.c"]

    async def test_files_of_other_names(self, root: Path) -> None:
        fill(root, ".ignore", content="*.py\n!a.py\n")
        fill(root, "pkg/.ignore", content="!c.py\n")
        kept = ["B.PY", "a.py", "c.py", "d.txt", "deep", "pkg"]
        assert await names(root=root, custom_ignore_files=".ignore") == kept

    async def test_one_file_for_all(self, root: Path, tmp_path: Path) -> None:
        fill(tmp_path, "mine", content="/pkg/deep\n*.py\n")
        assert await names(root=root, custom_ignore_files=tmp_path / "mine") == ["B.PY", "pkg"]
        with pytest.raises(FileNotFoundError) as caught:
            await rapfiles.find(root=root, custom_ignore_files=[tmp_path / "gone"])
        assert caught.value.filename == f"{tmp_path}/gone"

    async def test_odd_ignore_files(self, tmp_path: Path) -> None:
        make_repository(tmp_path)
        fill(tmp_path, "a", "b/c", "d/e", "f/g")
        (tmp_path / ".gitignore").mkdir()
        os.mkfifo(tmp_path / "b/.gitignore")
        (tmp_path / "d/.gitignore").symlink_to("../rules")
        fill(tmp_path, "rules", content="*")
        (tmp_path / "f/.gitignore").write_bytes(b"\xff\xfe\0*\n[\n\\\n" + b"x" * 100_000)
        wanted = ["a", "b", "c", "d", "e", "f", "g", "rules"]
        assert await names(root=tmp_path, ignore_git=True) == wanted

    async def test_a_huge_one_is_refused(self, tmp_path: Path) -> None:
        make_repository(tmp_path)
        with (tmp_path / ".gitignore").open("wb") as huge:
            huge.truncate(2**40)
        stream = rapfiles.find(root=tmp_path, ignore_git=True)
        assert await stream == []
        assert [error.errno for error in stream.errors] == [errno.EFBIG]


class TestOrder:
    async def test_as_asked_for(self, tmp_path: Path) -> None:
        for number, name in enumerate(["b", "a/y", "a-", "c/a"]):
            fill(tmp_path, name, content="x" * (10 - number))
            os.utime(tmp_path / name, (0, number * 7 % 4))

        async def order(by: Any) -> list[str]:
            stream = rapfiles.find(root=tmp_path, sort=by, file_type="file", threads=3)
            return [os.path.relpath(entry, tmp_path) for entry in await stream]

        assert await order("path") == ["a/y", "a-", "b", "c/a"]
        assert await order("name") == ["c/a", "a-", "b", "a/y"]
        assert await order("size") == ["c/a", "a-", "a/y", "b"]
        assert await order("mtime") == ["b", "c/a", "a-", "a/y"]


def crowd(root: Path, directories: int) -> Path:
    """Five hundred files in each of so many directories."""
    for number in range(directories):
        (root / str(number)).mkdir()
        for name in range(500):
            os.close(os.open(root / str(number) / str(name), os.O_CREAT | os.O_WRONLY))
    return root


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More than a stream keeps in store."""
    return crowd(tmp_path_factory.mktemp("many"), 40)


class TestStopping:
    """A stream that nobody wants any more leaves nothing behind."""

    async def test_leaving_early(self, many: Path) -> None:
        await rapfiles.find(root=many)
        fds, threads = open_fds(), native_threads()
        for stop in ("break", "close", "drop", "cancel"):
            stream = rapfiles.find(root=many)
            if stop == "close":
                async with stream:
                    await anext(stream)
            elif stop == "cancel":
                task = asyncio.ensure_future(self.all_of(stream))
                await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                del task  # its exception holds the frame that holds the stream
            else:
                async for _ in stream:
                    break
            del stream
            gc.collect()
        # The loop has to run: it hears of what was cancelled.
        assert await asyncio.to_thread(settles, open_fds, fds) <= fds
        assert native_threads() <= threads + 8

    @staticmethod
    async def all_of(stream: rapfiles.Stream[Any]) -> None:
        async for _ in stream:
            await asyncio.sleep(0)

    async def test_nothing_happens_before_it_is_asked(self, many: Path) -> None:
        stream = rapfiles.find("new", many)
        (many / "new").touch()
        assert [entry.name for entry in await stream] == ["new"]
        (many / "new").unlink()
        assert await stream == []

    def test_a_plain_loop(self, many: Path) -> None:
        assert sum(1 for _ in rapfiles.find(root=many, file_type="file")) == 20_000

    async def test_in_the_middle_of_a_long_file(self, tmp_path: Path) -> None:
        with (tmp_path / "long").open("wb") as long:
            long.truncate(2**40)
        fds = open_fds()
        stream = rapfiles.find(root=tmp_path, content="x")
        task = asyncio.ensure_future(self.all_of(stream))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        stream.close()
        assert await asyncio.to_thread(settles, open_fds, fds) <= fds

    async def test_what_vanishes_meanwhile(self, tmp_path: Path) -> None:
        stream = rapfiles.find(root=crowd(tmp_path, 4), min_size=0, threads=1)
        await anext(stream)
        shutil.rmtree(tmp_path)
        async for _ in stream:
            pass
        assert all(error.errno == errno.ENOENT for error in stream.errors)


class TestEntries:
    async def test_what_they_know(self, root: Path) -> None:
        (root / "link").symlink_to("a.py")
        (entry,) = await rapfiles.find("a.py", root)
        assert (entry.path, entry.name, entry.depth) == (f"{root}/a.py", "a.py", 1)
        assert (entry.is_file(), entry.is_dir(), entry.is_symlink()) == (True, False, False)
        assert entry.file_type == "file"
        assert os.path.samefile(entry, root / "a.py")
        assert await entry.metadata() == os.lstat(root / "a.py")
        assert repr(entry) == f"<WalkEntry {str(root / 'a.py')!r}>"
        (link,) = await rapfiles.find("link", root, min_depth=1)
        assert link.is_symlink() and await link.metadata() == os.lstat(root / "link")
        (followed,) = await rapfiles.find("link", root, follow_symlinks=True)
        assert followed.is_file() and await followed.metadata() == os.stat(root / "a.py")

    async def test_metadata_of_what_is_gone(self, root: Path) -> None:
        (entry,) = await rapfiles.find("a.py", root)
        (root / "a.py").unlink()
        with pytest.raises(FileNotFoundError) as caught:
            await entry.metadata()
        assert caught.value.filename == f"{root}/a.py"


class TestBadInput:
    @pytest.mark.parametrize(
        ("pattern", "regex", "position"),
        [
            *(("a[b", False, 1), ("{a,b", False, 0), ("a}", False, 1), ("a\\", False, 1)),
            *(("[z-a]", False, 1), ("{" * 60, False, 50), ("é(b", True, 1), ("a**[", True, 3)),
        ],
    )
    async def test_bad_patterns_say_where(self, pattern: str, regex: bool, position: int) -> None:
        with pytest.raises(PatternError) as caught:
            await rapfiles.find(pattern, regex=regex)
        assert (caught.value.pattern, caught.value.position) == (pattern, position)

    async def test_so_do_bad_contents_and_excludes(self) -> None:
        with pytest.raises(PatternError):
            await rapfiles.find(content="(")
        with pytest.raises(PatternError):
            await rapfiles.find(exclude=["a", "["])

    async def test_patterns_are_bounded(self) -> None:
        for pattern in ("x" * 70_000, "{a,b}" * 9_000 + "{" * 51):
            with pytest.raises(PatternError):
                await rapfiles.find(pattern)
        for regex in ("((a{100}){100}){100}", r"\pL{1000}" * 100):
            with pytest.raises(PatternError):
                await rapfiles.find(regex, regex=True)
            with pytest.raises(PatternError):
                await rapfiles.find(content=regex)

    @pytest.mark.parametrize(
        ("option", "value"),
        [
            *(("min_size", "10X"), ("max_size", ""), ("min_size", -1), ("max_size", 2**70)),
            *(("mtime_after", "soon"), ("ctime_before", "1d"), ("atime_after", float("nan"))),
            *(
                ("mtime_before", "2024-13-01"),
                ("mtime_after", "-99999999y"),
                ("mtime_after", 1e300),
            ),
            *(("file_type", "folder"), ("file_type", ["file", "x"]), ("sort", "color")),
            *(("min_depth", -1), ("max_depth", -2), ("threads", 0), ("extension", ".")),
            *(("owner", "nobody of that name"), ("owner", -1)),
        ],
    )
    async def test_unknown_values_are_named(self, option: str, value: Any) -> None:
        with pytest.raises(ValueError) as caught:
            await rapfiles.find(**{option: value})
        assert option in str(caught.value)

    @pytest.mark.parametrize(
        ("option", "value"),
        [
            *(("min_size", 1.5), ("max_size", True), ("mtime_after", []), ("mtime_after", True)),
            *(("pattern", 1), ("content", 1), ("root", 1), ("hidden", "x"), ("owner", 1.5)),
        ],
    )
    async def test_so_are_unknown_types(self, option: str, value: Any) -> None:
        with pytest.raises(TypeError):
            await rapfiles.find(**{option: value})

    async def test_roots(self, root: Path) -> None:
        for wrong, error in (
            (root / "gone", FileNotFoundError),
            ("", FileNotFoundError),
            (root / "a.py", NotADirectoryError),
            ([root, root / "gone"], FileNotFoundError),
        ):
            with pytest.raises(error) as caught:
                await rapfiles.find(root=wrong)
            named = wrong[1] if isinstance(wrong, list) else wrong
            assert caught.value.filename == str(named)
        with pytest.raises(ValueError):
            await rapfiles.find(root="a\0b")
        with pytest.raises(ValueError):
            await rapfiles.find(root=[])
        with pytest.raises(TypeError):
            await rapfiles.find(root=["a", b"b"])  # type: ignore[list-item]
        with pytest.raises(OSError) as caught:
            await rapfiles.find(root="x" * 300)
        assert caught.value.errno == errno.ENAMETOOLONG
