"""Permissions, times, owners, extended attributes and room: set and told as the system has them."""

from __future__ import annotations

import asyncio
import errno
import inspect
import os
import shutil
import stat
import sys
import time
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rapfiles
from rapfiles.types import DiskUsage

ODD = os.fsdecode(b"g\xffne")
XATTRS = "get_xattr set_xattr list_xattrs remove_xattr".split()
OPERATIONS = ["set_permissions", "set_times", "set_owner", "disk_usage", *XATTRS]
# What each of them wants besides the path.
MORE: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "set_permissions": ((0o600,), {}),
    "set_times": ((), {"modified": 1}),
    "set_owner": ((), {}),
    "disk_usage": ((), {}),
    "get_xattr": (("user.x",), {}),
    "set_xattr": (("user.x", b"value"), {}),
    "list_xattrs": ((), {}),
    "remove_xattr": (("user.x",), {}),
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_fd_left: None) -> Path:
    """A file, a directory, and links, in the current directory."""
    (tmp_path / "file").touch(0o644)
    (tmp_path / "directory").mkdir()
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def keeps_xattrs(here: Path) -> None:
    """Skips where the filesystem keeps none."""
    if sys.platform != "linux":
        pytest.skip("what is known of attributes here is known of Linux")
    try:
        os.setxattr("directory", "user.probe", b"")
    except OSError as error:
        pytest.skip(f"no extended attributes on this filesystem: {error}")


@pytest.mark.parametrize("name", OPERATIONS)
def test_they_are_coroutine_functions(name: str) -> None:
    assert inspect.iscoroutinefunction(getattr(rapfiles, name))


@pytest.mark.parametrize("mode", [0o644, 0o7, 0o7777, 0o1755, 0o100640])
async def test_permissions(mode: int) -> None:
    for path in ("file", b"file", Path("directory")):
        await rapfiles.set_permissions(path, mode)
        assert stat.S_IMODE(os.stat(path).st_mode) == mode & 0o7777


async def test_permissions_of_links() -> None:
    await rapfiles.set_permissions("link", 0o600)
    assert stat.S_IMODE(os.stat("file").st_mode) == 0o600
    await rapfiles.set_permissions("file", 0o640, follow_symlinks=False)
    assert stat.S_IMODE(os.stat("file").st_mode) == 0o640
    if sys.platform == "linux":
        with pytest.raises(OSError) as caught:
            await rapfiles.set_permissions("link", 0o600, follow_symlinks=False)
        assert (caught.value.errno, caught.value.filename) == (errno.ENOTSUP, "link")


# In the last second that a filesystem can keep, kernels drop the nanoseconds.
NANOSECONDS = st.integers(-(2**31 - 1) * 10**9, 2**33 * 10**9)


