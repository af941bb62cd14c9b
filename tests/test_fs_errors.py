"""Errors of operations on single paths: errno, and the names that were given."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import rapfiles

ODD = os.fsdecode(b"g\xffne")
LONG, TOO_LONG = "x" * 256, "x/" * 2048


class Named:
    """A path that has to be asked for."""

    def __init__(self, path: str | bytes) -> None:
        self.path = path

    def __fspath__(self) -> str | bytes:
        return self.path


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file, a directory that is not empty, an empty one and a link to itself, to work with."""
    (tmp_path / "file").touch()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "inner").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("gone")
    monkeypatch.chdir(tmp_path)
    return tmp_path


ONE = """
stat metadata list_dir create_dir create_dir_all remove_dir remove_file read_link canonicalize
truncate touch
""".split()
TWO = "rename replace exchange hard_link symlink".split()
QUESTIONS = "exists is_file is_dir is_symlink".split()
MORE: dict[str, tuple[Any, ...]] = {"truncate": (5,)}
# They get as far as they can.
PART_BY_PART = {"canonicalize", "create_dir_all"}
GONE = "stat metadata list_dir remove_dir remove_file read_link canonicalize truncate".split()

BY_ERRNO: dict[str, list[tuple[Any, ...]]] = {
    "ENOENT": [
        *((name, "gone") for name in GONE),
        *((name, "") for name in ONE),
        *((name, "gone/below") for name in [*GONE, "create_dir", "touch"]),
        ("stat", "dangling"),
        *((name, "gone", "new") for name in ("rename", "replace", "exchange", "hard_link")),
        *((name, "file", "gone/new") for name in TWO),
        *((name, "", "new") for name in TWO),
        *((name, "file", "") for name in TWO),
        ("exchange", "file", "gone"),
    ],
    "EEXIST": [
        ("create_dir", "file"),
        ("create_dir", "full"),
        ("create_dir", "dangling"),
        ("create_dir", "file", 0o777, True),
        ("create_dir", "dangling", 0o777, True),
        ("create_dir_all", "full", 0o777, False),
        ("create_dir_all", "file"),
        ("create_dir_all", "dangling"),
        ("hard_link", "file", "full"),
        ("symlink", "x", "file"),
        ("touch", "file", 0o666, False),
        ("touch", "full", 0o666, False),
    ],
    "ENOTDIR": [
        *((name, "file/below") for name in ONE),
        ("list_dir", "file"),
        ("remove_dir", "file"),
        ("rename", "empty", "file"),
        ("hard_link", "file", "file/x"),
        ("symlink", "x", "file/x"),
        ("exchange", "file/x", "file"),
    ],
    "EISDIR": [
        ("remove_file", "full"),
        ("rename", "file", "empty"),
        ("replace", "file", "empty"),
        ("truncate", "full"),
    ],
    "ENOTEMPTY": [
        ("remove_dir", "full"),
        ("rename", "empty", "full"),
        ("replace", "empty", "full"),
    ],
    "ELOOP": [
        *((name, "loop") for name in ("stat", "metadata", "list_dir", "canonicalize", "truncate")),
        *((name, "loop/new") for name in ONE),
        ("touch", "loop"),
        *((name, "loop/x", "new") for name in TWO if name != "symlink"),
        *((name, "file", "loop/new") for name in TWO),
    ],
    "ENAMETOOLONG": [
        *((name, LONG) for name in [*ONE, *QUESTIONS]),
        *((name, TOO_LONG) for name in [*ONE, *QUESTIONS] if name not in PART_BY_PART),
        *((name, "file", LONG) for name in TWO),
        *((name, TOO_LONG, "new") for name in TWO),
    ],
    "EINVAL": [
        ("read_link", "file"),
        ("read_link", "empty"),
        ("rename", "full", "full/inside"),
        ("exchange", "full", "full/inner"),
        ("remove_dir", "."),
    ],
    "EBUSY": [("remove_dir", "/proc")],
    "EXDEV": [(name, "/proc/version", "new") for name in TWO if name != "symlink"],
    "EPERM": [("hard_link", "full", "new")],
    "EBADF": [(name, 1_000_000) for name in ("stat", "metadata", "exists", "is_dir", "is_file")],
}


