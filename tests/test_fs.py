"""What is done to single paths: it happens, whole or not at all, and answers are right."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import inspect
import os
import stat
import time
from pathlib import Path

import pytest

import rapfiles
from conftest import settles

ODD = os.fsdecode(b"g\xffne")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_fd_left: None) -> Path:
    """A file, a directory that isn't empty, and links, in the current directory."""
    (tmp_path / "file").write_text("ten bytes.")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "inner").touch()
    (tmp_path / "to file").symlink_to("file")
    (tmp_path / "to full").symlink_to("full")
    (tmp_path / "to nowhere").symlink_to("gone")
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.chdir(tmp_path)
    return tmp_path


OPERATIONS = """
canonicalize create_dir create_dir_all exchange exists hard_link is_dir is_file is_symlink list_dir
metadata read_link remove_dir remove_file rename replace stat symlink touch truncate
""".split()


@pytest.mark.parametrize("name", OPERATIONS)
def test_they_are_coroutine_functions(name: str) -> None:
    function = getattr(rapfiles, name)
    assert inspect.iscoroutinefunction(function)
    assert list(inspect.signature(function).parameters)


# Looking.


@pytest.mark.parametrize("path", ["file", "full", "to file", "to full", "to nowhere", "loop", "no"])
async def test_what_a_path_leads_to(path: str) -> None:
    for given in (path, os.fsencode(path), Path(path), f"./{path}", os.path.abspath(path)):
        for _ in range(2):  # the second time it may be answered at once
            assert await rapfiles.exists(given) is os.path.exists(path)
            assert await rapfiles.is_file(given) is os.path.isfile(path)
            assert await rapfiles.is_dir(given) is os.path.isdir(path)
            assert await rapfiles.is_symlink(given) is os.path.islink(path)
            assert await rapfiles.exists(given, follow_symlinks=False) is os.path.lexists(path)
            itself = os.path.lexists(path) and not os.path.islink(path)
            for ask, expected in [
                (rapfiles.is_file, os.path.isfile),
                (rapfiles.is_dir, os.path.isdir),
            ]:
                assert await ask(given, follow_symlinks=False) is (itself and expected(path))


async def test_descriptors_are_looked_at_too() -> None:
    with open("file", "rb") as file:
        assert (await rapfiles.stat(file.fileno())).size == 10
        assert await rapfiles.is_file(file.fileno()) and not await rapfiles.is_dir(file.fileno())


@pytest.mark.parametrize("name", ["exists", "is_file", "is_dir", "is_symlink"])
async def test_what_is_below_a_file_or_in_a_circle_is_not_there(name: str) -> None:
    for path in ("", "file/below", "loop/below", "gone/below", ODD):
        assert await getattr(rapfiles, name)(path) is False


async def test_what_is_in_memory_is_answered_at_once() -> None:
    if not rapfiles.metrics()["now"]:
        pytest.skip("attempts are turned off")
    names = ("exists", "is_file", "is_dir", "is_symlink", "stat", "metadata")
    await rapfiles.stat("file")  # now the filesystem is known
    before = {name: rapfiles.metrics()["kinds"][name]["now"] for name in names}
    for name in names:
        await getattr(rapfiles, name)("file")
    after = {name: rapfiles.metrics()["kinds"][name]["now"] for name in names}
    if after == before:
        pytest.skip("this filesystem answers nothing at once")
    assert after == {name: count + 1 for name, count in before.items()}


# Directories.


async def test_making_and_removing_a_directory() -> None:
    await rapfiles.create_dir("new", 0o700)
    assert stat.S_IMODE(os.stat("new").st_mode) == 0o700
    await rapfiles.create_dir(Path("new"), exist_ok=True)
    await rapfiles.create_dir("to full", exist_ok=True)
    await rapfiles.remove_dir(b"new")
    assert not os.path.exists("new")
    await rapfiles.remove_dir("new", missing_ok=True)


async def test_making_all_directories_on_the_way() -> None:
    await rapfiles.create_dir_all("a/b/./c/", 0o700)
    assert stat.S_IMODE(os.stat("a/b/c").st_mode) == 0o700
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(os.stat("a/b").st_mode) == 0o777 & ~umask
    await rapfiles.create_dir_all("a/b/c")
    await rapfiles.create_dir_all("to full/d")
    assert os.path.isdir("full/d")


async def test_many_make_one_tree_at_once() -> None:
    await asyncio.gather(*(rapfiles.create_dir_all("a/b/c/d/e") for _ in range(50)))
    assert os.path.isdir("a/b/c/d/e")


async def test_names_in_a_directory() -> None:
    names = ["file", "full", "loop", "to file", "to full", "to nowhere"]
    assert sorted(await rapfiles.list_dir(".")) == names
    assert sorted(await rapfiles.list_dir(Path.cwd())) == names
    assert await rapfiles.list_dir(b"to full") == [b"inner"]
    Path("full", ODD).touch()
    assert set(await rapfiles.list_dir("full")) == {"inner", ODD}
    assert set(await rapfiles.list_dir(b"full")) == {b"inner", b"g\xffne"}
    os.mkdir("many")
    for number in range(800):
        Path("many", f"a name that is not so short {number}").touch()
    assert sorted(await rapfiles.list_dir("many")) == sorted(os.listdir("many"))


# Names.


