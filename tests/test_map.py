"""Files in memory."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rapfiles
from rapfiles import map_file

DATA = bytes(range(256)) * 5_000

BOTH = pytest.mark.parametrize("shared", [False, True])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(DATA)
    return path


class TestReading:
    @BOTH
    async def test_it_is_what_the_file_is(self, file: Path, shared: bool, no_fd_left: None) -> None:
        async with map_file(file, unsafe_shared=shared) as m:
            assert len(m) == len(DATA) and m.shared is shared and not m.closed
            assert m[:] == bytes(m) == DATA
            assert (m[3], m[-1], m[2:5], m[-3:]) == (3, 255, b"\2\3\4", DATA[-3:])
            assert m[10:2:-3] == DATA[10:2:-3] and m[5:2] == b""
            assert await m.read(250, 10) == DATA[250:260]
            assert await m.read(len(DATA) - 1, 10) == b"\xff"
            assert await m.read(len(DATA) + 1, 10) == b""
            assert re.search(rb"\xff\x00\x01", m)
            await m.load()
            with pytest.raises(IndexError):
                m[len(DATA)]
        assert m.closed

    @BOTH
    @pytest.mark.parametrize(("offset", "length"), [(0, 1), (4096, 100), (5_000, None), (1, 0)])
    async def test_a_part(self, file: Path, shared: bool, offset: int, length: int | None) -> None:
        m = await map_file(file, offset=offset, length=length, unsafe_shared=shared)
        expected = DATA[offset:] if length is None else DATA[offset : offset + length]
        assert m[:] == bytes(memoryview(m)) == await m.read(0, len(DATA)) == expected
        await m.close()

    @BOTH
    async def test_an_empty_file(self, tmp_path: Path, shared: bool) -> None:
        tmp_path.joinpath("empty").touch()
        async with map_file(tmp_path / "empty", unsafe_shared=shared) as m:
            assert (len(m), m[:], bytes(m), await m.find(b"a")) == (0, b"", b"", -1)
            assert await m.find(b"") == 0

    @BOTH
    async def test_what_others_do(self, file: Path, shared: bool) -> None:
        async with map_file(file, unsafe_shared=shared) as m:
            with file.open("r+b") as f:
                f.write(b"new")
                f.seek(0, os.SEEK_END)
                f.write(b"more")
            assert len(m) == len(DATA)
            assert m[:3] == (b"new" if shared else b"\0\1\2")
            file.write_bytes(b"short")
            assert m[:] == (b"short" if shared else DATA)
            assert await m.find(b"\xff") == (-1 if shared else 255)
            await m.load()

    async def test_progress(self, file: Path) -> None:
        told: list[tuple[int, int, int]] = []
        await map_file(file, progress=lambda *how_far: told.append(how_far))
        assert told[-1] == (len(DATA), len(DATA), len(DATA))


class TestFind:
    @BOTH
    async def test_across_blocks(self, tmp_path: Path, shared: bool) -> None:
        for place in ((1 << 20) - 3, (1 << 20) - 1, 1 << 20, (2 << 20) + 5):
            data = bytearray((2 << 20) + 20)
            data[place : place + 6] = b"needle"
            tmp_path.joinpath("file").write_bytes(data)
            async with map_file(tmp_path / "file", unsafe_shared=shared) as m:
                assert await m.find(b"needle") == place
                assert await m.find(b"needle", place + 1) == -1
                assert await m.find(b"needle", 0, place + 5) == -1
                assert await m.find(memoryview(b"needle"), place, place + 6) == place


@BOTH
@given(data=st.binary(max_size=60), sub=st.binary(max_size=3), start=st.integers(0, 70))
async def test_find_is_that_of_bytes(
    tmp_path_factory: pytest.TempPathFactory, shared: bool, data: bytes, sub: bytes, start: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "find"
    path.write_bytes(data)
    async with map_file(path, unsafe_shared=shared) as m:
        assert await m.find(sub, start) == data.find(sub, start)
        assert await m.find(sub, 1, start) == data.find(sub, 1, start)


class TestClosing:
    async def test_not_while_there_are_views(self, file: Path, no_fd_left: None) -> None:
        m = await map_file(file)
        view = memoryview(m)
        assert view.readonly and view[1] == 1
        with pytest.raises(BufferError, match="exported"):
            await m.close()
        assert view[255] == 255 and m[1] == 1
        view.release()
        await m.close()
        await m.close()

    async def test_a_closed_one(self, file: Path) -> None:
        m = await map_file(file)
        await m.close()
        for use in (lambda: m[0], lambda: len(m), lambda: m.read(0, 1), lambda: m.find(b"a")):
            with pytest.raises(ValueError, match="closed"):
                use()
        with pytest.raises(ValueError, match="closed"):
            memoryview(m)
        assert "closed" in repr(m)

    @BOTH
    async def test_nobody_has_it_any_more(self, file: Path, shared: bool, no_fd_left: None) -> None:
        view = memoryview(await map_file(file, unsafe_shared=shared))
        assert view[7] == 7

    async def test_closing_while_it_is_read(self, file: Path) -> None:
        m = await map_file(file)
        read = asyncio.ensure_future(m.read(0, len(DATA)))
        await asyncio.sleep(0)
        await m.close()
        assert await read == DATA

    async def test_cancelling(self, tmp_path: Path, no_fd_left: None) -> None:
        with tmp_path.joinpath("sparse").open("wb") as f:
            f.truncate(1 << 30)
        begun = asyncio.Event()
        work = map_file(tmp_path / "sparse", progress=lambda *_: begun.set())

        async def bring() -> None:
            await work

        task = asyncio.create_task(bring())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


class TestErrors:
    async def test_what_is_no_file(self, tmp_path: Path, no_fd_left: None) -> None:
        os.mkfifo(tmp_path / "fifo")
        for path, number in [
            (tmp_path / "missing", errno.ENOENT),
            (tmp_path, errno.EISDIR),
            (tmp_path / "fifo", errno.ENODEV),
            (Path("/dev/null"), errno.ENODEV),
        ]:
            with pytest.raises(OSError) as failure:
                await map_file(path)
            assert (failure.value.errno, failure.value.filename) == (number, str(path))

    @BOTH
    async def test_what_is_no_part(self, file: Path, shared: bool, no_fd_left: None) -> None:
        for part in [(len(DATA) + 1, None), (1, len(DATA)), (0, 1 << 62), (1 << 62, None)]:
            with pytest.raises(ValueError, match="no such part"):
                await map_file(file, offset=part[0], length=part[1], unsafe_shared=shared)
        wrongs: list[Any] = [{"offset": -1}, {"length": -1}, {"limit": -1}]
        for wrong in wrongs:
            with pytest.raises(ValueError, match="negative"):
                map_file(file, **wrong)

    async def test_too_large_for_a_copy(self, file: Path) -> None:
        with pytest.raises(OSError) as failure:
            await map_file(file, limit=len(DATA) - 1)
        assert (failure.value.errno, failure.value.filename) == (errno.EFBIG, str(file))
        async with map_file(file, limit=len(DATA)) as m:
            assert m[:] == DATA

    async def test_nul_in_a_path(self) -> None:
        with pytest.raises(ValueError, match="null byte"):
            await map_file("a\0b")


PROGRAM = """
import asyncio, subprocess, sys
import rapfiles

