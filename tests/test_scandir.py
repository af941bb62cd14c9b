"""`rapfiles.os.scandir`: entries as `os.scandir` gives them, and iterating never asks the disk."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import rapfiles.os

ODD = os.fsdecode(b"n\xffme")
WAYS: dict[str, Callable[[str], Any]] = {"str": str, "bytes": os.fsencode, "Path": Path}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with one of everything."""
    top = tmp_path / "top"
    top.mkdir()
    (top / "file").write_bytes(b"ten bytes.")
    (top / ODD).touch()
    (top / "directory").mkdir()
    (top / "to file").symlink_to("file")
    (top / "to directory").symlink_to("directory")
    (top / "to nowhere").symlink_to("gone")
    os.mkfifo(top / "pipe")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(entry: Any) -> tuple[Any, ...]:
    """All that an entry tells."""
    whose = {"follow_symlinks": False}
    itself = lasting(entry.stat(**whose))
    followed = None if entry.name in ("to nowhere", b"to nowhere") else lasting(entry.stat())
    return (
        *(entry.name, entry.path, os.fspath(entry), entry.inode(), repr(entry)),
        *(entry.is_dir(), entry.is_file(), entry.is_symlink()),
        *(entry.is_dir(**whose), entry.is_file(**whose), itself, followed),
    )


def lasting(status: os.stat_result) -> tuple[float, ...]:
    """All but the time of access, which following a link changes."""
    assert type(status) is os.stat_result
    return status[:7] + status[8:]


def all_told(entries: Any) -> list[tuple[Any, ...]]:
    return sorted((told(entry) for entry in entries), key=repr)


@pytest.mark.parametrize("path", ["top", "top/", "./top", "top/.", "top//"])
@pytest.mark.parametrize("way", WAYS)
async def test_entries_tell_what_those_of_os_tell(path: str, way: str) -> None:
    given = WAYS[way](path)
    with os.scandir(given) as theirs:
        expected = all_told(theirs)
    assert all_told(await rapfiles.os.scandir(given)) == expected
    assert len(expected) == 7


@pytest.mark.parametrize("arguments", [(), (None,), (".",)])
async def test_of_the_working_directory(arguments: tuple[Any, ...]) -> None:
    os.chdir("top")
    with os.scandir(*arguments) as theirs:
        expected = all_told(theirs)
    assert all_told(await rapfiles.os.scandir(*arguments)) == expected


@pytest.fixture
def directory() -> Iterator[int]:
    """A descriptor of the directory."""
    number = os.open("top", os.O_RDONLY)
    yield number
    os.close(number)


async def test_of_a_descriptor(directory: int) -> None:
    for _ in range(3):  # it is back at its start each time
        with os.scandir(directory) as theirs:
            expected = all_told(theirs)
        assert all_told(await rapfiles.os.scandir(directory)) == expected


async def test_as_it_is_used() -> None:
    assert len([entry.name for entry in await rapfiles.os.scandir("top")]) == 7
    with await rapfiles.os.scandir("top") as entries:
        assert len(list(entries)) == 7
    iterator = await rapfiles.os.scandir("top")
    assert os.path.exists(next(iterator))
    iterator.close()
    iterator.close()
    assert list(iterator) == []
    assert next(iterator, None) is None


async def test_with_async_for() -> None:
    found = [entry.name async for entry in await rapfiles.os.scandir("top")]
    assert sorted(found) == sorted(os.listdir("top"))
    async with await rapfiles.os.scandir("top") as entries:
        async for entry in entries:
            assert os.path.lexists(entry)
            break
    assert [entry async for entry in entries] == []
    with pytest.raises(StopAsyncIteration):
        await anext(entries)


async def test_leaving_closes_it() -> None:
    with await rapfiles.os.scandir("top") as entries:
        next(entries)
    assert list(entries) == []
    with pytest.raises(ZeroDivisionError):
        async with await rapfiles.os.scandir("top") as entries:
            raise ZeroDivisionError
    assert list(entries) == []


