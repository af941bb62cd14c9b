"""Copying and moving files."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rapfiles
from conftest import settles

OLD = b"what was there"
BIG = 96 << 20


def left(root: Path) -> list[Path]:
    """Files that have no name of their own yet."""
    return list(root.rglob(".rapfiles-*"))


def facts(error: OSError) -> tuple[Any, ...]:
    """What an error says."""
    return type(error), error.errno, error.filename, error.filename2


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file, and one that is in the way."""
    path = tmp_path / "source"
    path.write_bytes(bytes(range(256)) * 40)
    path.chmod(0o640)
    os.utime(path, ns=(10**18 + 1, 10**18 + 123_456_789))
    (tmp_path / "there").write_bytes(OLD)
    return path


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """A file that takes several steps to copy."""
    path = tmp_path / "big"
    with path.open("wb") as file:
        for _ in range(BIG >> 20):
            file.write(b"x" * (1 << 20))
    return path


class TestCopies:
    @pytest.mark.parametrize("size", [0, 1, 4096, 128 << 10, (128 << 10) + 1, 3 << 20])
    async def test_contents_and_mode(self, tmp_path: Path, size: int) -> None:
        source, target = tmp_path / "source", tmp_path / "target"
        source.write_bytes(os.urandom(size))
        source.chmod(0o751)
        assert await rapfiles.copy_file(source, target) == size
        assert target.read_bytes() == source.read_bytes()
        assert stat.S_IMODE(target.stat().st_mode) == 0o751

    @pytest.mark.parametrize("convert", [str, os.fsencode, Path])
    async def test_every_kind_of_path(
        self, source: Path, tmp_path: Path, convert: Callable[[Any], Any]
    ) -> None:
        odd = tmp_path / os.fsdecode(b"o\xffdd")
        await rapfiles.copy_file(convert(source), convert(odd))
        await rapfiles.move_file(convert(odd), convert(tmp_path / "moved"))
        assert (tmp_path / "moved").read_bytes() == source.read_bytes()

    async def test_relative_paths(
        self, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        await rapfiles.copy_file("source", "target")
        assert Path("target").read_bytes() == source.read_bytes()

    async def test_times_only_if_asked_for(self, source: Path, tmp_path: Path) -> None:
        await rapfiles.copy_file(source, tmp_path / "without")
        await rapfiles.copy_file(source, tmp_path / "with", times=True)
        assert (tmp_path / "with").stat().st_mtime_ns == 10**18 + 123_456_789
        assert (tmp_path / "without").stat().st_mtime_ns > 10**18 + 123_456_789

    async def test_attributes_only_if_asked_for(self, source: Path, tmp_path: Path) -> None:
        try:
            os.setxattr(source, "user.colour", b"blue")
        except OSError:
            pytest.skip("no extended attributes in the directory of the tests")
        await rapfiles.copy_file(source, tmp_path / "without")
        await rapfiles.copy_file(source, tmp_path / "with", xattrs=True)
        assert os.listxattr(tmp_path / "without") == []
        assert os.getxattr(tmp_path / "with", "user.colour") == b"blue"

    async def test_a_file_that_is_there(self, source: Path, tmp_path: Path) -> None:
        there = tmp_path / "there"
        with pytest.raises(FileExistsError) as caught:
            await rapfiles.copy_file(source, there, overwrite=False)
        assert facts(caught.value)[1:3] == (errno.EEXIST, str(there))
        assert there.read_bytes() == OLD
        with there.open("rb") as opened:
            await rapfiles.copy_file(source, there)
            # Whoever has it open goes on with what it was.
            assert opened.read() == OLD
        assert there.read_bytes() == source.read_bytes()
        assert stat.S_IMODE(there.stat().st_mode) == 0o640

    async def test_durable_copies(self, source: Path, tmp_path: Path) -> None:
        await rapfiles.copy_file(source, tmp_path / "target", durability="full")
        assert (tmp_path / "target").read_bytes() == source.read_bytes()

    async def test_holes_stay_holes(self, tmp_path: Path) -> None:
        holes, nothing = tmp_path / "holes", tmp_path / "nothing"
        with holes.open("wb") as file:
            for offset in (0, 50 << 20, 120 << 20):
                file.seek(offset)
                file.write(b"data" * 1024)
            file.truncate(200 << 20)
        nothing.touch()
        os.truncate(nothing, 100 << 20)
        for source in (holes, nothing):
            copy = source.with_suffix(".copy")
            await rapfiles.copy_file(source, copy)
            assert copy.stat().st_size == source.stat().st_size
            assert copy.stat().st_blocks <= source.stat().st_blocks + 64
        with (tmp_path / "holes.copy").open("rb") as file:
            file.seek((50 << 20) - 1)
            assert file.read(6) == b"\0datad"

    async def test_files_without_a_size(self, tmp_path: Path) -> None:
        if not Path("/proc/self/status").exists():
            pytest.skip("no /proc")
        size = await rapfiles.copy_file("/proc/self/status", tmp_path / "status")
        assert size == (tmp_path / "status").stat().st_size > 100

    @given(
        pieces=st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(max_size=9_000)), max_size=4),
        end=st.integers(0, 1 << 20),
    )
    def test_whatever_is_in_it(
        self, tmp_path_factory: Any, pieces: list[tuple[int, bytes]], end: int
    ) -> None:
        source = tmp_path_factory.mktemp("any") / "source"
        with source.open("wb") as file:
            for offset, piece in pieces:
                file.seek(offset)
                file.write(piece)
            file.truncate(max(end, file.seek(0, 2)))
        asyncio.run(rapfiles.copy_file(source, source.with_name("copy")))
        assert source.with_name("copy").read_bytes() == source.read_bytes()

    async def test_at_once(self, source: Path, tmp_path: Path, no_fd_left: None) -> None:
        target = tmp_path / "target"
        await asyncio.gather(*(rapfiles.copy_file(source, target) for _ in range(100)))
        assert target.read_bytes() == source.read_bytes()
        assert left(tmp_path) == []


