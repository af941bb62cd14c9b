"""`rapfiles.os`: each function does what its namesake in `os` does, on paths of every kind."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import rapfiles.os

# A name that is not UTF-8.
ODD = os.fsdecode(b"n\xffme")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a file, a full and an empty directory and a symbolic link, to work in."""
    (tmp_path / "file").write_bytes(b"ten bytes.")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "inner").write_bytes(b"x")
    (tmp_path / "full" / ODD).touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("file")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def full(here: Path) -> Iterator[int]:
    """A descriptor of the full directory."""
    number = os.open("full", os.O_RDONLY)
    yield number
    os.close(number)


WAYS: dict[str, Callable[[str], Any]] = {"str": str, "bytes": os.fsencode, "Path": Path}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Any:
    """A way to give a path."""
    return WAYS[request.param]


def everything(status: os.stat_result) -> dict[str, Any]:
    """All fields, those that a tuple doesn't show included."""
    assert type(status) is os.stat_result
    return {name: getattr(status, name) for name in dir(status) if name.startswith("st_")}


# Looking.


@pytest.mark.parametrize("name", ["file", "full", "link", ".", "/", "/dev/null", f"full/{ODD}"])
async def test_stat(name: str, way: Callable[[str], Any], here: Path) -> None:
    path = way(name)
    for _ in range(2):  # the second time the filesystem is known
        assert everything(await rapfiles.os.stat(path)) == everything(os.stat(path))
    mine = await rapfiles.os.stat(path, follow_symlinks=False)
    assert everything(mine) == everything(os.lstat(path))


async def test_stat_of_an_open_file_and_from_a_directory(here: Path, full: int) -> None:
    for _ in range(2):
        assert everything(await rapfiles.os.stat(full)) == everything(os.fstat(full))
        mine = await rapfiles.os.stat("inner", dir_fd=full)
        assert everything(mine) == everything(os.stat("full/inner"))
    reading, writing = os.pipe()
    with open(reading, "rb"), open(writing, "wb"):
        assert everything(await rapfiles.os.stat(reading)) == everything(os.fstat(reading))


@pytest.mark.parametrize(
    "nanoseconds", [0, 1, -1, -1_500_000_000, 1_700_000_000_123_456_789, 5_000_000_000_000_000_000]
)
async def test_stat_of_any_time(nanoseconds: int, here: Path) -> None:
    os.utime("file", ns=(nanoseconds, nanoseconds + 7))
    mine = everything(await rapfiles.os.stat("file"))
    assert mine == everything(os.stat("file"))
    assert mine["st_mtime_ns"] == os.stat("file").st_mtime_ns


@pytest.mark.parametrize("permissions", [0o000, 0o444, 0o666, 0o755])
@pytest.mark.parametrize("mode", [os.F_OK, os.R_OK, os.W_OK, os.X_OK, os.R_OK | os.X_OK, 8, -1])
async def test_access(permissions: int, mode: int, way: Callable[[str], Any], here: Path) -> None:
    os.chmod("file", permissions)
    path = way("file")
    ways: list[dict[str, Any]] = [{}, {"effective_ids": True}, {"follow_symlinks": False}]
    for options in ways:
        assert await rapfiles.os.access(path, mode, **options) is os.access(path, mode, **options)
    assert await rapfiles.os.access(way("gone"), mode) is False


async def test_access_from_a_directory(here: Path, full: int) -> None:
    assert await rapfiles.os.access("inner", os.R_OK, dir_fd=full) is True
    assert await rapfiles.os.access("file", os.F_OK, dir_fd=full) is False


async def test_getcwd(here: Path) -> None:
    assert await rapfiles.os.getcwd() == str(here)
    (here / ODD).mkdir()
    os.chdir(ODD)
    assert await rapfiles.os.getcwd() == os.getcwd() == f"{here}/{ODD}"


async def test_getcwd_of_a_directory_whose_path_is_long(here: Path) -> None:
    for _ in range(40):  # more than the kernel can tell in one call
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    assert await rapfiles.os.getcwd() == os.getcwd()
    assert len(await rapfiles.os.getcwd()) > 8000


async def test_getcwd_when_it_is_gone(here: Path) -> None:
    os.chdir("empty")
    os.rmdir(here / "empty")
    with pytest.raises(FileNotFoundError) as caught:
        await rapfiles.os.getcwd()
    assert caught.value.filename is None


async def test_listdir(way: Callable[[str], Any], here: Path) -> None:
    for name in ("full", "empty", "."):
        path = way(name)
        assert sorted(await rapfiles.os.listdir(path)) == sorted(os.listdir(path))
    assert sorted(await rapfiles.os.listdir()) == sorted(os.listdir())
    assert sorted(await rapfiles.os.listdir(None)) == sorted(os.listdir())
    assert ODD in await rapfiles.os.listdir("full")
    assert os.fsencode(ODD) in await rapfiles.os.listdir(b"full")


