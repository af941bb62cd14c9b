"""Errors of `rapfiles.os` and `rapfiles.ospath`: those of `os`, with the names that were given."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

import rapfiles.os
from as_blocking import error_of, of_blocking

ODD = os.fsdecode(b"g\xffne")


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


def model(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Ours and theirs."""
    if hasattr(rapfiles.os, name):
        return getattr(rapfiles.os, name), getattr(os, name)
    return getattr(rapfiles.os.path, name), getattr(os.path, name)


async def assert_same(name: str, *args: Any, **options: Any) -> Any:
    """The facts of the error that both raise, names included."""
    ours, theirs = model(name)
    for _ in range(2):  # the second time more is known of the filesystem
        expected = of_blocking(lambda: theirs(*args, **options))
        assert await error_of(ours(*args, **options)) == expected
    if issubclass(expected[0], OSError):
        with pytest.raises(OSError) as blocking:
            theirs(*args, **options)
        with pytest.raises(OSError) as awaited:
            await ours(*args, **options)
        for detail in ("filename", "filename2", "args"):
            mine = getattr(awaited.value, detail)
            assert mine == getattr(blocking.value, detail)
            assert type(mine) is type(getattr(blocking.value, detail))
    return expected[1]


LONG, TOO_LONG = "x" * 256, "x/" * 2048

BY_ERRNO: dict[str, list[tuple[Any, ...]]] = {
    "ENOENT": [
        *((name, "gone") for name in ("stat", "listdir", "scandir", "readlink", "statvfs")),
        *((name, "gone") for name in ("rmdir", "remove", "unlink", "removedirs", "getsize")),
        *((name, "gone") for name in ("getatime", "getmtime", "getctime")),
        *((name, "") for name in ("stat", "listdir", "scandir", "mkdir", "makedirs", "rmdir")),
        ("stat", "dangling"),
        ("mkdir", "gone/new"),
        ("rename", "gone", "new"),
        ("replace", "file", "gone/new"),
        ("renames", "gone", "new/below"),
        ("link", "gone", "new"),
        ("symlink", "file", "gone/new"),
        ("samefile", "file", "gone"),
        ("samefile", "gone", "file"),
    ],
    "EEXIST": [
        ("mkdir", "file"),
        ("mkdir", "full"),
        ("makedirs", "full"),
        ("link", "file", "full"),
        ("symlink", "x", "file"),
        ("makedirs", "dangling"),
    ],
    "ENOTDIR": [
        *((name, "file/below") for name in ("stat", "listdir", "mkdir", "remove", "rmdir")),
        ("listdir", "file"),
        ("scandir", "file"),
        ("rmdir", "file"),
        ("removedirs", "dangling"),
        ("makedirs", "file/a/b"),
        ("makedirs", "file/a", 0o777, True),
        ("rename", "empty", "file"),
    ],
    "EISDIR": [("remove", "full"), ("unlink", "empty"), ("rename", "file", "empty")],
    "ENOTEMPTY": [
        ("rmdir", "full"),
        ("removedirs", "full"),
        ("rename", "empty", "full"),
        ("renames", "empty", "full"),
    ],
    "ELOOP": [
        *((name, "loop") for name in ("stat", "listdir", "scandir", "statvfs", "getsize")),
        ("mkdir", "loop/new"),
        ("makedirs", "loop/a/new"),
    ],
    "ENAMETOOLONG": [
        *((name, LONG) for name in ("stat", "mkdir", "makedirs", "listdir", "remove", "readlink")),
        *((name, TOO_LONG) for name in ("stat", "scandir", "rmdir", "statvfs")),
        ("rename", "file", LONG),
        ("symlink", TOO_LONG, "new"),
        ("link", "file", LONG),
    ],
    "EINVAL": [
        ("readlink", "file"),
        ("readlink", "empty"),
        ("rename", "full", "full/inside"),
        ("rmdir", "."),
    ],
    "EBUSY": [("rmdir", "/proc")],
    "EXDEV": [("link", "/proc/version", "new"), ("rename", "file", "/proc/self/new")],
    "EBADF": [
        *((name, 1_000_000) for name in ("stat", "listdir", "scandir", "statvfs", "getsize")),
        ("samefile", "file", 1_000_000),
        ("sameopenfile", 0, 1_000_000),
        ("sameopenfile", 1_000_000, 0),
        ("sendfile", 1_000_000, 0, 0, 1),
    ],
}
CASES = [(code, *call) for code, calls in BY_ERRNO.items() for call in calls]


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case))[:40])
async def test_errno(case: tuple[Any, ...]) -> None:
    code, name, *args = case
    assert await assert_same(name, *args) == getattr(errno, code)


