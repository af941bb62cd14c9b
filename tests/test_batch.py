"""Many files in one call: results in order, errors, progress, ends before the end."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import rapfiles
from conftest import native_threads

pytestmark = pytest.mark.usefixtures("no_fd_left")

COUNT = 300


@pytest.fixture
def files(tmp_path: Path) -> dict[str, bytes]:
    """Files of many sizes, some of them larger than what is copied, and their contents."""
    folder = tmp_path / "in"
    folder.mkdir()
    contents = {
        f"{folder}/{number}": bytes([number % 251]) * (number * 37 if number % 50 else 300_000)
        for number in range(COUNT)
    }
    for path, data in contents.items():
        Path(path).write_bytes(data)
    return contents


class TestReading:
    @pytest.mark.parametrize("concurrency", [None, 1, 7])
    async def test_in_the_order_given(
        self, files: dict[str, bytes], concurrency: int | None
    ) -> None:
        backwards = list(files)[::-1]
        found = await rapfiles.read_files(backwards, concurrency=concurrency)
        assert found == [(path, files[path]) for path in backwards]
        assert await rapfiles.read_files_dict(iter(files)) == files

    async def test_paths_come_back_as_they_were_given(self, files: dict[str, bytes]) -> None:
        first = next(iter(files))
        given: list[Any] = [first, os.fsencode(first), Path(first), first]
        found = await rapfiles.read_files(given)
        assert [path for path, _ in found] == given
        assert {data for _, data in found} == {files[first]}

    async def test_none_at_all(self) -> None:
        assert await rapfiles.read_files([]) == []
        assert await rapfiles.read_files_dict([]) == {}

    async def test_files_that_hide_their_size(self) -> None:
        [(_, status), (_, version)] = await rapfiles.read_files(
            ["/proc/self/stat", "/proc/version"]
        )
        assert status.startswith(b"%d " % os.getpid())
        assert version == Path("/proc/version").read_bytes()

    async def test_the_loop_goes_on(self, tmp_path: Path) -> None:
        folder = tmp_path / "in"
        folder.mkdir()
        for number in range(2000):
            (folder / str(number)).write_bytes(b"x" * 4096)
        paths = [f"{folder}/{number}" for number in range(2000)] * 5
        turns = 0

        async def tick() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        ticker = asyncio.ensure_future(tick())
        found = await rapfiles.read_files(paths)
        ticker.cancel()
        assert len(found) == 10_000
        # Taking in so much is not the work of one turn.
        assert turns > 5


class TestWriting:
    async def test_text_and_bytes(self, tmp_path: Path) -> None:
        given: dict[Any, Any] = {
            str(tmp_path / "a"): "é\n",
            tmp_path / "b": b"bytes",
            os.fsencode(tmp_path / "c"): bytearray(b"more"),
        }
        assert await rapfiles.write_files(given) == list(zip(given, [3, 5, 4], strict=True))
        assert [(tmp_path / name).read_bytes() for name in "abc"] == [
            "é\n".encode(),
            b"bytes",
            b"more",
        ]
        assert await rapfiles.write_files([(tmp_path / "a", b"")]) == [(tmp_path / "a", 0)]
        assert (tmp_path / "a").read_bytes() == b""

    async def test_many(self, files: dict[str, bytes], tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        copies = {path.replace("/in/", "/out/"): data for path, data in files.items()}
        await rapfiles.write_files(copies)
        assert await rapfiles.read_files_dict(copies) == copies

    async def test_one_path_twice(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        with pytest.raises(ValueError, match="two of these go to"):
            await rapfiles.write_files([(str(path), b"x"), (f"{tmp_path}/a", b"y")])
        assert not path.exists()

    @pytest.mark.parametrize("wrong", [5, ("a",), ("a", 5), ("a", None), (5, b"x")])
    async def test_what_is_no_pair(
        self, wrong: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises((TypeError, ValueError)):
            await rapfiles.write_files([("b", b"x"), wrong])
        assert os.listdir(tmp_path) == []


class TestTheOthers:
    async def test_removing(self, files: dict[str, bytes], tmp_path: Path) -> None:
        assert await rapfiles.remove_files(files) == [(path, True) for path in files]
        assert os.listdir(tmp_path / "in") == []
        gone = await rapfiles.remove_files(files, missing_ok=True)
        assert gone == [(path, False) for path in files]

    async def test_metadata(self, files: dict[str, bytes], tmp_path: Path) -> None:
        found = await rapfiles.stat_files(files)
        assert found == [(path, await rapfiles.stat(path)) for path in files]
        link = tmp_path / "link"
        link.symlink_to("in")
        [(_, status)] = await rapfiles.stat_files([link], follow_symlinks=False)
        assert status.is_symlink
        assert status == await rapfiles.stat(link, follow_symlinks=False)

    @pytest.mark.parametrize("moving", [False, True])
    async def test_copying_and_moving(
        self, moving: bool, files: dict[str, bytes], tmp_path: Path
    ) -> None:
        (tmp_path / "out").mkdir()
        pairs = [(path, path.replace("/in/", "/out/")) for path in files]
        call: Any = rapfiles.move_files if moving else rapfiles.copy_files
        done = await call(pairs)
        sizes = [0 if moving else len(data) for data in files.values()]
        assert done == list(zip([target for _, target in pairs], sizes, strict=True))
        assert await rapfiles.read_files_dict(target for _, target in pairs) == {
            target: files[path] for path, target in pairs
        }
        assert len(os.listdir(tmp_path / "in")) == (0 if moving else COUNT)
        with pytest.raises(FileExistsError if not moving else FileNotFoundError):
            await call(dict(pairs), overwrite=False)
        with pytest.raises(ValueError, match="two of these go to"):
            await call([("a", "c"), ("b", "c")])


CALLS: dict[str, Callable[..., Awaitable[list[Any]]]] = {
    "read_files": rapfiles.read_files,
    "write_files": lambda paths, **how: rapfiles.write_files([(p, b"x") for p in paths], **how),
    "remove_files": rapfiles.remove_files,
    "stat_files": rapfiles.stat_files,
    "copy_files": lambda paths, **how: rapfiles.copy_files(
        [(p, os.fspath(p) + (b".c" if isinstance(p, bytes) else ".c")) for p in paths], **how
    ),
    "move_files": lambda paths, **how: rapfiles.move_files(
        [(p, os.fspath(p) + (b".m" if isinstance(p, bytes) else ".m")) for p in paths], **how
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
class TestErrors:
    async def test_the_first_is_raised_with_its_name(
        self, call: Callable[..., Awaitable[Any]], tmp_path: Path
    ) -> None:
        (tmp_path / "file").touch()
        cases: list[tuple[Any, int]] = [
            (f"{tmp_path}/absent/x", errno.ENOENT),
            ("", errno.ENOENT),
            (os.fsencode(tmp_path / "file") + b"/x", errno.ENOTDIR),
            (tmp_path / ("x" * 256), errno.ENAMETOOLONG),
        ]
        for path, expected in cases:
            with pytest.raises(OSError) as raised:
                await call([path])
            assert raised.value.errno == expected, path
            assert raised.value.filename == os.fspath(path)

    async def test_or_collected(self, call: Callable[..., Awaitable[Any]], tmp_path: Path) -> None:
        paths: list[Any] = [tmp_path / "a", tmp_path / "absent" / "b", tmp_path / "c"]
        for path in (paths[0], paths[2]):
            path.write_bytes(b"x")
        first, second, third = await call(paths, on_error="collect")
        assert isinstance(second[1], FileNotFoundError)
        assert (second[1].errno, second[1].filename) == (errno.ENOENT, str(paths[1]))
        assert not isinstance(first[1], OSError)
        assert not isinstance(third[1], OSError)

    async def test_arguments_that_make_no_sense(
        self, call: Callable[..., Awaitable[Any]], tmp_path: Path
    ) -> None:
        path = tmp_path / "file"
        path.touch()
        with pytest.raises(ValueError, match="concurrency"):
            await call([path], concurrency=0)
        with pytest.raises(ValueError, match="on_error"):
            await call([path], on_error="ignore")
        with pytest.raises(ValueError, match="null byte"):
            await call([path, "a\0b"])
        assert path.read_bytes() == b""

    async def test_progress(
        self, call: Callable[..., Awaitable[Any]], files: dict[str, bytes]
    ) -> None:
        heard: list[tuple[int, int, int]] = []

        async def progress(*numbers: int) -> None:
            heard.append(numbers)  # type: ignore[arg-type]

        await call(files, progress=progress)
        assert heard[-1][:2] == (COUNT, COUNT)
        assert heard == sorted(heard)

    async def test_what_progress_raises_ends_it(
        self, call: Callable[..., Awaitable[Any]], files: dict[str, bytes]
    ) -> None:
        def progress(*numbers: int) -> None:
            raise LookupError(numbers)

        with pytest.raises(LookupError):
            await call(files, progress=progress)

    async def test_no_time_at_all(
        self, call: Callable[..., Awaitable[Any]], files: dict[str, bytes], tmp_path: Path
    ) -> None:
        # More than one slice can do, however fast.
        with pytest.raises(TimeoutError):
            await _until_slow(lambda paths: call(paths, timeout=0), files)
        assert not list(tmp_path.rglob(".rapfiles*"))


async def _until_slow(call: Callable[[list[Any]], Awaitable[Any]], files: dict[str, bytes]) -> None:
    """Asks for more and more, since what is done within one slice is done in time."""
    paths: list[str] = list(files)
    for _ in range(4):
        folder = Path(paths[0]).parent
        more = [f"{folder}/x{len(paths)}-{number}" for number in range(3 * len(paths))]
        for path in more:
            Path(path).write_bytes(b"x")
        for path in paths:
            if not os.path.exists(path):
                Path(path).write_bytes(b"x")
        paths += more
        await call(paths)
    pytest.fail("all of it was done at once")


async def test_a_cancelled_one_goes_no_further(tmp_path: Path) -> None:
    paths = [tmp_path / str(number) for number in range(20_000)]
    begun = asyncio.Event()
    task = asyncio.ensure_future(
        rapfiles.write_files(
            ((path, b"x" * 100) for path in paths), progress=lambda *_: begun.set()
        )
    )
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    left = os.listdir(tmp_path)
    assert 0 < len(left) < len(paths)
    assert {os.path.getsize(tmp_path / name) for name in left} == {100}
    assert sorted(os.listdir(tmp_path)) == sorted(left)


async def test_few_descriptors_are_enough(files: dict[str, bytes]) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
        with pytest.raises(OSError, match="Too many open files"):
            while True:
                held.append(os.open("/dev/null", os.O_RDONLY))
        os.close(held.pop())
        assert await rapfiles.read_files_dict(files, concurrency=16) == files
        # Where there is none at all it waits for one.
        held.append(os.open("/dev/null", os.O_RDONLY))
        reading = asyncio.ensure_future(rapfiles.read_files(files))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not reading.done()
        os.close(held.pop())
        assert dict(await reading) == files
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for fd in held:
            os.close(fd)


async def test_no_descriptor_in_time_is_an_error(files: dict[str, bytes]) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = []
    await rapfiles.read_files(files)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
        with pytest.raises(OSError, match="Too many open files"):
            while True:
                held.append(os.open("/dev/null", os.O_RDONLY))
        with pytest.raises(OSError) as raised:
            await rapfiles.read_files(files, on_error="collect")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for fd in held:
            os.close(fd)
    assert raised.value.errno == errno.EMFILE
    assert raised.value.filename in files


async def test_no_more_threads_than_asked_for(files: dict[str, bytes]) -> None:
    await rapfiles.read_files(files, concurrency=1)
    before = native_threads()
    await rapfiles.read_files(list(files) * 10, concurrency=1)
    assert native_threads() <= before + 1