async def test_renaming() -> None:
    await rapfiles.rename("file", ODD)
    assert not os.path.exists("file") and Path(ODD).read_text() == "ten bytes."
    Path("other").write_text("other")
    await rapfiles.rename(os.fsencode(ODD), Path("other"))
    assert Path("other").read_text() == "ten bytes."
    os.mkdir("empty")
    await rapfiles.rename("full", "empty")
    assert os.listdir("empty") == ["inner"]


async def test_renaming_to_a_name_that_is_taken() -> None:
    Path("other").write_text("other")
    with pytest.raises(FileExistsError):
        await rapfiles.rename("file", "other", overwrite=False)
    assert Path("file").read_text() == "ten bytes." and Path("other").read_text() == "other"
    await rapfiles.rename("file", "free", overwrite=False)
    assert Path("free").read_text() == "ten bytes."
    await rapfiles.replace("free", "other")
    assert Path("other").read_text() == "ten bytes."


async def test_one_of_many_gets_a_new_name() -> None:
    for number in range(50):
        Path(f"from {number}").write_text(str(number))
    tasks = [rapfiles.rename(f"from {n}", "to", overwrite=False) for n in range(50)]
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    winner = outcomes.index(None)
    assert [type(outcome) for outcome in outcomes].count(FileExistsError) == 49
    assert Path("to").read_text() == str(winner)


async def test_two_names_change_places() -> None:
    try:
        await rapfiles.exchange("file", "full")
    except OSError as error:
        if error.errno not in (errno.ENOSYS, errno.EPERM, errno.EINVAL):
            raise
        pytest.skip(f"names can't be exchanged here: {error}")
    assert Path("full").read_text() == "ten bytes." and os.listdir("file") == ["inner"]
    await rapfiles.exchange("to nowhere", b"full")
    assert Path("to nowhere").read_text() == "ten bytes." and os.readlink("full") == "gone"


async def test_links() -> None:
    await rapfiles.hard_link("file", "hard")
    assert os.path.samefile("hard", "file")
    await rapfiles.hard_link("to file", "link to file")
    assert os.readlink("link to file") == "file"
    await rapfiles.hard_link("to file", "file itself", follow_symlinks=True)
    assert (await rapfiles.stat("file itself", follow_symlinks=False)).nlink == 3
    await rapfiles.symlink(f"some/{ODD}", "soft")
    assert await rapfiles.read_link("soft") == f"some/{ODD}"
    assert await rapfiles.read_link(b"soft") == b"some/g\xffne"
    await rapfiles.symlink("x" * 4_000, "far")
    assert await rapfiles.read_link(Path("far")) == "x" * 4_000


async def test_what_a_path_is_really_called(here: Path) -> None:
    for path in (".", "file", "to full/inner", "full/../to file", "./to full/.."):
        assert await rapfiles.canonicalize(path) == os.path.realpath(path)
        assert await rapfiles.canonicalize(os.fsencode(path)) == os.fsencode(os.path.realpath(path))
    Path(ODD).touch()
    assert await rapfiles.canonicalize(ODD) == os.path.realpath(ODD)


async def test_removing_files() -> None:
    await rapfiles.remove_file("to full")
    assert os.path.isdir("full") and not os.path.lexists("to full")
    await rapfiles.remove_file(b"file")
    await rapfiles.remove_file("file", missing_ok=True)
    with pytest.raises(NotADirectoryError):
        await rapfiles.remove_file("full/inner/below", missing_ok=True)


# Contents.


@pytest.mark.parametrize("size", [0, 3, 10, 1_000_000, 1 << 40])
async def test_the_size_of_a_file(size: int) -> None:
    await rapfiles.truncate("to file", size)
    assert os.stat("file").st_size == size
    with open("file", "rb") as file:
        assert file.read(20) == b"ten bytes."[:size] + bytes(min(20, size) - min(10, size))


async def test_touching() -> None:
    os.utime("file", (1, 2))
    before = time.time() - 0.1  # the kernel's clock for files is a coarse one
    await rapfiles.touch("to file")
    assert min(os.stat("file").st_atime, os.stat("file").st_mtime) >= before
    assert Path("file").read_text() == "ten bytes."
    await rapfiles.touch("new", 0o640)
    assert os.stat("new").st_size == 0 and stat.S_IMODE(os.stat("new").st_mode) == 0o640
    await rapfiles.touch("full")
    await rapfiles.touch("to nowhere")
    assert os.path.isfile("gone")
    os.mkfifo("fifo")
    await asyncio.wait_for(rapfiles.touch("fifo"), 30)
    with pytest.raises(FileExistsError):
        await rapfiles.touch("file", exist_ok=False)
    await rapfiles.touch("newer", exist_ok=False)


# Cancelling.


async def test_what_is_cancelled_before_it_began_never_happens() -> None:
    calls = [
        rapfiles.create_dir("new"),
        rapfiles.rename("file", "new"),
        rapfiles.remove_file("file"),
        rapfiles.touch("new"),
        rapfiles.truncate("file", 0),
    ]
    for call in calls:
        task = asyncio.ensure_future(call)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not os.path.exists("new") and Path("file").read_text() == "ten bytes."


async def test_what_is_cancelled_later_happens_whole_or_not() -> None:
    for number in range(200):
        os.mkdir(f"old {number}")
        task = asyncio.ensure_future(rapfiles.rename(f"old {number}", f"new {number}"))
        for _ in range(number % 3):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert settles(lambda: rapfiles.metrics()["queued"], 0) == 0
    for number in range(200):
        names = [name for name in (f"old {number}", f"new {number}") if os.path.isdir(name)]
        assert len(names) == 1