async def test_no_descriptor_is_left_open_by_who_forgets_to_close(no_fd_left: None) -> None:
    for _ in range(20):
        next(await rapfiles.os.scandir("top"))


async def test_an_empty_directory() -> None:
    assert list(await rapfiles.os.scandir("top/directory")) == []


async def test_many_entries() -> None:
    names = {f"{number:0150}" for number in range(3000)}
    for name in names:
        (Path("top/directory") / name).touch()
    assert {entry.name for entry in await rapfiles.os.scandir("top/directory")} == names


async def test_iterating_does_not_ask_the_disk(here: Path) -> None:
    """What was found is told even when all of it is gone."""
    iterator = await rapfiles.os.scandir("top")
    for name in os.listdir("top"):
        os.rmdir(f"top/{name}") if name == "directory" else os.unlink(f"top/{name}")
    os.rmdir("top")
    found = {entry.name: entry for entry in iterator}
    assert found["directory"].is_dir()
    assert found["to directory"].is_dir()
    assert not found["to directory"].is_dir(follow_symlinks=False)
    assert found["to file"].is_file()
    assert found["to file"].stat().st_size == 10
    assert not found["to nowhere"].is_file()
    assert found["file"].is_file()
    with pytest.raises(FileNotFoundError) as caught:
        found["file"].stat()
    assert caught.value.filename == "top/file"


async def test_metadata_are_asked_for_once() -> None:
    found = {entry.name: entry for entry in await rapfiles.os.scandir("top")}
    before = found["file"].stat()
    Path("top/file").write_bytes(b"more than ten bytes")
    assert found["file"].stat() is before
    assert found["file"].stat(follow_symlinks=False) is before
    assert (await rapfiles.os.stat(found["file"])).st_size == 19


async def test_links_that_lead_nowhere() -> None:
    os.symlink("loop", "top/loop")
    os.symlink("file/below", "top/below a file")
    with os.scandir("top") as entries:
        theirs = {entry.name: entry for entry in entries}
    async for entry in await rapfiles.os.scandir("top"):
        if not entry.is_symlink() or entry.name in ("to file", "to directory"):
            continue
        for name in ("is_dir", "is_file", "stat"):
            assert outcome(entry, name) == outcome(theirs[entry.name], name)
    assert outcome(theirs["loop"], "is_dir")[1] == errno.ELOOP


def outcome(entry: Any, method: str) -> Any:
    try:
        return getattr(entry, method)()
    except OSError as error:
        return type(error), error.errno, error.filename, str(error)


async def test_an_entry_is_what_it_is() -> None:
    entry: Any = next(await rapfiles.os.scandir("top"))
    kind = type(entry)
    for name in ("name", "path"):
        with pytest.raises(AttributeError):
            setattr(entry, name, "other")
    with pytest.raises(TypeError):
        kind()
    with pytest.raises(TypeError):
        entry.is_dir(False)
    assert entry.is_junction() is False
    assert str(kind[str]).endswith("DirEntry[str]")
    assert entry == entry
    assert len({entry, entry}) == 1


@pytest.mark.parametrize("way", WAYS)
async def test_in_an_executor(way: str, here: Path) -> None:
    """The entries are those of `os`, read there as well."""
    given = WAYS[way]("top")
    with ThreadPoolExecutor(1) as pool:
        iterator = await rapfiles.os.scandir(given, executor=pool)
        with os.scandir(given) as theirs:
            expected = all_told(theirs)
        assert all_told(iterator) == expected
        async with await rapfiles.os.scandir(given, executor=pool) as entries:
            assert len([entry async for entry in entries]) == 7
        with pytest.raises(FileNotFoundError):
            await rapfiles.os.scandir("gone", executor=pool)


async def test_several_at_once() -> None:
    many = await asyncio.gather(*(rapfiles.os.scandir("top") for _ in range(100)))
    assert [len(list(entries)) for entries in many] == [7] * 100
