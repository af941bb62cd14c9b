"""Atomic writes: old or new, whole, and nothing left over."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rapfiles

Durability = Literal["full", "rename", "none"]
QUICK: Durability = "none"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A file alone in its directory."""
    path = tmp_path / "target"
    path.write_bytes(b"old")
    return path


@pytest.fixture
def loop_of_model() -> Iterator[asyncio.AbstractEventLoop]:
    """One for all examples."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(directory: Path) -> list[str]:
    return sorted(os.listdir(directory))


# What is written.


@pytest.mark.parametrize("durability", ["full", "rename", "none"])
async def test_text_and_bytes(target: Path, durability: Durability, no_fd_left: None) -> None:
    assert await rapfiles.atomic_write_file(target, "grün", durability=durability) == 5
    assert target.read_bytes() == "grün".encode()
    assert await rapfiles.atomic_write_file_bytes(target, b"new", durability=durability) == 3
    assert target.read_bytes() == b"new"
    assert names(target.parent) == ["target"]


async def test_encodings(target: Path) -> None:
    await rapfiles.atomic_write_file(target, "grün", "latin-1", durability=QUICK)
    assert target.read_bytes() == b"gr\xfcn"
    await rapfiles.atomic_write_file(target, "€", "latin-1", "replace", durability=QUICK)
    assert target.read_bytes() == b"?"
    await rapfiles.atomic_write_file(target, "\udcff", "utf-8", "surrogateescape", durability=QUICK)
    assert target.read_bytes() == b"\xff"
    with pytest.raises(UnicodeEncodeError):
        await rapfiles.atomic_write_file(target, "\udcff")
    with pytest.raises(LookupError):
        await rapfiles.atomic_write_file(target, "x", "no such")
    assert target.read_bytes() == b"\xff"


@pytest.mark.parametrize("data", [bytearray(b"abc"), memoryview(b"abc"), b"", bytes(5 << 20)])
async def test_any_buffer(target: Path, data: Any) -> None:
    assert await rapfiles.atomic_write_file_bytes(target, data, durability=QUICK) == len(data)
    assert target.read_bytes() == bytes(data)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.binary(max_size=20_000)), max_size=8),
)
def test_a_model(
    loop_of_model: asyncio.AbstractEventLoop, tmp_path: Path, writes: list[tuple[bool, bool, bytes]]
) -> None:
    """Writes that may and may not replace, against a dict."""
    there = {name: (tmp_path / name) for name in "ab"}
    for path in there.values():
        path.unlink(missing_ok=True)
    model: dict[str, bytes] = {}

    async def play() -> None:
        for first, overwrite, data in writes:
            name = "a" if first else "b"
            write = rapfiles.atomic_write_file_bytes(
                there[name], data, overwrite=overwrite, durability=QUICK
            )
            if name in model and not overwrite:
                with pytest.raises(FileExistsError):
                    await write
            else:
                assert await write == len(data)
                model[name] = data

    loop_of_model.run_until_complete(play())
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == model


# What it keeps.


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o440, 0o400])
async def test_a_file_keeps_its_mode(target: Path, mode: int) -> None:
    target.chmod(mode)
    await rapfiles.atomic_write_file(target, "new", durability=QUICK)
    assert mode_of(target) == mode


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002, 0o000])
async def test_a_new_file_has_the_usual_mode(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        await rapfiles.atomic_write_file(tmp_path / "new", "text", durability=QUICK)
        (tmp_path / "usual").touch()
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "new") == mode_of(tmp_path / "usual") == 0o666 & ~umask


@pytest.mark.parametrize("name", ["target", "new"])
async def test_a_mode_that_is_asked_for(target: Path, name: str) -> None:
    await rapfiles.atomic_write_file(target.with_name(name), "x", mode=0o4751, durability=QUICK)
    assert mode_of(target.with_name(name)) == 0o4751


async def test_rights_of_another_user_are_lost_as_by_a_write(target: Path) -> None:
    target.chmod(0o6755)
    await rapfiles.atomic_write_file(target, "new", durability=QUICK)
    assert mode_of(target) == 0o755


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no extended attributes here")
async def test_extended_attributes(target: Path) -> None:
    try:
        os.setxattr(target, "user.origin", b"somewhere")
    except OSError as error:
        pytest.skip(f"no extended attributes on this filesystem: {error}")
    await rapfiles.atomic_write_file(target, "new", keep_xattrs=True, durability=QUICK)
    assert os.getxattr(target, "user.origin") == b"somewhere"
    await rapfiles.atomic_write_file(target, "newer", durability=QUICK)
    assert os.listxattr(target) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
async def test_the_owner(target: Path) -> None:
    os.chown(target, 1234, 2345)
    await rapfiles.atomic_write_file(target, "new", keep_owner=True, durability=QUICK)
    assert (target.stat().st_uid, target.stat().st_gid) == (1234, 2345)
    await rapfiles.atomic_write_file(target, "newer", durability=QUICK)
    assert (target.stat().st_uid, target.stat().st_gid) == (os.geteuid(), os.getegid())


async def test_other_names_of_the_file_keep_what_they_have(target: Path) -> None:
    os.link(target, target.with_name("other"))
    await rapfiles.atomic_write_file(target, "new", durability=QUICK)
    assert target.with_name("other").read_bytes() == b"old"


# Links.


async def test_links_are_written_through(target: Path) -> None:
    below = target.parent / "below"
    below.mkdir()
    below.joinpath("one").symlink_to("../target")
    target.with_name("two").symlink_to(below / "one")
    await rapfiles.atomic_write_file(target.with_name("two"), "new", durability=QUICK)
    assert target.read_bytes() == b"new"
    assert target.with_name("two").is_symlink() and below.joinpath("one").is_symlink()
    assert names(below) == ["one"]


async def test_a_link_that_leads_nowhere_gets_a_file(tmp_path: Path) -> None:
    tmp_path.joinpath("link").symlink_to("nothing yet")
    await rapfiles.atomic_write_file(tmp_path / "link", "new", durability=QUICK)
    assert tmp_path.joinpath("nothing yet").read_bytes() == b"new"
    assert names(tmp_path) == ["link", "nothing yet"]


async def test_a_link_is_replaced_if_asked(target: Path) -> None:
    link = target.with_name("link")
    link.symlink_to("target")
    await rapfiles.atomic_write_file(link, "new", follow_symlinks=False, durability=QUICK)
    assert not link.is_symlink() and link.read_bytes() == b"new"
    assert target.read_bytes() == b"old"


@pytest.mark.parametrize("leads_to", ["target", "nowhere"])
async def test_a_link_is_not_overwritten_either(target: Path, leads_to: str) -> None:
    target.with_name("link").symlink_to(leads_to)
    with pytest.raises(FileExistsError):
        await rapfiles.atomic_write_file(target.with_name("link"), "new", overwrite=False)
    assert names(target.parent) == ["link", "target"]


# Errors.

Prepare = Callable[[Path], object]


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


ERRORS: dict[str, tuple[Prepare, dict[str, Any], int]] = {
    "directory": (Path.mkdir, {}, errno.EISDIR),
    "link loop": (_loop, {}, errno.ELOOP),
    "fifo": (os.mkfifo, {}, errno.EOPNOTSUPP),
    "exists": (Path.touch, {"overwrite": False}, errno.EEXIST),
    "no directory": (lambda path: os.rmdir(path.parent), {}, errno.ENOENT),
}


@pytest.mark.parametrize("case", ERRORS)
async def test_errors(case: str, tmp_path: Path, no_fd_left: None) -> None:
    prepare, options, number = ERRORS[case]
    path = tmp_path / "below" / "path"
    path.parent.mkdir()
    prepare(path)
    before = names(path.parent) if path.parent.exists() else None
    for given_path in (str(path), os.fsencode(path)):
        with pytest.raises(OSError) as caught:
            await rapfiles.atomic_write_file(given_path, "new", **options)
        assert (caught.value.errno, caught.value.filename) == (number, given_path)
    assert before is None or names(path.parent) == before


@pytest.mark.parametrize(("tail", "number"), [("", errno.ENOTDIR), ("/", errno.ENOTDIR)])
async def test_a_file_is_no_directory(target: Path, tail: str, number: int) -> None:
    path = f"{target}/x" if not tail else f"{target}{tail}"
    with pytest.raises(NotADirectoryError) as caught:
        await rapfiles.atomic_write_file(path, "new")
    assert (caught.value.errno, caught.value.filename) == (number, path)


async def test_a_device_is_not_replaced() -> None:
    with pytest.raises(OSError) as caught:
        await rapfiles.atomic_write_file("/dev/null", "new")
    assert caught.value.errno == errno.EOPNOTSUPP
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"durability": "some"}, ValueError, "durability.*'some'"),
        ({"mode": 0o10000}, ValueError, "0o7777"),
        ({"mode": -1}, ValueError, "0o7777"),
        ({"mode": "rw"}, TypeError, "."),
        ({"overwrite": None}, TypeError, "."),
    ],
)
async def test_bad_options(
    target: Path, options: dict[str, Any], kind: type[Exception], words: str
) -> None:
    for write, data in ((rapfiles.atomic_write_file, "x"), (rapfiles.atomic_write_file_bytes, b"")):
        call: Any = write
        with pytest.raises(kind, match=words):
            await call(target, data, **options)
    assert target.read_bytes() == b"old"


async def test_bad_data(target: Path) -> None:
    text: Any = rapfiles.atomic_write_file
    with pytest.raises(TypeError):
        await text(target, b"bytes")
    data: Any = rapfiles.atomic_write_file_bytes
    with pytest.raises(TypeError):
        await data(target, "text")
    with pytest.raises(BufferError):
        await data(target, memoryview(b"abcd")[::2])
    assert target.read_bytes() == b"old"


# Many at once, and none to its end.


async def test_a_hundred_writers_of_one_path(target: Path, no_fd_left: None) -> None:
    contents = [bytes([n]) * 10_000 for n in range(100)]
    writes = (rapfiles.atomic_write_file_bytes(target, data, durability=QUICK) for data in contents)
    await asyncio.gather(*writes)
    assert target.read_bytes() in contents
    assert names(target.parent) == ["target"]


async def test_one_of_many_makes_the_file(tmp_path: Path) -> None:
    write = rapfiles.atomic_write_file
    writes = (write(tmp_path / "new", str(n), overwrite=False, durability=QUICK) for n in range(50))
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["FileExistsError"] * 49 + ["int"]
    assert results[int((tmp_path / "new").read_text())] in (1, 2)
    assert names(tmp_path) == ["new"]


async def test_readers_see_one_or_the_other(target: Path) -> None:
    sizes = {3}

    async def write() -> None:
        for n in range(100):
            sizes.add(n * 1000)
            await rapfiles.atomic_write_file_bytes(
                target, bytes([n]) * (n * 1000), durability=QUICK
            )

    writing = asyncio.ensure_future(write())
    while not writing.done():
        data = await rapfiles.read_file_bytes(target)
        assert (len(data) in sizes and len(set(data)) <= 1) or data == b"old"
    await writing


async def test_cancelled_writes_are_whole_or_absent(target: Path, no_fd_left: None) -> None:
    chance = random.Random(6)
    written = {b"old"}
    for n in range(150):
        data = bytes([n]) * chance.randrange(100_000)
        written.add(data)
        task = asyncio.ensure_future(
            rapfiles.atomic_write_file_bytes(target, data, durability=QUICK)
        )
        await asyncio.sleep(chance.random() / 2000)
        task.cancel()
        await asyncio.wait([task])
        assert target.read_bytes() in written
    for _ in range(1000):
        if names(target.parent) == ["target"]:
            return
        await asyncio.sleep(0.01)  # what was under way ends by itself
    raise AssertionError(names(target.parent))


# Moves.


@pytest.mark.parametrize("durability", ["full", "rename", "none"])
async def test_a_move(target: Path, durability: Durability, no_fd_left: None) -> None:
    below = target.parent / "below"
    below.mkdir()
    below.joinpath("there").touch()
    await rapfiles.atomic_move_file(target, below / "there", durability=durability)
    assert below.joinpath("there").read_bytes() == b"old"
    await rapfiles.atomic_move_file(below / "there", below / "new", durability=durability)
    assert (names(target.parent), names(below)) == (["below"], ["new"])


async def test_a_move_that_replaces_nothing(target: Path) -> None:
    other = target.with_name("other")
    other.touch()
    with pytest.raises(FileExistsError) as caught:
        await rapfiles.atomic_move_file(target, other, overwrite=False)
    assert (caught.value.filename, caught.value.filename2) == (str(target), str(other))
    await rapfiles.atomic_move_file(target, target.with_name("free"), overwrite=False)
    assert names(target.parent) == ["free", "other"]


async def test_a_link_is_moved_as_such(target: Path) -> None:
    target.with_name("link").symlink_to("target")
    await rapfiles.atomic_move_file(target.with_name("link"), target.with_name("moved"))
    assert os.readlink(target.with_name("moved")) == "target"


@pytest.mark.parametrize(
    ("source", "to", "number"),
    [
        ("missing", "new", errno.ENOENT),
        ("target", "missing/new", errno.ENOENT),
        ("target", "below", errno.EISDIR),
        ("target", "target/new", errno.ENOTDIR),
    ],
)
async def test_errors_of_moves(
    target: Path, source: str, to: str, number: int, no_fd_left: None
) -> None:
    target.with_name("below").mkdir()
    src, dst = str(target.with_name(source)), str(target.parent / to)
    with pytest.raises(OSError) as caught:
        await rapfiles.atomic_move_file(src, dst)
    assert (caught.value.errno, caught.value.filename, caught.value.filename2) == (number, src, dst)
    assert names(target.parent) == ["below", "target"]


async def test_no_move_between_filesystems(target: Path) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == target.stat().st_dev:
        pytest.skip("only one filesystem to be found here")
    with pytest.raises(OSError) as caught:
        await rapfiles.atomic_move_file(target, other / f"rapfiles-{os.getpid()}")
    assert caught.value.errno == errno.EXDEV
    assert target.read_bytes() == b"old"
    with pytest.raises(ValueError, match="durability"):
        await rapfiles.atomic_move_file(target, target, durability="all")  # type: ignore[arg-type]
