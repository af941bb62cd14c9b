"""`FileMetadata` says what `os.stat_result` says."""

from __future__ import annotations

import copy
import os
import pickle
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rapfiles

FIELDS = """
st_mode st_ino st_dev st_nlink st_uid st_gid st_size st_atime st_mtime st_ctime st_atime_ns
st_mtime_ns st_ctime_ns st_blksize st_blocks st_rdev
""".split()
OTHERS = {
    "size": "st_size",
    "mode": "st_mode",
    "uid": "st_uid",
    "gid": "st_gid",
    "inode": "st_ino",
    "device": "st_dev",
    "nlink": "st_nlink",
    "blocks": "st_blocks",
    "block_size": "st_blksize",
    "rdev": "st_rdev",
    "modified": "st_mtime",
    "accessed": "st_atime",
    "changed": "st_ctime",
    "modified_ns": "st_mtime_ns",
    "accessed_ns": "st_atime_ns",
    "changed_ns": "st_ctime_ns",
}


def assert_same(ours: rapfiles.FileMetadata, theirs: os.stat_result) -> None:
    """Both say the same, in values of the same types."""
    for name in FIELDS:
        mine, other = getattr(ours, name), getattr(theirs, name)
        assert (mine, type(mine)) == (other, type(other)), name
    for name, field in OTHERS.items():
        assert getattr(ours, name) == getattr(theirs, field), name
    assert ours.is_file is stat.S_ISREG(theirs.st_mode) is stat.S_ISREG(ours.st_mode)
    assert ours.is_dir is stat.S_ISDIR(theirs.st_mode)
    assert ours.is_symlink is stat.S_ISLNK(theirs.st_mode)


@pytest.mark.parametrize("path", ["/", "/dev/null", "/proc/self", "/proc/self/exe", "/proc/1/stat"])
async def test_of_what_every_system_has(path: str) -> None:
    if not os.path.lexists(path):
        pytest.skip(f"there is no {path} here")
    for follow in (True, False):
        for _ in range(2):
            ours = await rapfiles.metadata(path, follow_symlinks=follow)
            theirs = os.stat(path, follow_symlinks=follow)
            assert (ours.mode, ours.rdev) == (theirs.st_mode, theirs.st_rdev)


# What a 64-bit filesystem can keep is less on some; these all can.
TIMES = st.tuples(st.integers(-(2**31), 2**33), st.integers(0, 999_999_999))


@given(
    kind=st.sampled_from(["file", "directory", "fifo", "link"]),
    size=st.one_of(st.integers(0, 10_000), st.integers(0, 1 << 43)),
    mode=st.integers(0, 0o7777),
    owner=st.integers(0, 2**32 - 2),
    accessed=TIMES,
    modified=TIMES,
    links=st.integers(0, 3),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_of_anything(
    tmp_path_factory: pytest.TempPathFactory,
    kind: str,
    size: int,
    mode: int,
    owner: int,
    accessed: tuple[int, int],
    modified: tuple[int, int],
    links: int,
) -> None:
    directory = tmp_path_factory.mktemp("m")
    path = directory / "thing"
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to("x" * (1 + size % 100))
    else:
        path.touch()
        os.truncate(path, size)
        for number in range(links):
            os.link(path, directory / f"link {number}")
    if os.geteuid() == 0:
        os.chown(path, owner, owner // 2, follow_symlinks=False)
    if kind != "link":
        os.chmod(path, mode)
    times = [seconds * 10**9 + nanoseconds for seconds, nanoseconds in (accessed, modified)]
    os.utime(path, ns=(times[0], times[1]), follow_symlinks=False)
    theirs = os.lstat(path)
    assert_same(await rapfiles.stat(path, follow_symlinks=False), theirs)
    assert_same(await rapfiles.metadata(os.fsencode(path), follow_symlinks=False), theirs)
    if kind != "directory":
        os.unlink(path)


async def test_of_an_open_file(tmp_path: Path) -> None:
    with open(tmp_path / "file", "wb") as file:
        file.write(b"hello")
        file.flush()
        assert_same(await rapfiles.stat(file.fileno()), os.fstat(file.fileno()))


async def test_when_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    os.utime(path, (1, 2))
    first = await rapfiles.stat(path)
    second = await rapfiles.stat(path)
    assert first.created == second.created and first.created_ns == second.created_ns
    if first.created_ns is None:
        assert first.created is None
        pytest.skip("this filesystem doesn't keep when files were made")
    assert first.created is not None and first.created == pytest.approx(first.created_ns / 1e9)
    assert abs(first.created - first.changed) < 60
    assert (await rapfiles.stat("/proc/self")).created is None


async def test_two_are_equal_if_they_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    first, again = await rapfiles.stat(path), await rapfiles.stat(path)
    assert first == again and hash(first) == hash(again) and first is not again
    os.truncate(path, 1)
    other = await rapfiles.stat(path)
    assert first != other and len({first, again, other}) == 2
    assert first != "something else" and first != os.stat(path)


async def test_copies_and_pickles_are_equal(tmp_path: Path) -> None:
    first = await rapfiles.stat(tmp_path)
    assert copy.copy(first) == copy.deepcopy(first) == first
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(first, protocol)) == first


async def test_nothing_of_it_can_be_changed(tmp_path: Path) -> None:
    metadata = await rapfiles.stat(tmp_path)
    for name in ("size", "st_size", "created", "something"):
        with pytest.raises(AttributeError):
            setattr(metadata, name, 1)


def test_one_made_by_hand() -> None:
    made = rapfiles.FileMetadata(mode=0o100640, size=7, uid=-1, modified_ns=-1_500_000_000)
    assert made.is_file and not made.is_dir and not made.is_symlink
    assert (made.size, made.uid, made.modified, made.created) == (7, -1, -1.5, None)
    assert repr(made) == "<FileMetadata -rw-r----- size=7 uid=-1 gid=0 modified=-1.5>"
    assert pickle.loads(pickle.dumps(made)) == made
    bad: Any
    for bad in ({}, {"mode": -1}, {"mode": "x"}, {"mode": 0, "modified_ns": 1 << 120}, {"uid": -2}):
        with pytest.raises((TypeError, OverflowError, ValueError)):
            rapfiles.FileMetadata(**bad)
    with pytest.raises((OverflowError, ValueError)):
        rapfiles.FileMetadata(mode=0, uid=-2)
