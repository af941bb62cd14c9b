"""A multiprocessing pool of forked workers after use: `fork_pool.py <loop> <directory>`."""

import multiprocessing
import os
import sys
import warnings
from pathlib import Path

import rapfiles
from faults.tools.child import report, runner

KIND, TOP = sys.argv[1], Path(sys.argv[2])


async def work(number: int) -> bool:
    path = TOP / f"{os.getpid()}-{number}"
    await rapfiles.write_file_bytes(path, bytes(300_000))
    async with rapfiles.open(path, "rb") as file:
        data: bytes = await file.read()
    return data == await rapfiles.read_file_bytes(path)


def in_worker(number: int) -> bool:
    return runner(KIND)(work(number))


# Newer interpreters warn of any fork beside threads: that one is what is tried here.
warnings.simplefilter("ignore", DeprecationWarning)
assert in_worker(-1)
with multiprocessing.get_context("fork").Pool(4) as pool:
    results = pool.map(in_worker, range(50), chunksize=1)
    pool.close()
    pool.join()
assert in_worker(-2)
report(worked=sum(results))