@pytest.mark.parametrize("path", ["gone", b"gone", ODD, os.fsencode(ODD), Path("gone"), "gone/"])
@pytest.mark.parametrize("name", ["stat", "listdir", "rmdir", "readlink", "statvfs", "getmtime"])
async def test_the_path_of_an_error_is_as_it_was_given(name: str, path: Any) -> None:
    assert await assert_same(name, path) == errno.ENOENT
    assert await assert_same(name, Named(os.fspath(path))) == errno.ENOENT


@pytest.mark.parametrize("name", ["rename", "replace", "link", "symlink"])
async def test_an_error_on_two_paths_names_both(name: str) -> None:
    for first, second in (("gone", b"full/new"), (b"gone", Path("full/new/x")), (Path("x"), ODD)):
        if name == "symlink":
            second = "full/inner/x"
        os.chdir("full") if second == ODD else None
        await assert_same(name, first, second if second != ODD else f"{ODD}/x")


async def test_what_is_made_on_the_way_is_named_as_the_path_is() -> None:
    for path in ("file/a/b", b"file/a/b", Path("file/a/b"), f"loop/{ODD}/b"):
        await assert_same("makedirs", path)
        await assert_same("renames", "empty", path)
    await assert_same("renames", b"empty", "file/a/b")


@pytest.fixture
def directory() -> Iterator[int]:
    """A descriptor of the full directory."""
    number = os.open("full", os.O_RDONLY)
    yield number
    os.close(number)


async def test_from_a_directory(directory: int) -> None:
    below = {"dir_fd": directory}
    for name in ("stat", "rmdir", "remove", "unlink", "readlink"):
        assert await assert_same(name, "gone", **below) == errno.ENOENT
    assert await assert_same("mkdir", "inner", **below) == errno.EEXIST
    assert await assert_same("symlink", "x", "inner", **below) == errno.EEXIST
    assert await assert_same("rename", "gone", "x", src_dir_fd=directory) == errno.ENOENT
    assert await assert_same("link", "gone", "x", src_dir_fd=directory) == errno.ENOENT


@pytest.mark.parametrize("number", [1_000_000, -1, -7])
async def test_from_a_directory_that_is_not_open(number: int) -> None:
    for name in ("stat", "rmdir", "mkdir", "readlink"):
        assert await assert_same(name, "gone", dir_fd=number) == errno.EBADF


async def test_from_what_is_no_directory() -> None:
    with open("file") as file:
        assert await assert_same("stat", "gone", dir_fd=file.fileno()) == errno.ENOTDIR
        assert await assert_same("listdir", file.fileno()) == errno.ENOTDIR
        assert await assert_same("scandir", file.fileno()) == errno.ENOTDIR


# What no system call is made for.


@pytest.mark.parametrize("path", ["a\0b", b"a\0b", Named("\0")], ids=["str", "bytes", "PathLike"])
@pytest.mark.parametrize(
    "name", [*"stat listdir scandir mkdir makedirs rmdir remove readlink statvfs getsize".split()]
)
async def test_a_nul_in_a_path(name: str, path: Any) -> None:
    await assert_same(name, path)


@pytest.mark.parametrize("name", ["exists", "isfile", "isdir", "islink", "lexists", "ismount"])
async def test_a_nul_in_a_question_is_a_no(name: str) -> None:
    assert await getattr(rapfiles.os.path, name)("a\0b") is False


MISUSES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    *((name, (None,), {}) for name in ("stat", "mkdir", "rmdir", "statvfs", "exists", "getsize")),
    *((name, (1.5,), {}) for name in ("stat", "listdir", "scandir", "readlink", "isdir")),
    *((name, (), {}) for name in ("stat", "mkdir", "makedirs", "rename", "access", "exists")),
    *((name, (3,), {}) for name in ("mkdir", "readlink", "islink", "ismount", "removedirs")),
    ("stat", ("file", None), {}),
    ("stat", ("file",), {"surprise": 1}),
    ("stat", ("file",), {"path": "file"}),
    ("stat", ("file",), {"dir_fd": "x"}),
    ("stat", ("file",), {"dir_fd": 1.0}),
    ("stat", ("file",), {"dir_fd": 1 << 70}),
    ("stat", (0,), {"dir_fd": 0}),
    ("stat", (1,), {"follow_symlinks": False}),
    ("stat", (1 << 70,), {}),
    ("mkdir", ("new", "x"), {}),
    ("mkdir", ("new", 1 << 70), {}),
    ("access", ("file", "x"), {}),
    ("access", ("file", 1 << 40), {}),
    ("getcwd", (1,), {}),
    ("rename", ("a", "b", "c"), {}),
    ("symlink", ("a", 3), {}),
    ("sendfile", (1, 0, "x", 1), {}),
    ("sendfile", (1, 0, 0), {}),
    ("sendfile", ("x", 0, 0, 1), {}),
    ("sendfile", (1, 0, 0, -1), {}),
    ("sameopenfile", ("file", "file"), {}),
    ("samefile", ("file",), {}),
    ("stat", (Named(7),), {}),  # type: ignore[arg-type]
    ("abspath", (7,), {}),
]


