"""`rapfiles.ospath`, which is also `rapfiles.os.path`: the answers of `os.path`."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import rapfiles.os
from rapfiles import ospath

ODD = os.fsdecode(b"n\xffme")
WAYS: dict[str, Callable[[str], Any]] = {"str": str, "bytes": os.fsencode, "Path": Path}
QUESTIONS = ["exists", "lexists", "isfile", "isdir", "islink", "ismount"]
VALUES = ["getsize", "getatime", "getmtime", "getctime"]
NAMES = [
    *("file", "directory", "to file", "to directory", "to nowhere", "loop", "loop/x", "gone"),
    *("pipe", "socket", ODD, f"directory/{ODD}", "file/", "directory/", "to directory/", ""),
    *("/", "/proc", "/dev/null", "/dev/shm", "/proc/self", "/proc/self/cwd", "..", "file/.."),
]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One of everything."""
    monkeypatch.chdir(tmp_path)
    Path("file").write_bytes(b"ten bytes.")
    Path(ODD).write_bytes(b"odd")
    os.mkdir("directory")
    Path("directory", ODD).touch()
    os.symlink("file", "to file")
    os.symlink("directory", "to directory")
    os.symlink("gone", "to nowhere")
    os.symlink("loop", "loop")
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
    return tmp_path


def test_os_path_is_ospath() -> None:
    assert rapfiles.os.path is ospath


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("way", WAYS)
async def test_questions(name: str, way: str) -> None:
    path = WAYS[way](name)
    for question in QUESTIONS:
        expected = getattr(os.path, question)(path)
        for _ in range(2):  # the second time more is known of the filesystem
            answer = await getattr(ospath, question)(path)
            assert answer is expected, question


@pytest.mark.parametrize("name", ["file", "directory", "to file", "pipe", "socket", ODD, "/", ".."])
@pytest.mark.parametrize("way", WAYS)
async def test_values(name: str, way: str) -> None:
    path = WAYS[way](name)
    for value in VALUES:
        expected = getattr(os.path, value)(path)
        answer = await getattr(ospath, value)(path)
        assert type(answer) is type(expected)
        assert answer == expected, value


async def test_of_an_open_file() -> None:
    with open("file") as file, open("to file") as same, open(ODD) as other:
        number = file.fileno()
        for name in ("exists", "isfile", "isdir", *VALUES):
            answer = await getattr(ospath, name)(number)
            assert answer == getattr(os.path, name)(number), name
        assert await ospath.sameopenfile(number, number) is True
        assert await ospath.sameopenfile(number, same.fileno()) is True
        assert await ospath.sameopenfile(number, other.fileno()) is False
        assert await ospath.samefile(number, "to file") is True
    for name in ("exists", "isfile", "isdir"):
        assert await getattr(ospath, name)(1_000_000) is False


@pytest.mark.parametrize("way", WAYS)
async def test_samefile(way: str) -> None:
    path = WAYS[way]
    os.link("file", "hard link")
    assert await ospath.samefile(path("file"), path("to file")) is True
    assert await ospath.samefile(path("file"), path("hard link")) is True
    assert await ospath.samefile(path("directory"), path("to directory/.")) is True
    assert await ospath.samefile(path("file"), path("directory")) is False
    assert await ospath.samefile(path("/dev/null"), path("file")) is False


@pytest.mark.parametrize(
    "path", ["file", "x/../y", "./a//b/.", "/a/../b", "//x", "", ODD, "..", "~"]
)
@pytest.mark.parametrize("way", WAYS)
async def test_abspath(path: str, way: str) -> None:
    given = WAYS[way](path)
    expected = os.path.abspath(given)
    answer = await ospath.abspath(given)
    assert (type(answer), answer) == (type(expected), expected)


@pytest.mark.parametrize(
    "path", ["file", "to file", "to nowhere", "loop/x", "to directory/..", ODD]
)
@pytest.mark.parametrize("way", WAYS)
async def test_realpath(path: str, way: str) -> None:
    given = WAYS[way](path)
    answer, expected = await ospath.realpath(given), os.path.realpath(given)
    assert (type(answer), answer) == (type(expected), expected)


async def test_realpath_may_be_strict() -> None:
    assert await ospath.realpath("to file", strict=True) == os.path.realpath("file")
    with pytest.raises(FileNotFoundError):
        await ospath.realpath("to nowhere", strict=True)


async def test_a_file_that_comes_and_goes_and_changes() -> None:
    for size in range(1, 30):
        assert await ospath.exists("new") is False
        Path("new").write_bytes(bytes(size))
        assert await ospath.getsize("new") == size
        assert await ospath.isfile("new") is True
        os.rename("new", "newer")
        assert await ospath.exists("new") is False
        os.mkdir("new")
        assert await ospath.isdir("new") is True
        os.rmdir("new")
        os.unlink("newer")


async def test_a_relative_path_begins_in_the_working_directory_of_the_moment(here: Path) -> None:
    for _ in range(3):
        assert await ospath.getsize("file") == 10
        os.chdir("directory")
        assert await ospath.exists("file") is False
        os.chdir(here)


async def test_what_the_kernel_has_in_memory_takes_no_thread() -> None:
    if not rapfiles.metrics()["now"]:
        pytest.skip("operations are not tried without a thread: RAPFILES_NOW=0")
    if "now" not in await ways("stat", lambda: rapfiles.os.stat("file")):
        pytest.skip("this filesystem can't answer without blocking")
    for name, call in {
        "stat": lambda: rapfiles.os.stat("file"),
        "exists": lambda: ospath.exists("file"),
        "isdir": lambda: ospath.isdir("directory"),
        "islink": lambda: ospath.islink("to file"),
        "getsize": lambda: ospath.getsize("to file"),
        "samefile": lambda: ospath.samefile("file", "to file"),
        "getcwd": lambda: rapfiles.os.getcwd(),
        "abspath": lambda: ospath.abspath("file"),
    }.items():
        assert await ways(name, call) == ["now"] * 10, name
    with open("file") as file:
        assert await ways("stat", lambda: rapfiles.os.stat(file.fileno())) == ["now"] * 10


async def ways(kind: str, call: Callable[[], Any]) -> list[str]:
    """How each of ten calls was answered, after a first one that may have had to learn."""
    await call()
    before = rapfiles.metrics()["kinds"][kind]
    for _ in range(10):
        await call()
    after = rapfiles.metrics()["kinds"][kind]
    return ["now"] * (after["now"] - before["now"]) + ["soon"] * (after["soon"] - before["soon"])
