"""Waits for locks that others hold: `lock_waits.py <loop> <directory> <how many> <how>`.

`one file`, `many files`: how long a plain read takes meanwhile. `hold`: has the lock, says so.
"""

import asyncio
import fcntl
import os
import sys
import time
from pathlib import Path

import rapfiles
from faults.tools.child import report, runner


async def answer(path: Path) -> float:
    """The best of a few reads in each way: a machine may be busy once."""
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        assert await rapfiles.read_file_bytes(path) == b"plain"
        async with rapfiles.open(path, "rb") as file:
            assert await file.read() == b"plain"
        best = min(best, time.perf_counter() - started)
    return best


async def acquire(path: Path) -> rapfiles.FileLock:
    return await rapfiles.lock_file(path)


async def main(top: Path, count: int, how: str) -> None:
    if how == "hold":
        lock = await rapfiles.lock_file(top / "lock")
        print("locked", flush=True)
        await asyncio.sleep(60)
        await lock.release()
    plain = top / "plain"
    plain.write_bytes(b"plain")
    many = how == "many files"
    paths = [top / f"lock{number if many else 0}" for number in range(count)]
    # Not by a lock of rapfiles, so that it looks as if another process had them.
    files = [path.open("w") for path in sorted(set(paths))]
    for file in files:
        fcntl.flock(file, fcntl.LOCK_EX)
    waits = [asyncio.ensure_future(acquire(path)) for path in paths]
    done, _ = await asyncio.wait(waits, timeout=0.5)
    assert not done
    threads = len(os.listdir("/proc/self/task"))
    seconds = await asyncio.wait_for(answer(plain), 20)
    used = time.process_time()
    await asyncio.sleep(0.5)
    used = (time.process_time() - used) / 0.5
    for file in files:
        file.close()
    for wait in waits:
        lock = await asyncio.wait_for(wait, 20)
        await lock.release()
    report(answer=seconds, threads=threads, used=used)


runner(sys.argv[1])(main(Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
