"""The standard streams: they follow sys, and a read nobody answers keeps no process alive."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

import rapfiles
from rapfiles.threadpool.binary import AsyncIndirectBufferedIOBase
from rapfiles.threadpool.text import AsyncTextIndirectIOWrapper

TEXT = (rapfiles.stdin, rapfiles.stdout, rapfiles.stderr)
BYTES = (rapfiles.stdin_bytes, rapfiles.stdout_bytes, rapfiles.stderr_bytes)


def test_their_types() -> None:
    assert all(isinstance(stream, AsyncTextIndirectIOWrapper) for stream in TEXT)
    assert all(isinstance(stream, AsyncIndirectBufferedIOBase) for stream in BYTES)
    assert "sys.stdin" in (rapfiles.stdin._name, rapfiles.stdin_bytes._name)


async def test_text_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert await rapfiles.stdout.write("out\n") == 4
    await rapfiles.stdout.writelines(["more", "\n"])
    await rapfiles.stderr.write("err")
    await rapfiles.stdout.flush()
    assert capsys.readouterr() == ("out\nmore\n", "err")


async def test_binary_output(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert await rapfiles.stdout_bytes.write(b"out") == 3
    await rapfiles.stderr_bytes.write(memoryview(b"err"))
    assert capsysbinary.readouterr() == (b"out", b"err")


@contextmanager
def stdin_from(*parts: bytes) -> Iterator[io.TextIOWrapper]:
    """``sys.stdin`` over a pipe that ends after these parts."""
    ours, theirs = os.pipe()
    for part in parts:
        os.write(theirs, part)
    os.close(theirs)
    with pytest.MonkeyPatch.context() as patch, open(ours, encoding="utf-8") as replaced:
        patch.setattr(sys, "stdin", replaced)
        yield replaced


async def test_it_is_looked_up_at_each_use() -> None:
    for text in ("one", "two"):
        with stdin_from(text.encode()) as replaced:
            assert rapfiles.stdin._file is replaced
            assert rapfiles.stdin_bytes._file is replaced.buffer
            assert rapfiles.stdin.encoding == "utf-8"
            assert rapfiles.stdin.fileno() == replaced.fileno()
            assert rapfiles.stdin.closed is False
            assert await rapfiles.stdin.read() == text


async def test_text_input() -> None:
    with stdin_from(b"one\ntwo\nthree\nfour\nfive\n", b"s\xc3\xa4chs\nrest"):
        assert await rapfiles.stdin.isatty() is False
        assert await rapfiles.stdin.readable() is True
        assert await rapfiles.stdin.readline() == "one\n"
        assert await rapfiles.stdin.read(3) == "two"
        assert await rapfiles.stdin.readlines(2) == ["\n", "three\n"]
        assert await anext(rapfiles.stdin) == "four\n"
        async for line in rapfiles.stdin:
            assert line == "five\n"
            break
        assert await rapfiles.stdin.read() == "sächs\nrest"
        assert await rapfiles.stdin.readline() == ""


async def test_binary_input() -> None:
    with stdin_from(b"one\ntwo\n123456789"):
        assert await rapfiles.stdin_bytes.readline() == b"one\n"
        assert (await rapfiles.stdin_bytes.peek(1))[:1] == b"t"
        into = bytearray(4)
        assert await rapfiles.stdin_bytes.readinto(into) == 4
        assert into == b"two\n"
        assert await rapfiles.stdin_bytes.readinto1(into) == 4
        assert await rapfiles.stdin_bytes.read1(2) == b"56"
        assert await rapfiles.stdin_bytes.read(1) == b"7"
        assert [line async for line in rapfiles.stdin_bytes] == [b"89"]


async def test_it_shares_its_buffer_with_blocking_code() -> None:
    with stdin_from(b"one\ntwo\nthree\n") as replaced:
        assert replaced.readline() == "one\n"
        assert await rapfiles.stdin.readline() == "two\n"
        assert replaced.readline() == "three\n"


async def test_its_errors_arrive() -> None:
    with stdin_from(b"\xff\n"):
        with pytest.raises(UnicodeDecodeError):
            await rapfiles.stdin.readline()
    with stdin_from() as replaced:
        replaced.close()
        with pytest.raises(ValueError, match="closed file"):
            await rapfiles.stdin.readline()


async def test_readers_take_turns() -> None:
    lines = [b"%d\n" % number for number in range(200)]
    with stdin_from(*lines):
        read = await asyncio.gather(*(rapfiles.stdin_bytes.readline() for _ in lines))
    assert read == lines


# Reads that nobody waits for any more.


class Waiting:
    """``sys.stdin`` over a pipe that is written when the test says so."""

    def __init__(self) -> None:
        ours, self.fd = os.pipe()
        self.file = open(ours, encoding="utf-8")

    def write(self, data: bytes) -> None:
        os.write(self.fd, data)


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Waiting]:
    pipe = Waiting()
    monkeypatch.setattr(sys, "stdin", pipe.file)
    yield pipe
    os.close(pipe.fd)
    # The thread is done when it has met the end, and the file is free to be closed.
    pipe.file.read()
    pipe.file.close()


async def abandoned(read: Any) -> None:
    """Starts a read and gives it up while it waits."""
    task = asyncio.ensure_future(read)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(task, 0.05)
    assert task.cancelled()


CASES: list[tuple[str, tuple[Any, ...], list[tuple[str, tuple[Any, ...], Any]]]] = [
    ("readline", (), [("readline", (), "one\n"), ("readline", (), "two\n")]),
    ("readline", (), [("read", (2,), "on"), ("readline", (), "e\n"), ("read", (3,), "two")]),
    ("readline", (), [("read", (6,), "one\ntw"), ("readlines", (), ["o\n", "three"])]),
    ("readline", (), [("readline", (2,), "on"), ("readline", (9,), "e\n")]),
    ("readline", (), [("read", (), "one\ntwo\nthree")]),
    ("readlines", (), [("readlines", (1,), ["one\n"]), ("readline", (), "two\n")]),
    ("readlines", (), [("readline", (), "one\n"), ("read", (-1,), "two\nthree")]),
    ("read", (), [("read", (), "one\ntwo\nthree"), ("read", (), "")]),
    ("read", (5,), [("readlines", (), ["one\n", "two\n", "three"])]),
]


@pytest.mark.parametrize(("first", "args", "then"), CASES)
async def test_what_an_abandoned_read_brings_is_not_lost(
    first: str, args: tuple[Any, ...], then: list[Any], waiting: Waiting
) -> None:
    await abandoned(getattr(rapfiles.stdin, first)(*args))
    waiting.write(b"one\ntwo\nthree")
    os.dup2(os.open(os.devnull, os.O_WRONLY), waiting.fd)
    for name, arguments, expected in then:
        assert await getattr(rapfiles.stdin, name)(*arguments) == expected


async def test_nor_are_its_bytes(waiting: Waiting) -> None:
    await abandoned(rapfiles.stdin_bytes.readline())
    waiting.write(b"0123456789\nabcdef")
    into = bytearray(4)
    assert await rapfiles.stdin_bytes.readinto(into) == 4
    assert into == b"0123"
    assert await rapfiles.stdin_bytes.peek() == b"456789\n"
    assert await rapfiles.stdin_bytes.read1(2) == b"45"
    assert await rapfiles.stdin_bytes.readinto1(into) == 4
    assert into == b"6789"
    into = bytearray(3)
    assert await rapfiles.stdin_bytes.readinto(into) == 3
    assert into == b"\nab"
    await abandoned(rapfiles.stdin_bytes.readinto(bytearray(8)))
    waiting.write(b"ghijklm")
    assert await rapfiles.stdin_bytes.read1() == b"cdefghij"
    assert await rapfiles.stdin_bytes.read(3) == b"klm"


async def test_many_timeouts_lose_no_line(waiting: Waiting) -> None:
    read: list[str] = []

    async def reader() -> None:
        while len(read) < 100:
            try:
                read.append(await asyncio.wait_for(rapfiles.stdin.readline(), 0.001))
            except asyncio.TimeoutError:
                continue

    task = asyncio.ensure_future(reader())
    for number in range(100):
        waiting.write(b"%d" % number)
        await asyncio.sleep(0)
        waiting.write(b"\n")
        await asyncio.sleep(0.0005)
    await asyncio.wait_for(task, 60)
    assert read == [f"{number}\n" for number in range(100)]


# The end of the process.

READS: dict[str, str] = {
    "text": "await rapfiles.stdin.readline()",
    "bytes": "await rapfiles.stdin_bytes.read(1)",
    "everything": "await rapfiles.stdin.read()",
    "iteration": "[line async for line in rapfiles.stdin]",
}
PROGRAM = """
import asyncio, sys, rapfiles