async def main(how):
    size = 3_000_000
    with open("file", "wb") as f:
        f.write(b"x" * size)
    async with rapfiles.map_file("file", unsafe_shared=how != "copy") as m:
        cut = "import os; os.truncate('file', 5000)"
        subprocess.run([sys.executable, "-c", cut], check=True)
        if how != "slices":
            print(memoryview(m)[size - 1])
            return
        await m.load()
        print(len(m[:]), len(await m.read(4_990, 100)), await m.find(b"y"), m[4_999])
        try:
            m[5_000]
        except IndexError as error:
            print(error)

asyncio.run(main(sys.argv[1]))
"""


class TestCutShortByAnotherProcess:
    def test_a_copy_stays(self, python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
        done = python(PROGRAM, "copy")
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{ord('x')}\n", "")

    def test_a_shared_one_gives_what_is_left(
        self, python: Callable[..., subprocess.CompletedProcess[str]]
    ) -> None:
        done = python(PROGRAM, "slices")
        expected = f"5000 10 -1 {ord('x')}\nthe file is shorter by now\n"
        assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")

    def test_the_buffer_of_a_shared_one_is_what_its_name_says(
        self, python: Callable[..., subprocess.CompletedProcess[str]]
    ) -> None:
        assert python(PROGRAM, "buffer").returncode == -signal.SIGBUS


def test_it_says_what_it_is(file: Path) -> None:
    async def show() -> str:
        async with map_file(str(file)) as m:
            assert isinstance(m, rapfiles.MappedFile)
            return repr(m)

    assert asyncio.run(show()) == f"<rapfiles.MappedFile of {str(file)!r}, {len(DATA)} bytes>"
