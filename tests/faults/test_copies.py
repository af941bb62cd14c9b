"""Copies and moves where disks are full, elsewhere, or closed: nothing is lost, nothing is half."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

import rapfiles

from .tools import mounts

OLD = b"what was there"

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
