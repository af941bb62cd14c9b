"""Pipelines: sources, transforms, targets."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import io
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rapfiles
from pipeline_tools import KNOWN, SUFFIXES, Counted
from rapfiles import PipelineResult, pipeline

MEGABYTE = 1_000_000
TEXT = b"".join(b"%d: a line of a log\n" % n for n in range(10_000))

FORMATS = pytest.mark.parametrize("format", list(KNOWN))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "server.log"
    path.write_bytes(TEXT)
    return path


def cut(data: bytes, at: list[int]) -> list[bytes]:
    """The data in pieces, empty ones included."""
    places = sorted(place % (len(data) + 1) for place in at)
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


class TestFiles:
    @FORMATS
    async def test_what_we_compress_others_can_read(self, log: Path, format: Any) -> None:
        packed = log.with_name("packed")
        result = await pipeline(log).hash().compress(format).to(packed)
        assert KNOWN[format].decompress(packed.read_bytes()) == TEXT
        digests = {"sha256": hashlib.sha256(TEXT).hexdigest()}
        assert result == PipelineResult(len(TEXT), packed.stat().st_size, digests)

    @FORMATS
    @pytest.mark.parametrize("told", [True, False])
    async def test_what_others_compress_we_can_read(
        self, log: Path, format: Any, told: bool
    ) -> None:
        packed, copy = log.with_name("packed"), log.with_name("copy")
        packed.write_bytes(KNOWN[format].compress(TEXT))
        unpacked = pipeline(packed).decompress(format if told else "auto")
        result = await unpacked.hash("md5").to(copy)
        assert copy.read_bytes() == TEXT
        assert result.digests == {"md5": hashlib.md5(TEXT).hexdigest()}
        assert (result.bytes_in, result.bytes_out) == (packed.stat().st_size, len(TEXT))

    @FORMATS
    async def test_the_targets_suffix_decides(self, log: Path, format: Any) -> None:
        for suffix in (SUFFIXES[format], SUFFIXES[format].upper()):
            packed = log.with_name("log" + suffix)
            await pipeline(log).compress().to(packed)
            assert KNOWN[format].decompress(packed.read_bytes()) == TEXT

    async def test_nothing_to_do_is_a_copy(self, log: Path) -> None:
        result = await pipeline(str(log)).to(os.fsencode(log) + b".copy")
        assert log.with_name("server.log.copy").read_bytes() == TEXT
        assert result == PipelineResult(len(TEXT), len(TEXT), {})

    async def test_it_runs_as_often_as_one_likes(self, log: Path) -> None:
        packed = pipeline(log).compress("gzip")
        assert await packed.read() == await packed.read()

    async def test_from_one_format_to_another(self, log: Path) -> None:
        packed = log.with_name("log.gz")
        await pipeline(log).compress().to(packed)
        both = pipeline(packed).hash(name="gz").decompress().hash(name="log").compress("zstd", 1)
        result = await both.hash(name="zst").to(log.with_name("log.zst"))
        again = log.with_name("log.zst").read_bytes()
        assert KNOWN["zstd"].decompress(again) == TEXT
        contents = {"gz": packed.read_bytes(), "log": TEXT, "zst": again}
        expected = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
        assert result.digests == expected

    @pytest.mark.parametrize("durability", ["full", "rename", "none"])
    async def test_a_file_is_its_own_target(self, log: Path, durability: Any) -> None:
        log.chmod(0o640)
        for steps in (pipeline(log).compress("gzip"), pipeline(log).map(bytes).decompress()):
            await steps.to(log, durability=durability)
        assert log.read_bytes() == TEXT and os.listdir(log.parent) == [log.name]
        assert log.stat().st_mode & 0o777 == 0o640

    async def test_files_without_a_size(self) -> None:
        await asyncio.sleep(0)
        assert b"processor" in await pipeline("/proc/cpuinfo").read()

    async def test_an_empty_file(self, tmp_path: Path) -> None:
        tmp_path.joinpath("empty").touch()
        for format in KNOWN:
            packed = await pipeline(tmp_path / "empty").compress(format).read()
            assert KNOWN[format].decompress(packed) == b""
            assert await pipeline([packed]).decompress().read() == b""


class TestDigests:
    @pytest.mark.parametrize("name", ["md5", "sha1", "sha256"])
    async def test_they_are_those_of_the_standard_library(self, log: Path, name: Any) -> None:
        result = await pipeline(log).hash(name).run()
        assert result.digests == {name: hashlib.new(name, TEXT).hexdigest()}
        assert result.bytes_in == result.bytes_out == len(TEXT)

    @pytest.mark.parametrize(
        ("name", "digest"),
        [
            ("blake3", "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"),
            ("xxh3", "78af5f94892f3950"),
        ],
    )
    async def test_they_are_those_everybody_knows(self, name: Any, digest: str) -> None:
        assert (await pipeline([b"a", b"bc"]).hash(name).run()).digests == {name: digest}

    async def test_blake3_of_a_big_file_is_that_of_its_pieces(self, tmp_path: Path) -> None:
        data = os.urandom(3 * MEGABYTE + 17)
        tmp_path.joinpath("big").write_bytes(data)
        whole = await pipeline(tmp_path / "big").hash("blake3").run()
        pieces = await pipeline(cut(data, [1, 1024, 70_001, MEGABYTE])).hash("blake3").run()
        assert whole.digests == pieces.digests


class TestSourcesAndTargets:
    async def test_a_plain_iterable(self) -> None:
        pieces = (piece for piece in (b"a", b"", bytearray(b"b"), memoryview(b"c")))
        assert await pipeline(pieces).read() == b"abc"

    async def test_an_asynchronous_one(self) -> None:
        source = Counted([b"a", b"", b"b"])
        assert await pipeline(source).compress("gzip").decompress().read() == b"ab"
        assert source.closed

    async def test_a_stream(self, tmp_path: Path) -> None:
        names = ["a", "b", "c"]
        for name in names:
            tmp_path.joinpath(name).touch()
        stream = rapfiles.glob(b"*", root_dir=os.fsencode(tmp_path))
        found = await pipeline(stream).read()
        assert sorted(found.decode()) == names

    async def test_handles(self, log: Path, no_fd_left: None) -> None:
        packed = log.with_name("packed")
        async with rapfiles.open(log, "rb") as source, rapfiles.open(packed, "wb") as target:
            await source.seek(10)
            result = await pipeline(source).compress("xz", 0).to(target)
            assert not source.closed and not target.closed
        assert KNOWN["xz"].decompress(packed.read_bytes()) == TEXT[10:]
        assert (result.bytes_in, result.bytes_out) == (len(TEXT) - 10, packed.stat().st_size)

    async def test_raw_handles_and_plain_files(self, log: Path) -> None:
        copy = log.with_name("copy")
        async with rapfiles.open(copy, "wb", buffering=0) as target:
            await pipeline(io.BytesIO(TEXT)).to(target)
        assert copy.read_bytes() == TEXT
        plain = io.BytesIO()
        await pipeline(log).to(plain)
        assert plain.getvalue() == TEXT

    async def test_what_writes_less_gets_the_rest(self) -> None:
        class Few(io.BytesIO):
            def write(self, data: Any) -> int:
                return super().write(data[:3])

        few = Few()
        await pipeline([b"1234567"]).to(few)
        assert few.getvalue() == b"1234567"

    async def test_what_writes_nothing_is_told_of(self) -> None:
        class Full:
            def write(self, data: bytes) -> int:
                return 0

        with pytest.raises(BlockingIOError):
            await pipeline([b"1"]).to(Full())

    async def test_functions(self) -> None:
        got: list[bytes] = []

        async def later(piece: bytes) -> int:
            await asyncio.sleep(0)
            got.append(piece)
            return 0

        result = await pipeline([b"a", b"b"]).to(later)
        assert got == [b"a", b"b"] and result == PipelineResult(2, 2, {})
        got.clear()
        await pipeline([b"a", b"b"]).to(got.append)
        assert got == [b"a", b"b"]

    async def test_into_a_path_from_elsewhere(self, tmp_path: Path) -> None:
        target = tmp_path / "target.bz2"
        result = await pipeline(cut(TEXT, [7, 70_000])).compress().hash("md5").to(target)
        packed = target.read_bytes()
        assert KNOWN["bz2"].decompress(packed) == TEXT
        md5 = hashlib.md5(packed).hexdigest()
        assert result == PipelineResult(len(TEXT), len(packed), {"md5": md5})


class TestFunctions:
    @pytest.mark.parametrize("native_around", [True, False])
    async def test_every_chunk_passes(self, log: Path, native_around: bool) -> None:
        async def lower(piece: bytes) -> bytes:
            await asyncio.sleep(0)
            return piece.lower()

        steps = pipeline(log).hash(name="before").map(bytes.upper).map(lower)
        steps = steps.compress("gzip") if native_around else steps
        target = log.with_name("target")
        result = await steps.hash(name="after").to(target)
        written = target.read_bytes()
        assert (KNOWN["gzip"].decompress(written) if native_around else written) == TEXT
        assert result.digests["before"] == hashlib.sha256(TEXT).hexdigest()
        assert result.digests["after"] == hashlib.sha256(written).hexdigest()

    async def test_they_run_on_the_loop(self, log: Path) -> None:
        threads = set()

        def note(piece: bytes) -> bytes:
            threads.add(threading.get_ident())
            return piece

        await pipeline(log).map(note).run()
        assert threads == {threading.get_ident()}

    async def test_no_bytes_leave_a_chunk_out(self) -> None:
        def some(piece: bytes) -> bytes:
            return piece if piece > b"a" else b""

        assert await pipeline([b"a", b"b", b"c"]).map(some).read() == b"bc"

    async def test_what_they_raise_is_raised(self, log: Path, no_fd_left: None) -> None:
        def bad(piece: bytes) -> bytes:
            raise LookupError("as it should")

        targets: list[Any] = [log.with_name("target"), [].append]
        for target in targets:
            with pytest.raises(LookupError, match="as it should"):
                await pipeline(log).map(bad).compress("gzip").to(target)

    async def test_other_things_than_bytes(self, log: Path) -> None:
        text: Any = bytes.decode
        for steps in (pipeline(log).map(text), pipeline(["text"])):
            with pytest.raises(TypeError, match="bytes, not of str"):
                await steps.run()


class TestLines:
    async def test_every_line_is_a_chunk(self, log: Path) -> None:
        packed = log.with_name("log.gz")
        await pipeline(log).compress().to(packed)
        lines = [line async for line in pipeline(packed).decompress().lines()]
        assert lines == TEXT.splitlines(keepends=True)

    async def test_they_are_seen_by_functions_only(self, log: Path) -> None:
        seen = []

        def see(line: bytes) -> bytes:
            seen.append(line)
            return b"x"

        numbered = pipeline(log).lines().map(see)
        assert await numbered.compress("gzip").decompress().read() == b"x" * 10_000
        assert seen == TEXT.splitlines(keepends=True)

    async def test_the_loop_has_its_turns(self, tmp_path: Path) -> None:
        source = [b"\n" * MEGABYTE]
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        task = asyncio.create_task(count())
        async for _ in pipeline(source).lines():
            pass
        task.cancel()
        assert turns >= 1_000


class TestChunks:
    async def test_leaving_early_closes_everything(self, log: Path, no_fd_left: None) -> None:
        source = Counted([TEXT] * 100)
        for steps in (
            pipeline(log),
            pipeline(log).map(bytes.upper),
            pipeline(source).compress("gzip"),
        ):
            async for _ in steps:
                break
        chunks: Any = aiter(pipeline(source))
        assert await anext(chunks) == TEXT
        await chunks.aclose()
        assert source.closed

    async def test_no_chunk_is_made_before_there_is_room(self) -> None:
        source = Counted(TEXT for _ in range(50))
        ahead = 0
        arrived = 0

        def arrive(piece: bytes) -> None:
            nonlocal ahead, arrived
            arrived += len(piece)
            ahead = max(ahead, source.made * len(TEXT) - arrived)

        steps = pipeline(source).compress("zstd").decompress().map(bytes.upper).hash()
        await steps.to(arrive)
        assert arrived == 50 * len(TEXT)
        # zstd gathers a block, and every native part may hold a chunk at each of its steps.
        assert ahead <= len(TEXT) + 10 * 128 * 1024

    async def test_memory_stays_flat(self, python: Callable[..., Any], tmp_path: Path) -> None:
        program = """