async def error_of(name: str, *args: Any) -> OSError:
    """What a call raises; the second time, when more is known of the filesystem, the same."""
    if len(args) == 1:
        args += MORE.get(name, ())
    with pytest.raises(OSError) as first:
        await getattr(rapfiles, name)(*args)
    with pytest.raises(OSError) as again:
        await getattr(rapfiles, name)(*args)
    assert first.value.args == again.value.args and type(first.value) is type(again.value)
    return first.value


@pytest.mark.parametrize("code", BY_ERRNO)
async def test_errno(code: str, no_fd_left: None) -> None:
    for name, *args in BY_ERRNO[code]:
        await check_errno(code, name, *args)


async def can(name: str) -> bool:
    """Whether the kernel and the filesystem of these tests know the operation."""
    if name != "exchange":
        return True
    for path in ("probe 1", "probe 2"):
        Path(path).touch()
    try:
        await rapfiles.exchange("probe 1", "probe 2")
    except OSError:
        return False
    finally:
        os.unlink("probe 1")
        os.unlink("probe 2")
    return True


async def check_errno(code: str, name: str, *args: Any) -> None:
    if not await can(name):
        return
    error = await error_of(name, *args)
    number = getattr(errno, code)
    assert (error.errno, error.strerror) == (number, os.strerror(number)), (name, *args)
    assert type(error) is type(OSError(number, ""))
    if code == "ENOTDIR" and name == "create_dir_all":
        assert error.filename == "file/below"
    else:
        assert error.filename == args[0]
    assert error.filename2 == (args[1] if name in TWO else None)


@pytest.mark.parametrize("path", ["gone", b"gone", ODD, os.fsencode(ODD), Path("gone"), "gone/"])
async def test_the_path_of_an_error_is_as_it_was_given(path: Any) -> None:
    plain = os.fspath(path)
    for name, given in [(name, given) for name in GONE for given in (path, Named(plain))]:
        error = await error_of(name, given)
        assert (error.errno, error.filename, type(error.filename)) == (
            *(errno.ENOENT, plain),
            type(plain),
        )


@pytest.mark.parametrize("name", TWO)
async def test_an_error_on_two_paths_names_both(name: str) -> None:
    if not await can(name):
        pytest.skip("names can't be exchanged here")
    for first, second in (
        ("gone", b"no/new"),
        (b"gone", Path("no/new/x")),
        (Path("x"), f"{ODD}/x"),
    ):
        error = await error_of(name, first, second)
        assert error.errno == errno.ENOENT
        assert (error.filename, error.filename2) == (os.fspath(first), os.fspath(second))


async def test_what_is_made_on_the_way_is_named_as_the_path_is() -> None:
    for path, named in (
        ("file/a/b", "file/a"),
        (b"file/a/b", b"file/a"),
        (Path("file/a/b"), "file/a"),
    ):
        error = await error_of("create_dir_all", path)
        assert (error.errno, error.filename) == (errno.ENOTDIR, named)


# What no system call is made for.


@pytest.mark.parametrize("path", ["a\0b", b"a\0b", Named("\0")], ids=["str", "bytes", "PathLike"])
async def test_a_nul_in_a_path(path: Any) -> None:
    for name in [*ONE, *QUESTIONS, *TWO]:
        more = ("file",) if name in TWO else MORE.get(name, ())
        with pytest.raises(ValueError, match="null"):
            await getattr(rapfiles, name)(path, *more)
        if name in TWO:
            with pytest.raises(ValueError, match="null"):
                await getattr(rapfiles, name)("file", path)


