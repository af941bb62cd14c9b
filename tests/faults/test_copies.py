"""Copies and moves where disks are full, elsewhere, or closed: nothing is lost, nothing is half."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

import rapfiles
from test_copy_trees import facts

from .tools import figures, mounts

OLD = b"what was there"
NOBODY = 65534

pytestmark = pytest.mark.root


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Path]:
    """A filesystem with a file of 1 MiB."""
    with mounts.tmpfs(tmp_path / "here", size="32m") as path:
        source = path / "source"
        source.write_bytes(os.urandom(1 << 20))
        source.chmod(0o2751)
        os.chown(source, 12345, 54321)
        source.chmod(0o2751)
        os.utime(source, ns=(10**18 + 1, 10**18 + 123_456_789))
        yield path


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """Another filesystem."""
    with mounts.tmpfs(tmp_path / "elsewhere", size="32m") as path:
        yield path


def left(*roots: Path) -> list[Path]:
    """Files that have no name of their own yet."""
    return [path for root in roots for path in root.rglob(".rapfiles-*")]


def remount(path: Path, how: str) -> None:
    """Change a filesystem's options."""
    assert os.system(f"mount -o remount,{how} {path}") == 0


async def test_a_full_disk_leaves_what_was_there(here: Path, tmp_path: Path) -> None:
    with mounts.tmpfs(tmp_path / "small", size="256k") as small:
        (small / "target").write_bytes(OLD)
        for function in (rapfiles.copy_file, rapfiles.move_file):
            with pytest.raises(OSError) as caught:
                await function(here / "source", small / "target")
            assert caught.value.errno == errno.ENOSPC
            assert caught.value.filename == str(here / "source")
            assert caught.value.filename2 == str(small / "target")
            assert os.listdir(small) == ["target"]
            assert (small / "target").read_bytes() == OLD
            assert (here / "source").exists()


@pytest.mark.parametrize("there", [False, True])
async def test_a_move_to_another_filesystem(here: Path, elsewhere: Path, there: bool) -> None:
    contents, before = (here / "source").read_bytes(), (here / "source").stat()
    attributes = {}
    for name in ("trusted.a", "user.b"):
        try:
            os.setxattr(here / "source", name, b"value")
            attributes[name] = b"value"
        except OSError:
            pass  # not every tmpfs has both
    target = elsewhere / "target"
    if there:
        target.write_bytes(OLD)
        with pytest.raises(FileExistsError) as caught:
            await rapfiles.move_file(here / "source", target, overwrite=False)
        assert caught.value.filename == str(target)
        assert target.read_bytes() == OLD
    await rapfiles.move_file(here / "source", target)
    after = target.stat()
    assert target.read_bytes() == contents
    assert stat.S_IMODE(after.st_mode) == 0o2751
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert after.st_mtime_ns == before.st_mtime_ns
    assert {name: os.getxattr(target, name) for name in attributes} == attributes
    assert not (here / "source").exists()
    assert left(here, elsewhere) == []


async def test_links_move_too(here: Path, elsewhere: Path) -> None:
    (here / "link").symlink_to("nowhere")
    (elsewhere / "there").write_bytes(OLD)
    await rapfiles.move_file(here / "link", elsewhere / "there")
    assert os.readlink(elsewhere / "there") == "nowhere"
    assert not os.path.lexists(here / "link")
    os.mkfifo(here / "fifo")
    with pytest.raises(OSError) as caught:
        await rapfiles.move_file(here / "fifo", elsewhere / "fifo")
    assert caught.value.errno == errno.EOPNOTSUPP
    assert (here / "fifo").is_fifo()


@pytest.mark.parametrize("there", [False, True])
async def test_what_cannot_leave_stays(here: Path, elsewhere: Path, there: bool) -> None:
    target = elsewhere / "target"
    if there:
        target.write_bytes(OLD)
    remount(here, "ro")
    try:
        with pytest.raises(OSError) as caught:
            await rapfiles.move_file(here / "source", target)
    finally:
        remount(here, "rw")
    assert caught.value.errno == errno.EROFS
    assert caught.value.filename == str(here / "source")
    assert (here / "source").exists()
    assert os.listdir(elsewhere) == (["target"] if there else [])
    assert not there or target.read_bytes() == OLD


async def test_a_copy_gives_nobody_rights(here: Path) -> None:
    # The copy belongs to root: it must not run with the rights of root's group.
    await rapfiles.copy_file(here / "source", here / "copy")
    assert stat.S_IMODE((here / "copy").stat().st_mode) == 0o751


@pytest.fixture
def tree(here: Path) -> Path:
    """A tree with a big file and small ones, which belongs to several users."""
    root = here / "tree"
    (root / "a/b").mkdir(parents=True)
    (root / "big").write_bytes(os.urandom(1 << 20))
    for number in range(20):
        (root / f"a/b/{number}").write_text(str(number))
        os.chown(root / f"a/b/{number}", number, number)
    (root / "a/link").symlink_to("b/0")
    (root / "a").chmod(0o2750)
    os.utime(root / "a", ns=(10**18, 10**18 + 7))
    return root


def owners(root: Path) -> dict[str, tuple[int, int]]:
    """Whose everything is."""
    found = [(path, path.lstat()) for path in root.rglob("*") if not path.is_symlink()]
    return {str(path.relative_to(root)): (status.st_uid, status.st_gid) for path, status in found}