async def test_listdir_of_a_descriptor(here: Path, full: int) -> None:
    for _ in range(3):  # it is back at its start each time
        assert sorted(await rapfiles.os.listdir(full)) == sorted(os.listdir("full"))


async def test_listdir_of_many(here: Path) -> None:
    wanted = {f"{number:0200}" for number in range(2000)}
    for name in wanted:
        (here / "empty" / name).touch()
    names = await rapfiles.os.listdir("empty")
    assert len(names) == 2000
    assert set(names) == wanted


async def test_readlink(way: Callable[[str], Any], here: Path, full: int) -> None:
    assert await rapfiles.os.readlink(way("link")) == os.readlink(way("link"))
    for target in (ODD, "x" * 255, "y/" * 2000):
        os.symlink(target, f"full/{len(target)}")
        path = way(f"full/{len(target)}")
        assert await rapfiles.os.readlink(path) == os.readlink(path)
        assert await rapfiles.os.readlink(f"{len(target)}", dir_fd=full) == target


async def test_statvfs(way: Callable[[str], Any], here: Path, full: int) -> None:
    # These don't change while others use the disk.
    fixed = ("f_bsize", "f_frsize", "f_blocks", "f_files", "f_flag", "f_namemax", "f_fsid")
    for ours, theirs in (
        (await rapfiles.os.statvfs(way("file")), os.statvfs(way("file"))),
        (await rapfiles.os.statvfs(full), os.statvfs(full)),
        (await rapfiles.os.statvfs("/proc"), os.statvfs("/proc")),
    ):
        assert type(ours) is os.statvfs_result
        assert [getattr(ours, name) for name in fixed] == [getattr(theirs, name) for name in fixed]
        assert len(ours) == len(theirs)
    proc = await rapfiles.os.statvfs("/proc")
    assert proc == os.statvfs("/proc")


# Changing.


async def test_mkdir_and_rmdir(way: Callable[[str], Any], here: Path) -> None:
    await rapfiles.os.mkdir(way("new"))
    assert os.path.isdir("new")
    await rapfiles.os.rmdir(way("new"))
    assert not os.path.exists("new")


async def test_mkdir_heeds_mode_and_umask(here: Path) -> None:
    before = os.umask(0o027)
    try:
        await rapfiles.os.mkdir("private", 0o700)
        await rapfiles.os.mkdir("masked")
        await rapfiles.os.makedirs("above/below", mode=0o750)
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(os.stat(name).st_mode) for name in ("private", "masked", "above")]
    assert modes == [0o700, 0o750, 0o750]
    assert stat.S_IMODE(os.stat("above/below").st_mode) == 0o750


async def test_mkdir_remove_and_rmdir_in_a_directory(here: Path, full: int) -> None:
    await rapfiles.os.mkdir("new", dir_fd=full)
    assert os.path.isdir("full/new")
    await rapfiles.os.rmdir("new", dir_fd=full)
    await rapfiles.os.remove("inner", dir_fd=full)
    await rapfiles.os.unlink(ODD, dir_fd=full)
    assert os.listdir("full") == []


@pytest.mark.parametrize(
    "name", ["a/b/c", "a/b/c/", "a//b///c", "./a/b/c", "a/./b/../b/c", "a/b/c/."]
)
async def test_makedirs(name: str, way: Callable[[str], Any], here: Path) -> None:
    os.mkdir("theirs")
    os.chdir("theirs")
    os.makedirs(way(name))
    os.chdir(here)
    os.mkdir("ours")
    os.chdir("ours")
    await rapfiles.os.makedirs(way(name))
    os.chdir(here)
    assert tree("ours") == tree("theirs")
    assert os.path.isdir("ours/a/b/c")


def tree(top: str) -> list[str]:
    """The paths of all directories below."""
    return sorted(os.path.relpath(path, top) for path, _, _ in os.walk(top))


async def test_makedirs_where_some_are_there(here: Path) -> None:
    await rapfiles.os.makedirs("full/a/b")
    await rapfiles.os.makedirs("full/a/b", exist_ok=True)
    with pytest.raises(FileExistsError):
        await rapfiles.os.makedirs("full/a/b")
    with pytest.raises(FileExistsError):
        await rapfiles.os.makedirs("file", exist_ok=True)


async def test_many_tasks_make_the_same_directories(here: Path) -> None:
    paths = [f"a/b/c/d/{number % 7}" for number in range(100)]
    await asyncio.gather(*(rapfiles.os.makedirs(path, exist_ok=True) for path in paths))
    assert sorted(os.listdir("a/b/c/d")) == sorted({path[-1] for path in paths})