MISUSES: list[tuple[str, tuple[Any, ...], dict[str, Any], type[Exception]]] = [
    *((name, (None, *MORE.get(name, ())), {}, TypeError) for name in [*ONE, *QUESTIONS]),
    *((name, (1.5, *MORE.get(name, ())), {}, TypeError) for name in [*ONE, *QUESTIONS]),
    *((name, ("file", 3), {}, TypeError) for name in TWO),
    *((name, (), {}, TypeError) for name in [*ONE, *QUESTIONS, *TWO]),
    ("list_dir", (3,), {}, TypeError),
    ("is_symlink", (3,), {}, TypeError),
    ("stat", ("file",), {"surprise": 1}, TypeError),
    ("stat", ("file", True), {}, TypeError),
    ("stat", (1 << 70,), {}, OverflowError),
    ("stat", ("file",), {"follow_symlinks": 1}, TypeError),
    ("create_dir", ("new", "x"), {}, TypeError),
    ("create_dir", ("new", -1), {}, OverflowError),
    ("create_dir", ("new", 0o10000), {}, ValueError),
    ("create_dir_all", ("new", 0o10000), {}, ValueError),
    ("touch", ("new", 0o100644), {}, ValueError),
    ("truncate", ("file", -1), {}, ValueError),
    ("truncate", ("file", -(1 << 80)), {}, ValueError),
    ("truncate", ("file", 1 << 63), {}, OverflowError),
    ("truncate", ("file", 1.5), {}, TypeError),
    ("truncate", ("file", "5"), {}, TypeError),
    ("truncate", ("file",), {}, TypeError),
]


async def test_misuse() -> None:
    for name, args, keywords, kind in MISUSES:
        with pytest.raises(kind):
            await getattr(rapfiles, name)(*args, **keywords)
            print(name, args, keywords)
    assert sorted(os.listdir(".")) == ["dangling", "empty", "file", "full", "loop"]


AS_NOBODY = """
import asyncio, errno, os, sys
import rapfiles

rapfiles.exists  # who is nobody may not be able to import

async def refused(call, *names):
    try:
        await call
    except PermissionError as error:
        assert error.errno == errno.EACCES, error
        assert (error.filename, error.filename2) == (*names, None)[:2], error
    else:
        raise AssertionError("not refused")

async def main():
    for name in ("exists", "is_file", "is_dir", "is_symlink", "stat", "metadata", "list_dir",
                 "create_dir", "remove_dir", "remove_file", "read_link", "canonicalize", "touch"):
        for _ in range(2):
            await refused(getattr(rapfiles, name)("shut/below"), "shut/below")
    await refused(rapfiles.truncate("shut/below", 1), "shut/below")
    await refused(rapfiles.truncate("theirs", 1), "theirs")
    await refused(rapfiles.list_dir("shut"), "shut")
    await refused(rapfiles.create_dir_all("shut/a/b"), "shut/a")
    await refused(rapfiles.create_dir("new"), "new")
    await refused(rapfiles.touch("theirs"), "theirs")
    for name in ("rename", "replace", "exchange", "hard_link"):
        await refused(getattr(rapfiles, name)("shut/below", "x"), "shut/below", "x")
    await refused(rapfiles.symlink("theirs", "x"), "theirs", "x")
    assert await rapfiles.exists("theirs") and await rapfiles.is_dir("shut")

for number in map(int, sys.argv[1:]):
    os.setgid(number)
    os.setuid(number)
asyncio.run(main())
"""


def test_without_permission(here: Path) -> None:
    Path("shut").mkdir()
    Path("shut/below").touch()
    Path("theirs").touch()
    for name, mode in (("shut/below", 0o600), ("shut", 0o000), ("theirs", 0o400)):
        os.chmod(name, mode)
    script = AS_NOBODY if asyncio.run(can("exchange")) else AS_NOBODY.replace('"exchange", ', "")
    root = os.geteuid() == 0
    for place in here.parents[:2]:
        os.chmod(place, os.stat(place).st_mode | 0o055)
    os.chmod(here, 0o555)
    try:
        line = [sys.executable, "-c", script, *(["65534"] if root else [])]
        ended = subprocess.run(line, capture_output=True, text=True, timeout=60)
        assert (ended.returncode, ended.stderr) == (0, "")
    finally:
        os.chmod(here, 0o755)
        os.chmod("shut", 0o755)
