"""A loop in each of some threads: `many_loops.py <loop> <directory> <threads> <operations>`.

Every task sets a context variable of its own and must find it after each operation.
"""

import asyncio
import contextvars
import sys
import threading
from pathlib import Path

import rapfiles
import rapfiles.os
from faults.tools.child import new_loop, report

TASKS = 10
WHO: contextvars.ContextVar[str] = contextvars.ContextVar("WHO")


async def task(top: Path, who: str, operations: int) -> int:
    WHO.set(who)
    path, done = top / who, 0
    data = who.encode() * 50

    def check(right: bool) -> None:
        nonlocal done
        assert right
        assert WHO.get() == who
        done += 1

    while done < operations:
        await rapfiles.write_file_bytes(path, data)
        check(True)
        for _ in range(3):
            check(await rapfiles.read_file_bytes(path) == data)
        file = await rapfiles.open(path, "rb")
        check(await file.read(10) == data[:10])
        check(await file.read() == data[10:])
        await file.close()
        check(file.closed)
        for _ in range(3):
            check((await rapfiles.os.stat(path)).st_size == len(data))
    return done


def thread(kind: str, top: Path, name: int, operations: int, totals: list[int]) -> None:
    async def main() -> int:
        tasks = (task(top, f"{name}-{n}", operations // TASKS) for n in range(TASKS))
        return sum(await asyncio.gather(*tasks))

    loop = new_loop(kind)
    try:
        totals.append(loop.run_until_complete(main()))
    finally:
        loop.close()


def run(kind: str, top: Path, threads: int, operations: int) -> None:
    totals: list[int] = []
    workers = [
        threading.Thread(target=thread, args=(kind, top, name, operations, totals))
        for name in range(threads)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    report(operations=sum(totals))


run(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