async def test_removedirs_stops_where_something_is_left(
    way: Callable[[str], Any], here: Path
) -> None:
    os.makedirs("full/a/b/c")
    await rapfiles.os.removedirs(way("full/a/b/c"))
    assert sorted(os.listdir("full")) == sorted(["inner", ODD])


async def test_remove_and_unlink(way: Callable[[str], Any], here: Path) -> None:
    await rapfiles.os.unlink(way("link"))
    assert os.path.exists("file")
    await rapfiles.os.remove(way("file"))
    assert sorted(os.listdir()) == ["empty", "full"]


@pytest.mark.parametrize("function", [rapfiles.os.rename, rapfiles.os.replace])
async def test_rename_and_replace(
    function: Callable[..., Awaitable[None]], way: Callable[[str], Any], here: Path, full: int
) -> None:
    await function(way("file"), way("new"))
    assert Path("new").read_bytes() == b"ten bytes."
    await function(way("new"), way("full/inner"))
    assert Path("full/inner").read_bytes() == b"ten bytes."
    await function("inner", "back", src_dir_fd=full)
    assert Path("back").read_bytes() == b"ten bytes."
    await function("back", "there", dst_dir_fd=full)
    assert Path("full/there").read_bytes() == b"ten bytes."


async def test_renames_makes_what_it_needs_and_prunes_what_it_leaves(
    way: Callable[[str], Any], here: Path
) -> None:
    os.makedirs("old/a/b")
    Path("old/a/b/file").write_text("moved")
    await rapfiles.os.renames(way("old/a/b/file"), way("new/c/d/file"))
    assert Path("new/c/d/file").read_text() == "moved"
    assert not os.path.exists("old")


async def test_symlink(way: Callable[[str], Any], here: Path, full: int) -> None:
    await rapfiles.os.symlink(way(ODD), way("to nowhere"))
    assert os.readlink("to nowhere") == ODD
    await rapfiles.os.symlink("../file", "up", dir_fd=full)
    assert os.stat("full/up").st_size == 10
    await rapfiles.os.symlink("empty", "there", True)
    assert os.path.isdir("there")


async def test_link(way: Callable[[str], Any], here: Path, full: int) -> None:
    await rapfiles.os.link(way("file"), way("other"))
    assert os.stat("file").st_nlink == 2
    await rapfiles.os.link("inner", "third", src_dir_fd=full, follow_symlinks=False)
    assert os.path.samefile("third", "full/inner")
    await rapfiles.os.link("link", "second link", follow_symlinks=False)
    assert os.readlink("second link") == "file"


async def test_link_to_a_link_follows_it_as_os_does(here: Path, full: int) -> None:
    for number, options in enumerate(({}, {"follow_symlinks": True}, {"dst_dir_fd": full})):
        os.link("link", f"theirs{number}", **options)  # type: ignore[arg-type]
        await rapfiles.os.link("link", f"ours{number}", **options)  # type: ignore[arg-type]
        for name in (f"{number}", f"full/{number}"):
            theirs, ours = (
                name.replace(f"{number}", f"{who}{number}") for who in ("theirs", "ours")
            )
            assert os.path.islink(theirs) is os.path.islink(ours)
            assert os.path.lexists(theirs) is os.path.lexists(ours)


# Sending.


async def test_sendfile_between_files(here: Path) -> None:
    with open("file", "rb", buffering=0) as source, open("copy", "wb", buffering=0) as copy:
        assert await rapfiles.os.sendfile(copy.fileno(), source.fileno(), 4, 100) == 6
        assert source.tell() == 0
        assert await rapfiles.os.sendfile(copy.fileno(), source.fileno(), None, 3) == 3
        assert source.tell() == 3
        assert await rapfiles.os.sendfile(copy.fileno(), source.fileno(), 10, 3) == 0
    assert Path("copy").read_bytes() == b"bytes.ten"


async def test_sendfile_to_a_socket(here: Path) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, open("file", "rb") as source:
        assert await rapfiles.os.sendfile(ours.fileno(), source.fileno(), 0, 10) == 10
        assert theirs.recv(100) == b"ten bytes."


async def test_sendfile_that_nobody_reads_holds_up_nobody_and_can_be_cancelled(here: Path) -> None:
    Path("file").write_bytes(bytes(1 << 20))
    reading, writing = os.pipe()
    with open("file", "rb") as source, open(reading, "rb") as pipe:
        with open(writing, "wb", buffering=0) as end:
            os.set_blocking(writing, False)
            while end.write(bytes(4096)):
                pass
            os.set_blocking(writing, True)
            send = rapfiles.os.sendfile(writing, source.fileno(), 0, 1 << 20)
            sending = asyncio.create_task(send)
            assert await rapfiles.os.listdir("empty") == []
            assert not sending.done()
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
        # What it is in the middle of ends when somebody reads.
        assert set(await asyncio.to_thread(pipe.read)) == {0}