class TestLinks:
    async def test_are_followed(self, source: Path, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to("source")
        (tmp_path / "deep").mkdir()
        (tmp_path / "to").symlink_to("deep/again")
        (tmp_path / "deep/again").symlink_to("../new")
        await rapfiles.copy_file(tmp_path / "link", tmp_path / "to")
        assert (tmp_path / "to").is_symlink()
        assert not (tmp_path / "new").is_symlink()
        assert (tmp_path / "new").read_bytes() == source.read_bytes()

    async def test_are_copied_if_asked_for(self, source: Path, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to("nowhere")
        (tmp_path / "to").symlink_to("there")
        await rapfiles.copy_file(tmp_path / "link", tmp_path / "to", follow_symlinks=False)
        assert os.readlink(tmp_path / "to") == "nowhere"
        await rapfiles.copy_file(source, tmp_path / "to", follow_symlinks=False)
        assert (tmp_path / "to").read_bytes() == source.read_bytes()
        assert not (tmp_path / "to").is_symlink()
        assert (tmp_path / "there").read_bytes() == OLD

    async def test_that_lead_in_a_circle(self, source: Path, tmp_path: Path) -> None:
        (tmp_path / "loop").symlink_to("loop")
        for pair in (("loop", "x"), ("source", "loop")):
            with pytest.raises(OSError) as caught:
                await rapfiles.copy_file(*(tmp_path / name for name in pair))
            assert caught.value.errno == errno.ELOOP
            assert caught.value.filename == str(tmp_path / "loop")


class TestRefusals:
    async def test_a_file_and_itself(self, source: Path, tmp_path: Path) -> None:
        before = source.read_bytes()
        (tmp_path / "link").symlink_to("source")
        os.link(source, tmp_path / "hard")
        for other in ("source", "link", "hard", "../" + tmp_path.name + "/source"):
            path = os.path.join(tmp_path, other)
            with pytest.raises(shutil.SameFileError) as caught:
                await rapfiles.copy_file(str(source), path)
            assert facts(caught.value)[1:] == (errno.EINVAL, str(source), path)
            assert source.read_bytes() == before

    @pytest.mark.parametrize("function", ["copy_file", "move_file"])
    async def test_what_is_no_file(self, source: Path, tmp_path: Path, function: str) -> None:
        operation = getattr(rapfiles, function)
        (tmp_path / "directory").mkdir()
        for pair in (("directory", "x"), ("source", "directory")):
            with pytest.raises(IsADirectoryError) as caught:
                await operation(*(str(tmp_path / name) for name in pair))
            assert caught.value.errno == errno.EISDIR
            assert str(tmp_path / "directory") in (caught.value.filename, caught.value.filename2)
        assert source.exists()
        with pytest.raises(FileNotFoundError) as missing:
            await operation(tmp_path / "missing", tmp_path / "x")
        assert facts(missing.value)[1:] == (errno.ENOENT, str(tmp_path / "missing"), None)
        with pytest.raises(NotADirectoryError) as inside:
            await operation(source, tmp_path / "there/x")
        assert inside.value.filename == str(tmp_path / "there/x")
        with pytest.raises(FileNotFoundError) as nowhere:
            await operation(source, tmp_path / "missing/x")
        assert str(tmp_path / "missing/x") in (nowhere.value.filename, nowhere.value.filename2)

    async def test_fifos_and_devices(self, source: Path, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "fifo")
        for pair in (("fifo", "x"), ("source", "fifo")):
            with pytest.raises(OSError) as caught:
                await rapfiles.copy_file(*(str(tmp_path / name) for name in pair))
            assert facts(caught.value)[1:] == (errno.EOPNOTSUPP, str(tmp_path / "fifo"), None)
        with pytest.raises(OSError) as device:
            await rapfiles.copy_file(source, "/dev/null")
        assert device.value.filename == "/dev/null"
        assert (tmp_path / "fifo").is_fifo()
        assert stat.S_ISCHR(os.stat("/dev/null").st_mode)

    @pytest.mark.parametrize("function", ["copy_file", "move_file"])
    async def test_bad_arguments(self, source: Path, tmp_path: Path, function: str) -> None:
        operation = getattr(rapfiles, function)
        for pair in (("a\0b", "x"), (source, "a\0b")):
            with pytest.raises(ValueError, match="null"):
                await operation(*pair)
        for pair in (("", "x"), (source, "")):
            with pytest.raises(FileNotFoundError):
                await operation(*pair)
        with pytest.raises(TypeError):
            await operation(3, "x")
        for name in ("n" * 256, "d/" * 2100 + "n"):
            for long in ((tmp_path / name, "x"), (source, tmp_path / name)):
                with pytest.raises(OSError) as caught:
                    await operation(*long)
                assert caught.value.errno == errno.ENAMETOOLONG
                assert str(tmp_path / name) in (caught.value.filename, caught.value.filename2)
        assert source.exists()

    async def test_an_unknown_durability(self, source: Path) -> None:
        copy: Any = rapfiles.copy_file
        with pytest.raises(ValueError, match="durability"):
            await copy(source, "x", durability="none")


class TestMoves:
    async def test_is_a_rename(self, source: Path, tmp_path: Path) -> None:
        before = source.stat()
        await rapfiles.move_file(source, tmp_path / "there")
        after = (tmp_path / "there").stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
        assert not source.exists()

    async def test_what_is_there(self, source: Path, tmp_path: Path) -> None:
        with pytest.raises(FileExistsError) as caught:
            await rapfiles.move_file(source, tmp_path / "there", overwrite=False)
        names = (str(source), str(tmp_path / "there"))
        assert facts(caught.value)[1:] == (errno.EEXIST, *names)
        assert (tmp_path / "there").read_bytes() == OLD
        await rapfiles.move_file(source, tmp_path / "new", overwrite=False)
        assert not source.exists()

    async def test_links_and_fifos_themselves(self, source: Path, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to("source")
        os.mkfifo(tmp_path / "fifo")
        for name in ("link", "fifo"):
            await rapfiles.move_file(tmp_path / name, tmp_path / f"moved {name}")
        assert os.readlink(tmp_path / "moved link") == "source"
        assert (tmp_path / "moved fifo").is_fifo()
        assert source.exists()

    async def test_one_name_to_another_of_the_same_file(self, source: Path, tmp_path: Path) -> None:
        os.link(source, tmp_path / "hard")
        await rapfiles.move_file(source, tmp_path / "hard")
        assert not source.exists()
        assert (tmp_path / "hard").stat().st_nlink == 1
        await rapfiles.move_file(tmp_path / "hard", tmp_path / "hard")
        os.link(tmp_path / "hard", tmp_path / "more")
        await rapfiles.move_file(tmp_path / "hard", tmp_path / "hard")
        assert (tmp_path / "hard").exists()


class TestLong:
    async def test_progress(self, big: Path, tmp_path: Path) -> None:
        seen: list[tuple[int, int, int]] = []

        async def later(*how_far: int) -> None:
            await asyncio.sleep(0)
            seen.append(how_far)  # type: ignore[arg-type]

        size = await rapfiles.copy_file(
            big, tmp_path / "1", progress=lambda *how_far: seen.append(how_far)
        )
        assert seen[-1] == (1, 1, size) == (1, 1, BIG)
        assert sorted(seen) == seen
        await rapfiles.copy_file(big, tmp_path / "2", progress=later)
        assert seen[-1] == (1, 1, size)

    async def test_what_progress_raises_ends_it(
        self, big: Path, tmp_path: Path, no_fd_left: None
    ) -> None:
        def progress(done: int, total: int, size: int) -> None:
            raise LookupError

        (tmp_path / "there").write_bytes(OLD)
        with pytest.raises(LookupError):
            await rapfiles.copy_file(big, tmp_path / "there", progress=progress)
        there = tmp_path / "there"
        # Where blocks are shared it was done before it was told of.
        assert there.read_bytes() == OLD or there.stat().st_size == BIG
        assert left(tmp_path) == []

    async def test_timeout(self, big: Path, tmp_path: Path, no_fd_left: None) -> None:
        try:
            # Where blocks are shared even that is long enough.
            assert await rapfiles.copy_file(big, tmp_path / "target", timeout=0) == BIG
        except TimeoutError:
            assert os.listdir(tmp_path) == ["big"]

    async def test_cancelled_at_any_moment(self, big: Path, tmp_path: Path) -> None:
        target, chance = tmp_path / "target", random.Random(7)
        target.write_bytes(OLD)
        before, ended = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc") else 0, set()
        for _ in range(30):
            task = asyncio.ensure_future(rapfiles.copy_file(big, target))
            await asyncio.sleep(chance.random() * 0.03)
            task.cancel()
            try:
                await task
                ended.add("whole")
                assert target.stat().st_size == BIG
            except asyncio.CancelledError:
                ended.add("cancelled")
                # The last step may have been under way: then it is whole.
                assert target.read_bytes() == OLD or target.stat().st_size == BIG
            assert left(tmp_path) == []
            target.write_bytes(OLD)
        assert "cancelled" in ended
        if before:
            assert settles(lambda: len(os.listdir("/proc/self/fd")), before + 2) <= before + 2


class TestClosedDoors:
    async def test_a_directory_that_may_not_be_written_to(
        self, source: Path, tmp_path: Path
    ) -> None:
        if os.geteuid() == 0:
            pytest.skip("root may do everything")
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o555)
        with pytest.raises(PermissionError) as caught:
            await rapfiles.copy_file(source, closed / "x")
        assert caught.value.filename == str(closed / "x")
        source.chmod(0)
        with pytest.raises(PermissionError) as unreadable:
            await rapfiles.copy_file(source, tmp_path / "x")
        assert unreadable.value.filename == str(source)
