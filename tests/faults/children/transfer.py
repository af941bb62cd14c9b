"""Moves the same bytes in many ways: `transfer.py <loop> <directory> <bytes> [storm]`.

Every way must end in equal hashes. `storm`: with a signal every millisecond.
"""

import hashlib
import random
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import rapfiles
from faults.tools.child import report, runner

Reader = Callable[[Path], Awaitable[bytes]]
Writer = Callable[[Path, bytes], Awaitable[object]]


def content(size: int) -> bytes:
    """ASCII lines of very different lengths, so that text and bytes are the same."""
    rng = random.Random(size)
    out = bytearray()
    while len(out) < size:
        out += bytes(rng.choices(b"abcdefghij", k=rng.choice((0, 3, 80, 3000)))) + b"\n"
    return bytes(out[:size])


async def whole_bytes(path: Path) -> bytes:
    return await rapfiles.read_file_bytes(path)


async def whole_text(path: Path) -> bytes:
    return (await rapfiles.read_file(path)).encode()


def all_at_once(mode: str, buffering: int = -1) -> Reader:
    async def read(path: Path) -> bytes:
        async with rapfiles.open(path, mode, buffering=buffering) as file:
            data = await file.read()
            assert not await file.read()
            return data.encode() if isinstance(data, str) else bytes(data)

    return read


def by_chunks(mode: str, size: int) -> Reader:
    async def read(path: Path) -> bytes:
        parts = []
        async with rapfiles.open(path, mode) as file:
            while part := await file.read(size):
                parts.append(part.encode() if isinstance(part, str) else part)
        # A buffered read is short at the end of the file only.
        assert all(len(part) == size for part in parts[:-1])
        return b"".join(parts)

    return read


async def unbuffered(path: Path) -> bytes:
    parts = []
    async with rapfiles.open(path, "rb", buffering=0) as file:
        while part := await file.read(4096):
            parts.append(part)
    return b"".join(parts)


async def into(path: Path) -> bytes:
    out, buffer = b"", bytearray(3000)
    async with rapfiles.open(path, "rb") as file:
        while count := await file.readinto(buffer):
            out += buffer[:count]
    return out


def by_lines(mode: str) -> Reader:
    async def read(path: Path) -> bytes:
        async with rapfiles.open(path, mode) as file:
            lines = [line async for line in file]
        raw = [line.encode() if isinstance(line, str) else line for line in lines]
        assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in raw[:-1])
        return b"".join(raw)

    return read


def writing(mode: str, size: int, buffering: int = -1) -> Writer:
    async def write(path: Path, data: bytes) -> None:
        async with rapfiles.open(path, mode, buffering=buffering) as file:
            at = 0
            while at < len(data):
                part: Any = data[at : at + size]
                at += await file.write(part if "b" in mode else part.decode())

    return write


READERS: list[Reader] = [
    whole_bytes,
    whole_text,
    all_at_once("rb"),
    all_at_once("r"),
    all_at_once("rb", buffering=0),
    all_at_once("r+b"),
    by_chunks("rb", 1000),
    by_chunks("rb", 70_000),
    by_chunks("r", 1000),
    unbuffered,
    into,
    by_lines("rb"),
    by_lines("r"),
]
WRITERS: list[Writer] = [
    lambda path, data: rapfiles.write_file_bytes(path, data),
    lambda path, data: rapfiles.write_file(path, data.decode()),
    writing("wb", 77),
    writing("wb", 100_000),
    writing("wb", 1000, buffering=0),
    writing("w", 77),
    writing("w", 100_000),
    writing("w+b", 5000),
    writing("r+b", 5000),
    writing("xb", 5000),
]


async def main(top: Path, size: int) -> int:
    data = content(size)
    expected = hashlib.sha256(data).digest()
    source, target = top / "source", top / "target"
    await rapfiles.write_file_bytes(source, data)
    for number, reader in enumerate(READERS):
        found = hashlib.sha256(await reader(source)).digest()
        assert found == expected, f"reader {number} ({reader.__qualname__})"
    for number, writer in enumerate(WRITERS):
        if number == len(WRITERS) - 1:
            target.unlink()  # the last makes the file anew
        await writer(target, data)
        with target.open("rb") as file:
            found = hashlib.sha256(file.read()).digest()
        assert found == expected, f"writer {number}"
    target.unlink()
    return len(READERS) + len(WRITERS)


SIGNALS = [0]


def count(*_: object) -> None:
    SIGNALS[0] += 1


if "storm" in sys.argv:
    signal.signal(signal.SIGALRM, count)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
transfers = runner(sys.argv[1])(main(Path(sys.argv[2]), int(sys.argv[3])))
signal.setitimer(signal.ITIMER_REAL, 0)
report(transfers=transfers, signals=SIGNALS[0])
