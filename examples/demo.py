"""A small log service, written three times: with rapfiles, with aiofiles, and with blocking code.

It makes a tree of log files, then measures the same jobs with each library, checks that the results
are equal and prints a table::

    python examples/demo.py [--files 3000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import aiofiles
import aiofiles.os

import rapfiles

LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"]


class Library(Protocol):
    """What the jobs need of a library."""

    async def read(self, path: str) -> str: ...
    async def write(self, path: str, text: str) -> None: ...
    async def size(self, path: str) -> int: ...
    async def count_lines(self, path: str) -> int: ...


class Rapfiles:
    """The whole-file functions, and a handle for lines."""

    async def read(self, path: str) -> str:
        return await rapfiles.read_file(path)

    async def write(self, path: str, text: str) -> None:
        await rapfiles.write_file(path, text)

    async def size(self, path: str) -> int:
        return (await rapfiles.os.stat(path)).st_size

    async def count_lines(self, path: str) -> int:
        async with rapfiles.open(path, encoding="utf-8") as f:
            return len([None async for _ in f])


class Aiofiles:
    """The same with aiofiles."""

    async def read(self, path: str) -> str:
        async with aiofiles.open(path, encoding="utf-8") as f:
            text: str = await f.read()
        return text

    async def write(self, path: str, text: str) -> None:
        async with aiofiles.open(path, "w", encoding="utf-8") as f:
            await f.write(text)

    async def size(self, path: str) -> int:
        size: int = (await aiofiles.os.stat(path)).st_size
        return size

    async def count_lines(self, path: str) -> int:
        async with aiofiles.open(path, encoding="utf-8") as f:
            return len([None async for _ in f])


class Blocking:
    """The same on the loop's own thread: nothing else runs meanwhile."""

    async def read(self, path: str) -> str:
        with open(path, encoding="utf-8") as f:
            return f.read()

    async def write(self, path: str, text: str) -> None:
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)

    async def size(self, path: str) -> int:
        return os.stat(path).st_size

    async def count_lines(self, path: str) -> int:
        with open(path, encoding="utf-8") as f:
            return len([None for _ in f])


def make_logs(root: Path, files: int) -> list[str]:
    """A tree of small log files, one directory per day, and a big one; the same on every run."""
    chance = random.Random(1)
    paths = []
    for number in range(files):
        day = root / f"day-{number % 30:02}"
        day.mkdir(exist_ok=True)
        lines = [
            f"{chance.choice(LEVELS)} request {chance.randrange(10**9)}: grüße\n" for _ in range(60)
        ]
        path = day / f"service-{number:05}.log"
        path.write_text("".join(lines), encoding="utf-8")
        paths.append(str(path))
    return paths


def levels(text: str) -> Counter[str]:
    """How often each level occurs in a log."""
    return Counter(line.partition(" ")[0] for line in text.splitlines())


async def in_parallel(paths: list[str], one: Callable[[str], Awaitable[Any]]) -> list[Any]:
    """``one`` on every path from 100 tasks; the results in order."""
    results: list[Any] = [None] * len(paths)
    todo = iter(enumerate(paths))

    async def work() -> None:
        for index, path in todo:
            results[index] = await one(path)

    await asyncio.gather(*(work() for _ in range(100)))
    return results


async def read_all(library: Library, paths: list[str]) -> Any:
    """Read every log, one after the other, and count its levels."""
    total: Counter[str] = Counter()
    for path in paths:
        total += levels(await library.read(path))
    return total


async def stat_all(library: Library, paths: list[str]) -> Any:
    """The size of every log, from 100 tasks."""
    return sum(await in_parallel(paths, library.size))


async def lines_all(library: Library, paths: list[str]) -> Any:
    """Count the lines of one log in fifty, line by line."""
    return [await library.count_lines(path) for path in paths[::50]]


async def summaries(library: Library, paths: list[str]) -> Any:
    """Write a summary beside one log in ten, and read them back."""

    async def summarise(path: str) -> str:
        await library.write(
            path + ".summary", str(sorted(levels(await library.read(path)).items()))
        )
        return await library.read(path + ".summary")

    return await in_parallel(paths[::10], summarise)


async def serve(library: Library, paths: list[str]) -> Any:
    """Answer one request per log, for its levels, over TCP to 20 clients."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while path := (await reader.readline()).decode().rstrip("\n"):
            writer.write(f"{levels(await library.read(path))['ERROR']}\n".encode())
        writer.close()

    async def client(wanted: list[str]) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        errors = 0
        for path in wanted:
            writer.write(f"{path}\n".encode())
            errors += int(await reader.readline())
        writer.close()
        await writer.wait_closed()
        return errors

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        return sum(await asyncio.gather(*(client(paths[n::20]) for n in range(20))))


JOBS = [read_all, stat_all, lines_all, summaries, serve]
LIBRARIES: dict[str, Library] = {
    "rapfiles": Rapfiles(),
    "aiofiles": Aiofiles(),
    "blocking": Blocking(),
}


async def measure(
    job: Callable[[Library, list[str]], Awaitable[Any]], paths: list[str], rounds: int
) -> None:
    """Run a job with each library in turn, compare the results, print its row."""
    best = dict.fromkeys(LIBRARIES, float("inf"))
    results = {}
    for _ in range(rounds):
        for name, library in LIBRARIES.items():
            start = time.perf_counter()
            results[name] = await job(library, paths)
            best[name] = min(best[name], time.perf_counter() - start)
    if any(result != results["blocking"] for result in results.values()):
        raise SystemExit(f"{job.__name__}: the results differ")
    times = "".join(f"{seconds * 1000:>11.1f} ms" for seconds in best.values())
    print(
        f"{job.__name__:<10}{times}{best['aiofiles'] / best['rapfiles']:>11.1f} ×   equal results",
        flush=True,
    )


async def main() -> None:
    """Make the logs and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rapfiles-demo-") as directory:
        paths = make_logs(Path(directory), options.files)
        size = sum(map(os.path.getsize, paths))
        print(
            f"{len(paths)} log files, {size / 1e6:.1f} MB, in {directory}; "
            f"best of {options.rounds} rounds\n"
        )
        print(f"{'job':<10}" + "".join(f"{name:>14}" for name in LIBRARIES) + "   vs aiofiles")
        for job in JOBS:
            await measure(job, paths, options.rounds)
    print("\nrapfiles and aiofiles leave the loop free; blocking code stops it during each call.")


if __name__ == "__main__":
    asyncio.run(main())