@given(accessed=st.none() | NANOSECONDS, modified=st.none() | NANOSECONDS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_times_to_the_nanosecond(accessed: int | None, modified: int | None) -> None:
    if accessed is None and modified is None:
        return
    before = os.stat("file")
    await rapfiles.set_times("file", accessed_ns=accessed, modified_ns=modified)
    after = os.stat("file")
    assert after.st_atime_ns == (before.st_atime_ns if accessed is None else accessed)
    assert after.st_mtime_ns == (before.st_mtime_ns if modified is None else modified)


NOON = datetime(2025, 3, 1, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("when", "seconds"),
    [
        (0, 0),
        (1.5, 1.5),
        (-1.25, -1.25),
        (NOON, NOON.timestamp()),
        (NOON.replace(microsecond=250_000), NOON.timestamp() + 0.25),
        (datetime(2025, 3, 1), datetime(2025, 3, 1).timestamp()),
        (date(2025, 3, 1), datetime(2025, 3, 1).timestamp()),
        ("2025-03-01T12:00:00Z", NOON.timestamp()),
    ],
)
async def test_times_as_people_say_them(when: Any, seconds: float) -> None:
    await rapfiles.set_times("file", modified=when)
    await rapfiles.set_times("file", accessed=when)
    assert (os.stat("file").st_mtime, os.stat("file").st_atime) == (seconds, seconds)


async def test_times_relative_to_now() -> None:
    await rapfiles.set_times("directory", accessed="now", modified="-1d")
    status, now = os.stat("directory"), time.time()
    assert abs(status.st_atime - now) < 60
    assert abs(status.st_mtime - now + timedelta(days=1).total_seconds()) < 3_700


async def test_times_of_a_link() -> None:
    await rapfiles.set_times("link", modified=1, follow_symlinks=False)
    assert os.lstat("link").st_mtime == 1 != os.stat("file").st_mtime
    await rapfiles.set_times("link", modified=2)
    assert (os.lstat("link").st_mtime, os.stat("file").st_mtime) == (1, 2)


async def test_owners() -> None:
    uid, gid = os.geteuid(), os.getegid()
    await rapfiles.set_owner("file")
    await rapfiles.set_owner("file", uid, gid)
    await rapfiles.set_owner("file", -1, str(gid))
    if uid == 0:
        await rapfiles.set_owner("link", 1234, "4321")
        assert (os.stat("file").st_uid, os.stat("file").st_gid) == (1234, 4321)
        await rapfiles.set_owner("file", "root")
        assert (os.stat("file").st_uid, os.stat("file").st_gid) == (0, 4321)
        await rapfiles.set_owner("file", gid="root")
        assert (os.stat("file").st_uid, os.stat("file").st_gid) == (0, 0)
        await rapfiles.set_owner("link", 5, 6, follow_symlinks=False)
        assert (os.lstat("link").st_uid, os.stat("file").st_uid) == (5, 0)
    else:
        with pytest.raises(PermissionError) as caught:
            await rapfiles.set_owner("file", "root")
        assert (caught.value.errno, caught.value.filename) == (errno.EPERM, "file")


async def test_nobody_by_that_name() -> None:
    with pytest.raises(ValueError, match="uid is no user: 'no such user'"):
        await rapfiles.set_owner("file", "no such user")
    with pytest.raises(ValueError, match="gid is no group: 'no such group'"):
        await rapfiles.set_owner("file", gid="no such group")


async def test_room_on_a_filesystem() -> None:
    for path in (".", b"file", Path("link"), "/proc"):
        ours = await rapfiles.disk_usage(path)
        theirs = shutil.disk_usage(path)
        assert type(ours) is DiskUsage
        assert ours.total == theirs.total
        # Others write, too.
        assert abs(ours.used - theirs.used) <= ours.total / 10
    with open("file") as file:
        assert (await rapfiles.disk_usage(file.fileno())).total > 0


@pytest.mark.usefixtures("keeps_xattrs")
async def test_attributes() -> None:
    assert await rapfiles.list_xattrs("file") == []
    names = ["user.a", "user.é", "user." + ODD]
    values: list[bytes | bytearray] = [b"", b"x" * 3_000, bytearray(b"\0\xff")]
    for name, value in zip(names, values, strict=True):
        await rapfiles.set_xattr("file", name, value)
        assert await rapfiles.get_xattr("file", name) == bytes(value)
        assert await rapfiles.get_xattr(b"link", os.fsencode(name)) == bytes(value)
        assert os.getxattr("file", name) == bytes(value)
    assert sorted(await rapfiles.list_xattrs("link")) == sorted(names)
    assert await rapfiles.list_xattrs("link", follow_symlinks=False) == []
    await rapfiles.set_xattr("file", "user.a", memoryview(b"other"))
    assert await rapfiles.get_xattr("file", "user.a") == b"other"
    with pytest.raises(FileExistsError) as caught:
        await rapfiles.set_xattr("file", "user.a", b"", exist_ok=False)
    assert (caught.value.errno, caught.value.filename) == (errno.EEXIST, "file")
    await rapfiles.set_xattr("file", "user.new", b"", exist_ok=False)
    for name in [*names, "user.new"]:
        await rapfiles.remove_xattr("file", name)
    assert os.listxattr("file") == []


@pytest.mark.usefixtures("keeps_xattrs")
async def test_attributes_that_are_not_there() -> None:
    for name in ("get_xattr", "remove_xattr"):
        with pytest.raises(OSError) as caught:
            await getattr(rapfiles, name)("file", "user.x")
        assert (caught.value.errno, caught.value.filename) == (errno.ENODATA, "file")
    with pytest.raises(PermissionError):
        await rapfiles.set_xattr("link", "user.x", b"", follow_symlinks=False)
    with pytest.raises(OSError) as caught:
        await rapfiles.set_xattr("file", "user." + "x" * 300, b"")
    assert caught.value.errno == errno.ERANGE
    with pytest.raises(OSError) as caught:
        await rapfiles.set_xattr("file", "user.x", bytes(70_000))
    assert caught.value.errno == errno.E2BIG


@pytest.mark.parametrize("name", OPERATIONS)
async def test_errors_name_the_path(name: str) -> None:
    args, keywords = MORE[name]
    long = "x" * 256
    cases: list[tuple[Any, int]]
    cases = [
        *(("gone", errno.ENOENT), (b"gone", errno.ENOENT), (ODD, errno.ENOENT)),
        *(("", errno.ENOENT), ("file/below", errno.ENOTDIR), ("loop", errno.ELOOP)),
        *((long, errno.ENAMETOOLONG), ("x/" * 2048, errno.ENAMETOOLONG)),
    ]
    for path, number in cases:
        with pytest.raises(OSError) as caught:
            await getattr(rapfiles, name)(path, *args, **keywords)
        assert (caught.value.errno, caught.value.filename) == (number, path)
        assert type(caught.value) is type(OSError(number, ""))
    for path in ("a\0b", b"a\0b"):
        with pytest.raises(ValueError, match="null"):
            await getattr(rapfiles, name)(path, *args, **keywords)
    for wrong in (None, 1.5):
        with pytest.raises(TypeError):
            await getattr(rapfiles, name)(wrong, *args, **keywords)


MISUSES: list[tuple[str, tuple[Any, ...], dict[str, Any], type[Exception]]] = [
    ("set_permissions", ("x",), {}, TypeError),
    ("set_permissions", (-1,), {}, OverflowError),
    ("set_permissions", (0o1000000,), {}, ValueError),
    ("set_permissions", (), {}, TypeError),
    ("set_times", (), {}, TypeError),
    ("set_times", (), {"modified": 1, "modified_ns": 1}, TypeError),
    ("set_times", (), {"modified": True}, TypeError),
    ("set_times", (), {"modified": "soon"}, ValueError),
    ("set_times", (), {"modified": float("nan")}, ValueError),
    ("set_times", (), {"modified_ns": 1.5}, TypeError),
    ("set_times", (), {"modified_ns": 1 << 100}, ValueError),
    ("set_owner", (1.5,), {}, TypeError),
    ("set_owner", (True,), {}, TypeError),
    ("set_owner", (-2,), {}, ValueError),
    ("set_owner", (2**32 - 1,), {}, ValueError),
    ("set_owner", (2**32,), {}, ValueError),
    ("set_owner", ("a\0b",), {}, ValueError),
    ("set_owner", ("",), {}, ValueError),
    ("get_xattr", (3,), {}, TypeError),
    ("get_xattr", ("user.\0",), {}, ValueError),
    ("set_xattr", ("user.x", "text"), {}, TypeError),
    ("set_xattr", ("user.x", None), {}, TypeError),
]


async def test_misuse() -> None:
    before = os.stat("file")
    for name, args, keywords, kind in MISUSES:
        with pytest.raises(kind):
            await getattr(rapfiles, name)("file", *args, **keywords)
            print(name, args, keywords)
    assert os.stat("file") == before


async def test_what_is_cancelled_before_it_began_never_happens() -> None:
    before = os.stat("file")
    for name in ("set_permissions", "set_times", "set_xattr"):
        args, keywords = MORE[name]
        task = asyncio.ensure_future(getattr(rapfiles, name)("file", *args, **keywords))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert os.stat("file") == before