async def test_a_tree_moves_to_another_filesystem(
    tree: Path, elsewhere: Path, no_fd_left: None
) -> None:
    before, whose = facts(tree), owners(tree)
    (elsewhere / "there").mkdir()
    with pytest.raises(FileExistsError) as caught:
        await rapfiles.move_dir(tree, elsewhere / "there")
    assert caught.value.filename == str(elsewhere / "there")
    seen: list[tuple[int, int, int]] = []
    await rapfiles.move_dir(
        tree, elsewhere / "moved", progress=lambda *how_far: seen.append(how_far)
    )
    assert facts(elsewhere / "moved") == before
    assert owners(elsewhere / "moved") == whose
    assert os.listdir(elsewhere.parent / "here") == ["source"]
    assert sorted(os.listdir(elsewhere)) == ["moved", "there"]
    assert seen[-1][0] == seen[-1][1] == 25
    assert seen == sorted(seen)


async def test_a_tree_that_cannot_leave_stays(tree: Path, elsewhere: Path) -> None:
    before = facts(tree)
    remount(tree.parent, "ro")
    try:
        with pytest.raises(OSError) as caught:
            await rapfiles.move_dir(tree, elsewhere / "moved")
    finally:
        remount(tree.parent, "rw")
    assert (caught.value.errno, caught.value.filename) == (errno.EROFS, str(tree))
    assert os.listdir(elsewhere) == []
    assert facts(tree) == before


async def test_a_full_disk_leaves_no_half_of_a_tree(
    tree: Path, tmp_path: Path, no_fd_left: None
) -> None:
    before = facts(tree)
    with mounts.tmpfs(tmp_path / "small", size="256k") as small:
        with pytest.raises(OSError) as moving:
            await rapfiles.move_dir(tree, small / "moved")
        assert os.listdir(small) == []
        with pytest.raises(OSError) as copying:
            await rapfiles.copy_dir(tree, small / "copy")
        for caught, target in ((moving, "moved"), (copying, "copy")):
            assert caught.value.errno == errno.ENOSPC
            assert caught.value.filename == str(tree / "big")
            assert caught.value.filename2 == str(small / target / "big")
        assert not (small / "copy/big").exists()
        report = await rapfiles.copy_dir(tree, small / "rest", on_error="collect")
        assert [error.errno for error in report.errors] == [errno.ENOSPC]
        assert set(facts(small / "rest")) == set(before) - {"big"}
        assert left(small) == []
    assert facts(tree) == before


async def test_a_move_that_is_cancelled(tree: Path, elsewhere: Path) -> None:
    before = facts(tree)
    for moment in range(12):
        task = asyncio.ensure_future(rapfiles.move_dir(tree, elsewhere / "moved"))
        await asyncio.sleep(moment / 2000)
        task.cancel()
        await asyncio.wait([task])
        assert left(tree.parent, elsewhere) == []
        assert tree.exists() != (elsewhere / "moved").exists()
        if not tree.exists():
            assert facts(elsewhere / "moved") == before
            await rapfiles.move_dir(elsewhere / "moved", tree)
        assert facts(tree) == before


async def test_what_may_not_be_read_is_left_out(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Relative paths: the directories above may be closed to other users.
    here.chmod(0o755)
    monkeypatch.chdir(here)
    for name in ("in", "in/open", "in/closed", "mine"):
        os.mkdir(name, 0o755)
    for name in ("in/open/file", "in/closed/file", "in/secret"):
        Path(name).write_text("text")
    os.chmod("in/closed", 0o700)
    os.chmod("in/secret", 0o600)
    os.chown("mine", NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        with pytest.raises(PermissionError):
            await rapfiles.copy_dir("in", "mine/1")
        report = await rapfiles.copy_dir("in", "mine/2", on_error="collect")
        removed = await rapfiles.remove_dir_all("in", on_error="collect")
    finally:
        os.seteuid(0)
    told = {(error.errno, error.filename) for error in report.errors}
    assert told == {(errno.EACCES, "in/closed"), (errno.EACCES, "in/secret")}
    assert Path("mine/2/open/file").read_text() == "text"
    assert {error.errno for error in removed.errors} == {errno.EACCES}
    assert "in/open/file" in {error.filename for error in removed.errors}
    assert Path("in/open/file").exists()


async def test_depth_and_descriptors_are_bounded(tmp_path: Path) -> None:
    depth, limits = 5000, resource.getrlimit(resource.RLIMIT_NOFILE)
    with mounts.tmpfs(tmp_path / "deep", size="256m") as root:
        inner = os.open(root, os.O_RDONLY)
        for _ in range(depth):
            os.mkdir("directory", dir_fd=inner)
            below = os.open("directory", os.O_RDONLY, dir_fd=inner)
            os.close(inner)
            inner = below
        os.close(os.open("leaf", os.O_WRONLY | os.O_CREAT, dir_fd=inner))
        os.close(inner)
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, limits[1]))
        try:
            report = await rapfiles.copy_dir(root / "directory", root / "copy")
            assert (report.files, report.directories) == (1, depth)
            for name in ("directory", "copy"):
                removed = await rapfiles.remove_dir_all(root / name)
                assert (removed.files, removed.directories) == (1, depth)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert os.listdir(root) == []
    figures.record("copies", f"trees {depth:,} directories deep, with 256 descriptors")