async def main():
    task = asyncio.ensure_future(read())
    while not started:
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    {end}

async def read():
    started.append(True)
    {read}

started = []
asyncio.run(main())
print("end", flush=True)
"""
ENDS = {
    "return": ("pass", 0),
    "exit": ("sys.exit(3)", 3),
    "signal": ("import os, signal; os.kill(os.getpid(), signal.SIGINT)", -signal.SIGINT),
}


def ended(
    program: str,
    feed: Callable[[subprocess.Popen[bytes]], None] | None = None,
    stdin: int = subprocess.PIPE,
) -> Any:
    """Runs a program whose stdin stays open until it is over: (exit code, stdout, stderr)."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    try:
        if feed is not None:
            feed(process)
        # Not communicate(): that would close its stdin.
        out, err = process.stdout.read(), process.stderr.read()
        code = process.wait(timeout=60)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
    return code, out, err


@pytest.mark.skipif(sys.platform == "win32", reason="signals end processes otherwise")
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("read", READS)
def test_a_process_ends_while_stdin_is_being_read(read: str, end: str) -> None:
    """Twenty times, for what goes wrong at exit goes wrong now and then."""
    text, code = ENDS[end]
    program = PROGRAM.format(read=READS[read], end=text)
    for _ in range(20 // len(READS)):
        found, out, err = ended(program)
        if end == "signal":
            assert found == code
            assert err.rstrip().endswith(b"KeyboardInterrupt")
        else:
            assert (found, err) == (code, b"")
            assert out == (b"end\n" if end == "return" else b"")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no terminals here")
@pytest.mark.parametrize("read", READS)
def test_a_process_ends_while_a_terminal_is_being_read(read: str) -> None:
    ours, theirs = os.openpty()
    try:
        program = PROGRAM.format(read=READS[read], end="pass")
        assert ended(program, stdin=theirs) == (0, b"end\n", b"")
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_process_ends_while_stdin_is_being_written() -> None:
    """The thread may wake up at any moment of the interpreter's end."""
    program = PROGRAM.format(read=READS["everything"], end="pass")

    def feed(process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        while process.poll() is None:
            try:
                process.stdin.write(b"a line\n" * 100)
                process.stdin.flush()
            except BrokenPipeError:
                return

    for _ in range(20):
        assert ended(program, feed) == (0, b"end\n", b"")


def test_the_control_aiofiles_own_way_hangs() -> None:
    """An executor waits for its threads: what the tests above would see if they had to."""
    program = PROGRAM.format(read="await rapfiles.base.delegate(handle, 'readline')", end="pass")
    program = program.replace(
        "started = []", "started = []; handle = rapfiles.threadpool.wrap(sys.stdin)"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=3)
    finally:
        process.communicate(b"\n", timeout=60)
    assert process.returncode == 0


async def test_an_executor_can_be_had_all_the_same() -> None:
    with stdin_from(b"line\n") as replaced, ThreadPoolExecutor(1) as pool:
        wrapped = rapfiles.threadpool.wrap(replaced, loop=None, executor=pool)
        assert await wrapped.readline() == "line\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_reads_its_stdin(python: Any) -> None:
    program = (
        "import asyncio, os, sys, rapfiles\n"
        "def pipe(data):\n"
        "    ours, theirs = os.pipe(); os.write(theirs, data); os.close(theirs)\n"
        "    sys.stdin = open(ours)\n"
        "async def read(): return await rapfiles.stdin.readline()\n"
        "pipe(b'parent\\n')\n"
        "print(asyncio.run(read()).strip(), flush=True)\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    sys.stdin.close(); pipe(b'child\\n')\n"
        "    print(asyncio.run(read()).strip(), flush=True)\n"
        "    os._exit(0)\n"
        "code = os.waitpid(pid, 0)[1]\n"
        "sys.stdin.close()\n"
        "sys.exit(code)\n"
    )
    done = python(program)
    assert (done.returncode, done.stdout, done.stderr) == (0, "parent\nchild\n", "")
