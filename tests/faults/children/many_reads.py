"""Very many reads at once: `many_reads.py <loop> <what> <directory> <reads> <descriptors>`."""

import asyncio
import os
import resource
import sys
from pathlib import Path

import rapfiles
from faults.tools.child import report, runner
from faults.tools.counters import Peak, fd_count, thread_count

DATA = b"0123456789" * 100


async def whole(path: Path) -> bytes:
    return await rapfiles.read_file_bytes(path)


async def handles(path: Path) -> bytes:
    async with rapfiles.open(path, "rb") as file:
        data: bytes = await file.read()
    return data


async def main(what: str, top: Path, reads: int, descriptors: int) -> None:
    paths = [top / str(number) for number in range(200)]
    for path in paths:
        path.write_bytes(DATA)
    before = fd_count()
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
    read = {"whole": whole, "handles": handles}[what]
    async with Peak(thread_count) as threads, Peak(fd_count) as fds:
        tasks = (read(paths[number % len(paths)]) for number in range(reads))
        results = await asyncio.gather(*tasks, return_exceptions=True)
    wrong = [result for result in results if result != DATA]
    if wrong:
        print(f"{len(wrong)} wrong, the first: {wrong[0]!r}", file=sys.stderr)
    assert fd_count() <= before + 3, os.listdir("/proc/self/fd")
    report(errors=len(wrong), threads=threads.peak, descriptors=fds.peak)


runner(sys.argv[1])(main(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])))