import asyncio, resource, sys
import rapfiles

async def main():
    await rapfiles.pipeline([b"\\0"]).compress("gzip").to("small.gz")
    await rapfiles.pipeline("small.gz").decompress().map(bytes.upper).run()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    zeros = bytes(1 << 20)
    await rapfiles.pipeline(zeros for _ in range(100)).compress("gzip", 1).to("big.gz")
    result = await rapfiles.pipeline("big.gz").decompress().map(bytes.upper).run()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(result.bytes_out, after - before)

asyncio.run(main())
"""
        done = await asyncio.to_thread(python, program)
        assert done.returncode == 0, done.stderr
        size, growth = map(int, done.stdout.split())
        assert size == 100 << 20
        assert growth < 30_000  # KiB


class TestEndingEarly:
    async def test_progress(self, log: Path) -> None:
        told: list[tuple[int, int, int]] = []

        async def later(*how_far: int) -> None:
            told.append((how_far[0], how_far[1], how_far[2]))

        target = log.with_name("target")
        await pipeline(log).to(target, progress=later)
        assert told[-1] == (len(TEXT), len(TEXT), len(TEXT))
        told.clear()
        await pipeline(log).map(bytes.upper).to(target, progress=lambda *a: told.append(a))
        assert told[-1] == (len(TEXT), len(TEXT), len(TEXT)) and told == sorted(told)

    async def test_what_progress_raises_ends_it(self, log: Path, no_fd_left: None) -> None:
        def bad(done: int, total: int, size: int) -> None:
            raise LookupError("enough")

        for steps in (pipeline("/dev/zero"), pipeline(log).map(bytes.upper)):
            with pytest.raises(LookupError, match="enough"):
                await steps.to(log.with_name("target"), progress=bad)
            assert os.listdir(log.parent) == [log.name]

    @pytest.mark.parametrize("native", [True, False])
    async def test_a_timeout(self, native: bool, tmp_path: Path, no_fd_left: None) -> None:
        source: Any = "/dev/zero" if native else endless()
        with pytest.raises(TimeoutError):
            await pipeline(source).compress("gzip").to(tmp_path / "target", timeout=0.05)

    @pytest.mark.parametrize("native", [True, False])
    async def test_cancelling(self, native: bool, tmp_path: Path, no_fd_left: None) -> None:
        begun = asyncio.Event()

        def progress(done: int, total: int, size: int) -> None:
            begun.set()

        steps = pipeline("/dev/zero") if native else pipeline("/dev/zero").map(bytes.upper)
        target = tmp_path / "target"
        target.write_bytes(b"old")
        work = steps.compress("zstd").to(target, progress=progress)
        task = asyncio.create_task(work)
        await begun.wait()
        assert target.read_bytes() == b"old"
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert os.listdir(tmp_path) == ["target"] and target.read_bytes() == b"old"

    async def test_other_tasks_go_on_while_a_bomb_is_defused(self, tmp_path: Path) -> None:
        bomb = tmp_path / "bomb.zst"
        await pipeline(bytes(1 << 20) for _ in range(200)).compress().to(bomb)
        assert bomb.stat().st_size < 50_000
        with pytest.raises(rapfiles.DecodeError) as failure:
            await pipeline(bomb).decompress(limit=1 << 20).read()
        assert failure.value.kind == "too_large"
        assert len(await pipeline(bomb).decompress(limit=200 << 20).read()) == 200 << 20


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield bytes(1 << 16)


def variants(data: bytes) -> Iterator[tuple[str, Any]]:
    """The same data as several sources."""
    yield "whole", [data]
    yield "bytewise", [data[n : n + 1] for n in range(len(data))]


class TestBadData:
    SMALL = b"some text, and some more of it\n" * 20

    @FORMATS
    @pytest.mark.parametrize("told", [True, False])
    async def test_several_one_after_the_other(self, format: Any, told: bool) -> None:
        packed = KNOWN[format].compress(b"one ") + KNOWN[format].compress(b"")
        packed += KNOWN[format].compress(b"two")
        for _, source in variants(packed + bytes(1024)):
            steps = pipeline(source).decompress(format if told else "auto")
            assert await steps.read() == b"one two"

    @FORMATS
    async def test_truncated_anywhere(self, format: Any) -> None:
        packed = KNOWN[format].compress(self.SMALL)
        for length in range(len(packed)):
            with pytest.raises(rapfiles.DecodeError) as failure:
                await pipeline([packed[:length]]).decompress(format).read()
            assert (failure.value.kind, failure.value.format) == ("truncated", format), length
            assert failure.value.filename is None

    @FORMATS
    async def test_something_that_follows(self, format: Any) -> None:
        packed = KNOWN[format].compress(self.SMALL)
        for rest in (b"x", b"garbage", b"\0\0garbage"):
            for _, source in variants(packed + rest):
                with pytest.raises(rapfiles.DecodeError) as failure:
                    await pipeline(source).decompress().read()
                assert (failure.value.kind, failure.value.format) == ("trailing", format)

    @FORMATS
    async def test_every_flipped_bit_is_noticed_or_harmless(self, format: Any) -> None:
        packed = await pipeline([self.SMALL]).compress(format).read()
        for at in range(len(packed)):
            damaged = bytearray(packed)
            damaged[at] ^= 0x10
            with contextlib.suppress(rapfiles.DecodeError, MemoryError):
                assert await pipeline([damaged]).decompress(format).read() == self.SMALL

    @FORMATS
    async def test_another_format(self, format: Any, tmp_path: Path) -> None:
        path = tmp_path / "wrong"
        path.write_bytes(b"no compressed data")
        with pytest.raises(rapfiles.DecodeError, match=f"no valid {format} data: ") as failure:
            await pipeline(path).decompress(format).to(tmp_path / "copy")
        assert (failure.value.kind, failure.value.filename) == ("corrupt", str(path))
        with pytest.raises(rapfiles.DecodeError) as failure:
            await pipeline(path).decompress().run()
        assert (failure.value.kind, failure.value.format) == ("unknown", None)

    async def test_nothing_at_all(self, tmp_path: Path) -> None:
        tmp_path.joinpath("empty").touch()
        with pytest.raises(rapfiles.DecodeError) as failure:
            await pipeline(tmp_path / "empty").decompress().run()
        assert failure.value.kind == "truncated"

    @FORMATS
    @pytest.mark.parametrize("limit", [0, len(SMALL) - 1, len(SMALL)])
    async def test_a_limit(self, format: Any, limit: int) -> None:
        steps = pipeline([KNOWN[format].compress(self.SMALL)]).decompress(limit=limit)
        if limit == len(self.SMALL):
            assert await steps.read() == self.SMALL
        else:
            with pytest.raises(rapfiles.DecodeError, match="more than the limit"):
                await steps.read()


class TestErrors:
    async def test_a_missing_source(self, tmp_path: Path, no_fd_left: None) -> None:
        missing = str(tmp_path / "missing")
        for steps in (pipeline(missing), pipeline(missing).map(bytes.upper)):
            for work in (steps.to(tmp_path / "target"), steps.read(), steps.run()):
                with pytest.raises(FileNotFoundError) as failure:
                    await work
                assert (failure.value.errno, failure.value.filename) == (errno.ENOENT, missing)
        assert not os.listdir(tmp_path)

    async def test_a_directory(self, tmp_path: Path, log: Path, no_fd_left: None) -> None:
        for work in (pipeline(tmp_path).read(), pipeline(log).to(tmp_path)):
            with pytest.raises(IsADirectoryError) as failure:
                await work
            assert failure.value.filename == str(tmp_path)

    async def test_a_target_that_cannot_be_made(self, log: Path, no_fd_left: None) -> None:
        target = str(log / "target")
        for steps in (pipeline(log), pipeline([b"a"]), pipeline(log).map(bytes.upper)):
            with pytest.raises(NotADirectoryError) as failure:
                await steps.to(target)
            assert failure.value.filename == target

    async def test_fifos_are_for_handles(self, log: Path, no_fd_left: None) -> None:
        fifo = log.with_name("fifo")
        os.mkfifo(fifo)
        for work in (pipeline(fifo).read(), pipeline(log).to(fifo)):
            with pytest.raises(OSError) as failure:
                await work
            assert (failure.value.errno, failure.value.filename) == (errno.EOPNOTSUPP, str(fifo))

    async def test_a_full_disk(self, log: Path, no_fd_left: None) -> None:
        for steps in (pipeline(log), pipeline(log).map(bytes.upper)):
            with pytest.raises(OSError) as failure:
                await steps.to("/dev/full")
            assert (failure.value.errno, failure.value.filename) == (errno.ENOSPC, "/dev/full")

    async def test_nul_in_a_path(self, log: Path) -> None:
        for work in (pipeline("a\0b").read(), pipeline(log).to("a\0b")):
            with pytest.raises(ValueError, match="null byte"):
                await work

    def test_bad_arguments(self) -> None:
        steps: Any = pipeline("a")
        wrongs: list[Callable[[], object]] = [
            lambda: steps.compress("zip"),
            lambda: steps.decompress("zip"),
            lambda: steps.hash("crc32"),
            lambda: steps.compress("gzip", 10),
            lambda: steps.compress("bz2", 0),
            lambda: steps.compress("zstd", 23),
            lambda: steps.compress(level=3),
            lambda: steps.decompress(limit=-1),
            lambda: steps.hash().hash(),
        ]
        for wrong in wrongs:
            with pytest.raises(ValueError):
                wrong()
        with pytest.raises(TypeError, match="callable"):
            steps.map(b"a")

    async def test_sources_and_targets_that_are_none(self, log: Path) -> None:
        bad: Any = object()
        for work in (pipeline(3).read(), pipeline(log).to(bad)):
            with pytest.raises(TypeError):
                await work

    async def test_no_suffix_tells(self, log: Path) -> None:
        with pytest.raises(ValueError, match="durability"):
            await pipeline(log).to("out", durability=cast("Any", "half"))
        for work in (pipeline(log).compress().to("out.zip"), pipeline(log).compress().read()):
            with pytest.raises(ValueError, match="suffix"):
                await work


@FORMATS
@given(
    data=st.binary(max_size=2_000) | st.integers(0, 300_000).map(lambda size: b"ab" * size),
    at=st.lists(st.integers(0, 1 << 30), max_size=8),
)
async def test_round_trips_in_any_chunks(format: Any, data: bytes, at: list[int]) -> None:
    packed = await pipeline(cut(data, at)).compress(format).read()
    assert KNOWN[format].decompress(packed) == data
    theirs = KNOWN[format].compress(data)
    assert await pipeline(cut(theirs, at)).decompress(format).read() == data
    assert await pipeline(cut(packed + theirs, at)).decompress().read() == data + data


@given(
    st.binary(max_size=50).map(lambda data: data.replace(b"\x00", b"\n")),
    st.lists(st.integers(0)),
)
async def test_lines_wherever_chunks_end(data: bytes, at: list[int]) -> None:
    lines = [line async for line in pipeline(cut(data, at)).lines()]
    assert lines == io.BytesIO(data).readlines()
