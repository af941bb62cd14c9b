"""Forks in the middle of work: `forks.py <loop> <directory> <how many>`; every child must work.

A second thread keeps the workers busy, so that whatever they can hold is held at some fork.
"""

import asyncio
import os
import signal
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any, NoReturn

import rapfiles
from faults.tools.child import report, runner

KIND, TOP, COUNT = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
BIG = TOP / "big"
SIZE = 300_000


async def busy(stop: threading.Event) -> None:
    while not stop.is_set():
        await asyncio.gather(*(rapfiles.read_file_bytes(BIG) for _ in range(20)))
        await rapfiles.write_file_bytes(TOP / "busy", b"x" * 1000)


async def in_child(number: int, inherited: Any) -> None:
    """Everything works in the child, and so does a handle that the parent had opened."""
    path = TOP / f"child{number}"
    await rapfiles.write_file_bytes(path, bytes(SIZE))
    assert len(await rapfiles.read_file_bytes(BIG)) == SIZE
    async with rapfiles.open(path, "rb") as file:
        assert len(await file.read()) == SIZE
    await inherited.seek(0)
    assert len(await inherited.read()) == SIZE


def child(number: int, inherited: Any) -> NoReturn:
    """Never returns. Half of the children end without, half with an interpreter's whole end."""
    try:
        runner(KIND)(in_child(number, inherited))
    except BaseException as error:
        os.write(2, f"child {number}: {error!r}\n".encode())
        os._exit(1)
    if number % 2:
        os._exit(0)
    sys.exit(0)


def wait(pid: int) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return "worked" if status == 0 else "failed"
        time.sleep(0.001)
    os.kill(pid, signal.SIGABRT)  # shows where it hangs
    os.waitpid(pid, 0)
    return "hung"


async def opened() -> Any:
    return await rapfiles.open(BIG, "rb")


async def closed(file: Any) -> None:
    await file.close()


def main() -> None:
    # Newer interpreters warn of any fork beside threads: that one is what is tried here.
    warnings.simplefilter("ignore", DeprecationWarning)
    BIG.write_bytes(bytes(SIZE))
    inherited = runner(KIND)(opened())
    stop = threading.Event()
    other = threading.Thread(target=lambda: runner(KIND)(busy(stop)))
    other.start()
    counts = {"worked": 0, "failed": 0, "hung": 0}
    for number in range(COUNT):
        pid = os.fork()
        if pid == 0:
            child(number, inherited)
        counts[wait(pid)] += 1
    stop.set()
    other.join()
    runner(KIND)(closed(inherited))
    report(**counts)


main()
