"""Whole files: the end of one, parts of one, and what comes or goes piece by piece."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import io
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rapfiles

pytestmark = pytest.mark.usefixtures("no_fd_left")

CONTENT = bytes(range(256)) * 8192  # 2 MiB


@pytest.fixture
def big(tmp_path: Path) -> Path:
    path = tmp_path / "big"
    path.write_bytes(CONTENT)
    return path


async def as_stream(path: Any) -> list[bytes]:
    return await rapfiles.read_file_chunked(path)


READERS: dict[str, Callable[[Any], Any]] = {
    "read_range": lambda path: rapfiles.read_range(path, 0, 10),
    "read_ranges": lambda path: rapfiles.read_ranges(path, [(0, 10), (5, 10)]),
    "read_file_chunked": lambda path: as_stream(path),
    "read_lines": lambda path: _all(rapfiles.read_lines(path)),
    "read_lines of a codec": lambda path: _all(rapfiles.read_lines(path, "utf-16")),
    "read_lines_bytes": lambda path: _all(rapfiles.read_lines_bytes(path)),
}
WRITERS: dict[str, Callable[[Any], Any]] = {
    "append_file": lambda path: rapfiles.append_file(path, b"x"),
    "write_file_chunked": lambda path: rapfiles.write_file_chunked(path, [b"x"]),
    "write_file_chunked of nothing": lambda path: rapfiles.write_file_chunked(path, []),
}


async def _all(stream: rapfiles.Stream[Any]) -> list[Any]:
    return await stream


class TestErrors:
    @pytest.mark.parametrize("call", (READERS | WRITERS).values(), ids=READERS | WRITERS)
    async def test_each_has_errno_and_filename(
        self, call: Callable[[Any], Any], tmp_path: Path
    ) -> None:
        loop = tmp_path / "loop"
        loop.symlink_to("loop")
        (tmp_path / "file").touch()
        cases: list[tuple[Any, int]] = [
            (tmp_path, errno.EISDIR),
            (f"{tmp_path}/absent/x", errno.ENOENT),
            ("", errno.ENOENT),
            (os.fsencode(tmp_path / "file") + b"/x", errno.ENOTDIR),
            (str(loop), errno.ELOOP),
            (f"{tmp_path}/{'x' * 256}", errno.ENAMETOOLONG),
        ]
        for path, expected in cases:
            with pytest.raises(OSError) as raised:
                await call(path)
            assert raised.value.errno == expected, path
            assert raised.value.filename == os.fspath(path)

    @pytest.mark.parametrize("call", (READERS | WRITERS).values(), ids=READERS | WRITERS)
    async def test_what_is_no_path(self, call: Callable[[Any], Any]) -> None:
        with pytest.raises(ValueError, match="null byte"):
            await call("a\0b")
        with pytest.raises(TypeError):
            await call(1.5)

    @pytest.mark.parametrize("call", WRITERS.values(), ids=WRITERS)
    async def test_a_full_disk(self, call: Callable[[Any], Any]) -> None:
        if "of nothing" in {name for name, value in WRITERS.items() if value is call}.pop():
            assert await call("/dev/full") == 0
            return
        with pytest.raises(OSError) as raised:
            await call("/dev/full")
        assert (raised.value.errno, raised.value.filename) == (errno.ENOSPC, "/dev/full")
        assert os.path.exists("/dev/full")


class TestNewlines:
    @pytest.mark.parametrize("newline", [None, "", "\n", "\r", "\r\n"])
    async def test_as_with_open(self, newline: str | None, tmp_path: Path) -> None:
        text = "a\nb\r\nc\rd\n\n"
        ours, blocking = tmp_path / "ours", tmp_path / "blocking"
        await rapfiles.write_file(ours, text, newline=newline)
        with open(blocking, "w", newline=newline) as f:
            f.write(text)
        assert ours.read_bytes() == blocking.read_bytes()
        await rapfiles.append_file(ours, text, newline=newline)
        with open(blocking, "a", newline=newline) as f:
            f.write(text)
        assert ours.read_bytes() == blocking.read_bytes()
        with open(blocking, newline=newline) as f:
            assert await rapfiles.read_file(ours, newline=newline) == f.read()

    async def test_what_is_none(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        calls: list[Callable[[], Any]] = [
            lambda: rapfiles.read_file(path, newline="x"),
            lambda: rapfiles.write_file(path, "x", newline="\n\n"),
            lambda: rapfiles.append_file(path, "x", newline="\n\r"),
        ]
        for call in calls:
            with pytest.raises(ValueError, match="illegal newline value"):
                await call()
        assert not path.exists()


class TestAppend:
    async def test_text_and_bytes(self, tmp_path: Path) -> None:
        path = tmp_path / "log"
        assert await rapfiles.append_file(path, "é") == 2
        assert await rapfiles.append_file(path, "é", "latin-1") == 1
        assert await rapfiles.append_file(path, memoryview(b"abc")) == 3
        assert await rapfiles.append_file(path, bytearray()) == 0
        assert path.read_bytes() == "é".encode() + b"\xe9abc"

    async def test_many_at_once(self, tmp_path: Path) -> None:
        path = tmp_path / "log"
        lines = [f"{number}" * 50 for number in range(300)]
        await asyncio.gather(*(rapfiles.append_file(path, line + "\n") for line in lines))
        assert sorted(path.read_text().splitlines()) == sorted(lines)

    async def test_what_has_no_bytes(self, tmp_path: Path) -> None:
        with pytest.raises(TypeError, match="str or bytes-like"):
            await rapfiles.append_file(tmp_path / "log", 5)  # type: ignore[arg-type]
        with pytest.raises(UnicodeEncodeError):
            await rapfiles.append_file(tmp_path / "log", "€", "ascii")
        assert not (tmp_path / "log").exists()


class TestRanges:
    @pytest.mark.parametrize("offset", [0, 7, 100, len(CONTENT) - 3, len(CONTENT), 10**12])
    @pytest.mark.parametrize("length", [0, 10, 4096, 300_000, 10**15])
    async def test_as_a_slice(self, big: Path, offset: int, length: int) -> None:
        assert await rapfiles.read_range(big, offset, length) == CONTENT[offset : offset + length]

    async def test_a_cached_one_takes_no_worker(self, big: Path) -> None:
        await rapfiles.read_range(big, 5, 10)
        attempted = rapfiles.metrics()["now"]
        before = rapfiles.metrics()["kinds"]["read_range"]["now"]
        await rapfiles.read_range(big, 5, 10)
        assert rapfiles.metrics()["kinds"]["read_range"]["now"] == before + attempted

    async def test_negative_numbers(self, big: Path) -> None:
        for offset, length in [(-1, 1), (1, -1)]:
            with pytest.raises(ValueError, match="must not be negative"):
                await rapfiles.read_range(big, offset, length)
            with pytest.raises(ValueError, match="must not be negative"):
                await rapfiles.read_ranges(big, [(0, 1), (offset, length)])
        with pytest.raises(OverflowError):
            await rapfiles.read_range(big, 2**70, 1)
        for wrong in (5, [5], [("a", "b")], [(1, 2, 3)]):
            with pytest.raises((TypeError, ValueError)):
                await rapfiles.read_ranges(big, wrong)  # type: ignore[arg-type]

    @settings(max_examples=30)
    @given(
        st.lists(
            st.tuples(
                st.integers(0, 2**21 + 10) | st.integers(0, 100),
                st.sampled_from([0, 1, 50, 70_000]),
            ),
            max_size=60,
        )
    )
    def test_many_are_as_slices(self, ranges: list[tuple[int, int]]) -> None:
        path = Path("/tmp") / f"rapfiles-ranges-{os.getpid()}"
        path.write_bytes(CONTENT)
        try:
            found = asyncio.run(_ranges(path, ranges))
        finally:
            path.unlink()
        assert found == [CONTENT[offset : offset + length] for offset, length in ranges]

    async def test_a_great_many(self, big: Path) -> None:
        ranges = [(offset, 20) for offset in range(0, len(CONTENT), 64)]
        found = await rapfiles.read_ranges(big, iter(ranges))
        assert found == [CONTENT[offset : offset + 20] for offset, _ in ranges]

    async def test_a_file_that_hides_its_size(self) -> None:
        assert await rapfiles.read_range("/proc/self/status", 0, 5) == b"Name:"
        first, rest = await rapfiles.read_ranges("/proc/version", [(0, 5), (5, 10**12)])
        assert first + rest == Path("/proc/version").read_bytes()

    async def test_a_pipe_has_no_ranges(self, tmp_path: Path) -> None:
        path = tmp_path / "fifo"
        os.mkfifo(path)
        held = os.open(path, os.O_RDWR)
        try:
            with pytest.raises(OSError) as raised:
                await rapfiles.read_range(path, 1, 1)
        finally:
            os.close(held)
        assert (raised.value.errno, raised.value.filename) == (errno.ESPIPE, str(path))


async def _ranges(path: Path, ranges: list[tuple[int, int]]) -> list[bytes]:
    await rapfiles.read_file_bytes(path)
    return await rapfiles.read_ranges(path, ranges)


class TestChunks:
    @pytest.mark.parametrize("size", [1000, 65536, 100_000, 4 << 20])
    async def test_all_of_it(self, big: Path, size: int) -> None:
        chunks = await rapfiles.read_file_chunked(big, size)
        assert b"".join(chunks) == CONTENT
        assert {len(chunk) for chunk in chunks[:-1]} <= {size}

    @pytest.mark.parametrize(
        ("offset", "limit"), [(0, 0), (5, None), (100, 1), (1, 70_000), (10**9, 5), (0, 10**12)]
    )
    async def test_a_part(self, big: Path, offset: int, limit: int | None) -> None:
        chunks = await rapfiles.read_file_chunked(big, 4096, offset, limit)
        assert b"".join(chunks) == CONTENT[offset:][:limit]

    async def test_a_few_bytes_each(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"abcdefg")
        assert await rapfiles.read_file_chunked(path, 3) == [b"abc", b"def", b"g"]
        assert await rapfiles.read_file_chunked(path, 1, limit=2) == [b"a", b"b"]

    async def test_who_leaves_early_leaves_nothing_open(self, big: Path) -> None:
        async with rapfiles.read_file_chunked(big, 100) as stream:
            async for chunk in stream:
                assert chunk == CONTENT[:100]
                break

    async def test_numbers_that_make_no_sense(self, big: Path) -> None:
        for wrong in (
            {"chunk_size": 0},
            {"chunk_size": 5 << 20},
            {"offset": -1},
            {"limit": -1},
        ):
            with pytest.raises(ValueError, match="must"):
                rapfiles.read_file_chunked(big, **wrong)

    def test_without_a_loop(self, big: Path) -> None:
        assert b"".join(rapfiles.read_file_chunked(big)) == CONTENT


class TestLines:
    @pytest.mark.parametrize(
        "encoding", ["utf-8", "latin-1", "ascii", "utf-16", "cp1252", "utf-8-sig"]
    )
    @pytest.mark.parametrize("keep_ends", [False, True])
    async def test_as_the_blocking_file(
        self, encoding: str, keep_ends: bool, tmp_path: Path
    ) -> None:
        pieces = ["", "a", "b\n", "\n", "\r", "\r\n", "c\r\n", "\x0b\x85 ", "x" * 70_000, "d\n" * 9]
        text = "".join(pieces[number * number % 10] for number in range(200))
        text = text.replace("\x85", "é") if encoding != "ascii" else text.replace("\x85", "e")
        path = tmp_path / "file"
        path.write_bytes(text.encode(encoding))
        with open(path, encoding=encoding) as f:
            expected = list(f)
        if not keep_ends:
            expected = [line.removesuffix("\n") for line in expected]
        assert await rapfiles.read_lines(path, encoding, keep_ends=keep_ends) == expected

    async def test_line_ends_at_every_offset(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        for before in range(65530, 65540):
            for end in ("\n", "\r", "\r\n"):
                path.write_bytes(("x" * before + end + "y" + end).encode())
                assert await rapfiles.read_lines(path) == ["x" * before, "y"]

    async def test_bytes(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"a\r\n\xff\rb\n\nc")
        assert await rapfiles.read_lines_bytes(path) == [b"a\r", b"\xff\rb", b"", b"c"]
        kept = await rapfiles.read_lines_bytes(path, keep_ends=True)
        assert kept == list(io.BytesIO(path.read_bytes()))

    @pytest.mark.parametrize("encoding", ["utf-8", "ascii", "utf-16"])
    async def test_bytes_that_mean_nothing(self, encoding: str, tmp_path: Path) -> None:
        path = tmp_path / "file"
        good = "good\n".encode(encoding)
        path.write_bytes(good + b"b\xff\xfe\xd8d\n")
        found = []
        with pytest.raises(UnicodeDecodeError):
            async for line in rapfiles.read_lines(path, encoding):
                found.append(line)
        assert found in (["good"], [])
        with open(path, encoding=encoding, errors="replace") as f:
            assert await rapfiles.read_lines(path, encoding, "replace", keep_ends=True) == list(f)

    async def test_the_error_is_about_its_line(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"good\nb\xffd\n")
        with pytest.raises(UnicodeDecodeError) as raised:
            await rapfiles.read_lines(path)
        assert (raised.value.object, raised.value.start) == (b"b\xffd", 1)

    async def test_no_such_encoding(self, tmp_path: Path) -> None:
        for wrong in ("no-such", "rot13", "hex"):
            with pytest.raises(LookupError):
                rapfiles.read_lines(tmp_path / "file", wrong)
        with pytest.raises(LookupError):
            rapfiles.read_lines(tmp_path / "file", errors="no-such")

    async def test_lines_come_as_they_are_written_to_a_pipe(self, tmp_path: Path) -> None:
        path = tmp_path / "fifo"
        os.mkfifo(path)
        stream = rapfiles.read_lines(path)
        heard = threading.Event()

        def write() -> None:
            with open(path, "w", buffering=1) as f:
                f.write("one\n")
                heard.wait(10)
                f.write("two\n")

        writer = threading.Thread(target=write)
        writer.start()
        try:
            assert await anext(stream) == "one"
            heard.set()
            assert await stream == ["two"]
        finally:
            heard.set()
            writer.join()

    async def test_one_by_one_and_in_batches(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"line\n" * 400_000)
        async with rapfiles.read_lines(path) as lines:
            assert await anext(lines) == "line"
            assert await lines.batches(1000).__anext__() == ["line"] * 1000


class TestWriteChunked:
    async def test_iterables_of_both_kinds(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        parts: list[Any] = [b"a", bytearray(b"b"), memoryview(b"xcx")[1:2], b"", b"d" * 600_000]
        expected = b"".join(bytes(part) for part in parts)

        async def later() -> AsyncIterator[Any]:
            for part in parts:
                await asyncio.sleep(0)
                yield part

        for chunks in (parts, iter(parts), later()):
            assert await rapfiles.write_file_chunked(path, chunks) == len(expected)
            assert path.read_bytes() == expected
        assert await rapfiles.write_file_chunked(path, []) == 0
        assert path.read_bytes() == b""

    async def test_a_buffer_may_be_used_again(self, tmp_path: Path) -> None:
        def numbers() -> Iterator[bytearray]:
            buffer = bytearray(1)
            for number in range(256):
                buffer[0] = number
                yield buffer

        await rapfiles.write_file_chunked(tmp_path / "file", numbers())
        assert (tmp_path / "file").read_bytes() == bytes(range(256))

    async def test_from_a_stream(self, big: Path, tmp_path: Path) -> None:
        copied = await rapfiles.write_file_chunked(
            tmp_path / "copy", rapfiles.read_file_chunked(big, 100_000)
        )
        assert copied == len(CONTENT)
        assert (tmp_path / "copy").read_bytes() == CONTENT

    async def test_no_more_than_two_are_taken_ahead(self, tmp_path: Path) -> None:
        path = tmp_path / "fifo"
        os.mkfifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        asked = 0

        def chunks() -> Iterator[bytes]:
            nonlocal asked
            for asked in range(1, 7):
                yield bytes([asked]) * (1 << 20)

        task = asyncio.ensure_future(rapfiles.write_file_chunked(path, chunks()))
        try:
            # Nobody reads: the first is under way, the second waits for it.
            while asked < 2:
                await asyncio.sleep(0)
            for _ in range(1000):
                await asyncio.sleep(0)
            assert asked == 2
            found = b""
            while not task.done():
                with contextlib.suppress(BlockingIOError):
                    found += os.read(reader, 1 << 20)
                await asyncio.sleep(0)
            assert await task == 6 << 20
            while part := os.read(reader, 1 << 20):
                found += part
        finally:
            os.close(reader)
        assert found == b"".join(bytes([number]) * (1 << 20) for number in range(1, 7))

    @pytest.mark.parametrize("size", [1, 300_000])
    @pytest.mark.parametrize("asynchronous", [False, True])
    async def test_what_an_exception_leaves(
        self, size: int, asynchronous: bool, tmp_path: Path
    ) -> None:
        def failing() -> Iterator[bytes]:
            yield b"x" * size
            yield b"y" * size
            raise LookupError("no more")

        async def failing_later() -> AsyncIterator[bytes]:
            for part in failing():
                yield part

        make = failing_later if asynchronous else failing
        with pytest.raises(LookupError, match="no more"):
            await rapfiles.write_file_chunked(tmp_path / "new", make())
        assert os.listdir(tmp_path) == []
        old = tmp_path / "old"
        old.write_bytes(b"old")
        with pytest.raises(LookupError, match="no more"):
            await rapfiles.write_file_chunked(old, make())
        if size == 1:
            # It had not been touched.
            assert old.read_bytes() == b"old"
        else:
            assert old.read_bytes() in (b"x" * size, b"x" * size + b"y" * size)

    async def test_a_cancelled_one_leaves_no_new_file(self, tmp_path: Path) -> None:
        path = tmp_path / "new"
        written = asyncio.Event()

        async def endless() -> AsyncIterator[bytes]:
            yield b"x" * 300_000
            yield b"x" * 300_000
            written.set()
            await asyncio.Event().wait()

        task = asyncio.ensure_future(rapfiles.write_file_chunked(path, endless()))
        await written.wait()
        assert path.exists()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not path.exists()

    async def test_another_file_of_that_name_stays(self, tmp_path: Path) -> None:
        path = tmp_path / "new"

        def replaced() -> Iterator[bytes]:
            yield b"x" * 300_000
            yield b"x" * 300_000
            os.replace(other, path)
            raise LookupError

        other = tmp_path / "other"
        other.write_bytes(b"somebody else's")
        with pytest.raises(LookupError):
            await rapfiles.write_file_chunked(path, replaced())
        assert path.read_bytes() == b"somebody else's"

    @pytest.mark.parametrize("wrong", ["text", 5, None])
    async def test_what_has_no_bytes(self, wrong: Any, tmp_path: Path) -> None:
        with pytest.raises(TypeError):
            await rapfiles.write_file_chunked(tmp_path / "new", [b"x", wrong])
        with pytest.raises(TypeError):
            await rapfiles.write_file_chunked(tmp_path / "new", wrong)
        assert os.listdir(tmp_path) == []