@pytest.mark.parametrize(("name", "args", "options"), MISUSES, ids=repr)
async def test_misuse(name: str, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    await assert_same(name, *args, **options)


async def test_what_counts_as_true_or_as_a_number() -> None:
    """Oddities that `os` takes, taken as it takes them."""
    one: Any = [1]
    assert (await rapfiles.os.stat("dangling", follow_symlinks=[])).st_size == 4  # type: ignore[arg-type]
    await rapfiles.os.makedirs("full", exist_ok=one)
    with open("file") as file:
        number: Any = type("Number", (), {"__index__": lambda self: file.fileno()})()
        assert (await rapfiles.os.stat(number)).st_ino == os.stat("file").st_ino
        assert await rapfiles.os.path.exists(number) is True


# Errors that take a process of their own.

PERMISSIONS = """
import os, sys
sys.path.append({root!r})
from compat_tests.privilege import respect_permissions
respect_permissions()
import asyncio, rapfiles, rapfiles.os

os.mkdir("closed"); open("closed/file", "w").close(); os.chmod("closed", 0)
os.mkdir("fixed"); open("fixed/file", "w").close(); os.chmod("fixed", 0o555)

CALLS = [
    ("stat", "closed/file"), ("listdir", "closed"), ("scandir", "closed"), ("mkdir", "fixed/new"),
    ("makedirs", "fixed/a/b"), ("rmdir", "closed/x"), ("remove", "fixed/file"),
    ("rename", "fixed/file", "new"), ("link", "fixed/file", "fixed/new"),
    ("symlink", "x", "fixed/new"),
    ("readlink", "closed/file"), ("statvfs", "closed/file"), ("getsize", "closed/file"),
]

def facts(error):
    return type(error), error.errno, error.filename, error.filename2, str(error)

async def main():
    for name, *args in CALLS:
        ours = getattr(rapfiles.os, name, None) or getattr(rapfiles.os.path, name)
        theirs = getattr(os, name, None) or getattr(os.path, name)
        for _ in range(2):
            try:
                theirs(*args)
                raise SystemExit(f"{{name}} may")
            except PermissionError as error:
                expected = facts(error)
            try:
                await ours(*args)
                raise SystemExit(f"{{name}} may, awaited")
            except PermissionError as error:
                assert facts(error) == expected, (facts(error), expected)
    for path in ("closed", "fixed", "closed/file", "fixed/file"):
        for mode in range(8):
            assert await rapfiles.os.access(path, mode) is os.access(path, mode)
        for name in ("exists", "isfile", "isdir", "islink", "lexists", "ismount"):
            assert await getattr(rapfiles.os.path, name)(path) is getattr(os.path, name)(path)
    os.chmod("closed", 0o755); os.chmod("fixed", 0o755)
    print("all as expected")

asyncio.run(main())
"""


def test_what_is_not_permitted(python: Callable[..., CompletedProcess[str]]) -> None:
    root = str(Path(__file__).resolve().parents[1])
    done = python(PERMISSIONS.format(root=root))
    assert done.stdout == "all as expected\n", done.stderr


TOO_MANY = """
import asyncio, errno, os, resource, rapfiles, rapfiles.os

resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

async def main():
    await rapfiles.os.listdir(".")
    held = []
    try:
        while True:
            held.append(os.open(".", os.O_RDONLY))
    except OSError as error:
        assert error.errno == errno.EMFILE
    # These hold a file open for a moment only: they wait for one to be closed, by whomever …
    listing = asyncio.gather(*(rapfiles.os.listdir("empty") for _ in range(20)))
    entries = asyncio.gather(*(rapfiles.os.scandir("empty") for _ in range(20)))
    while rapfiles.metrics()["queued"] < 40:
        await asyncio.sleep(0)
    os.close(held.pop())
    assert await listing == [[]] * 20
    assert [list(found) for found in await entries] == [[]] * 20
    held.append(os.open(".", os.O_RDONLY))
    # … but not for ever. What needs none is not affected.
    assert (await rapfiles.os.stat(".")).st_nlink
    await rapfiles.os.mkdir("new")
    try:
        await rapfiles.os.listdir("new")
    except OSError as error:
        assert (error.errno, error.filename) == (errno.EMFILE, "new")
        print("EMFILE")

asyncio.run(main())
"""


def test_too_many_open_files(python: Callable[..., CompletedProcess[str]]) -> None:
    done = python(TOO_MANY)
    assert done.stdout == "EMFILE\n", done.stderr
