"""One loop after the other: `loops_in_turn.py <loop> <directory> <how many>`; no trace is left."""

import gc
import sys
from pathlib import Path

import rapfiles
from faults.tools.child import new_loop, report
from faults.tools.counters import fd_count, thread_count


async def use(path: Path, number: int) -> None:
    await rapfiles.write_file(path, str(number))
    async with rapfiles.open(path) as file:
        assert await file.read() == str(number)


def one_loop(kind: str, path: Path, number: int) -> None:
    loop = new_loop(kind)
    loop.run_until_complete(use(path, number))
    loop.close()


def run(kind: str, path: Path, count: int) -> None:
    one_loop(kind, path, 0)
    gc.collect()
    before = fd_count()
    for number in range(count):
        one_loop(kind, path, number)
    gc.collect()
    report(descriptors=fd_count() - before, threads=thread_count())


run(sys.argv[1], Path(sys.argv[2]) / "file", int(sys.argv[3]))
