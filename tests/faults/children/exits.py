"""Ends in the middle of work: `exits.py <how> <loop> <directory> <number>`.

2,000 operations are in flight. `number` varies how far they have come.
"""

import asyncio
import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rapfiles
from faults.tools.child import new_loop, runner

HOW, KIND, TOP, NUMBER = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
OPERATIONS = 2_000
BIG = TOP / "big"
KEPT: list[Any] = []


async def one(number: int) -> None:
    kind = number % 4
    if kind == 0:
        await rapfiles.read_file_bytes(BIG)
    elif kind == 1:
        await rapfiles.write_file_bytes(TOP / str(number % 100), b"x" * 5000)
    elif kind == 2:
        async with rapfiles.open(BIG, "rb") as file:
            await file.read(200_000)
    else:
        async with rapfiles.open(TOP / f"w{number % 100}", "w") as file:
            await file.write("text")


async def in_flight() -> None:
    """Start them all, let them come some way."""
    KEPT.extend(asyncio.ensure_future(one(number)) for number in range(OPERATIONS))
    for _ in range(1 + NUMBER % 7):
        await asyncio.sleep(0)


async def and_then(action: Callable[[], object]) -> None:
    await in_flight()
    action()


def quiet_loop() -> asyncio.AbstractEventLoop:
    """A loop that doesn't tell of the pending tasks this script leaves on purpose."""
    loop = new_loop(KIND)
    loop.set_exception_handler(lambda *_: None)
    return loop


def loop_closed_early() -> None:
    loop = quiet_loop()
    loop.run_until_complete(in_flight())
    loop.close()


def loop_never_closed() -> None:
    loop = quiet_loop()
    KEPT.append(loop)
    loop.run_until_complete(in_flight())


def daemon_thread() -> None:
    """The loop is at work in a daemon thread while the interpreter ends."""
    started = threading.Event()

    async def for_ever() -> None:
        while True:
            await asyncio.gather(*(one(number) for number in range(100)))
            started.set()

    def thread() -> None:
        quiet_loop().run_until_complete(for_ever())

    threading.Thread(target=thread, daemon=True).start()
    assert started.wait(30)
    time.sleep(NUMBER % 5 * 0.001)


async def sys_exit_in_a_task() -> None:
    await in_flight()

    async def task() -> None:
        sys.exit(7)

    KEPT.append(asyncio.ensure_future(task()))
    # Looked at, or asyncio would say on stderr that nobody did.
    KEPT[-1].add_done_callback(lambda done: done.exception())
    await asyncio.sleep(30)


async def handles_left_open() -> None:
    for _ in range(50):
        KEPT.append(await rapfiles.open(BIG, "rb"))
        KEPT.append(await rapfiles.open(TOP / "left", "a"))
        await KEPT[-1].write("x")
    await in_flight()


async def stdin_is_read() -> None:
    reading = asyncio.ensure_future(rapfiles.stdin.readline())
    await asyncio.wait([reading], timeout=0.02)
    assert not reading.done()


def at_exit() -> None:
    """rapfiles is still at work in a handler that the interpreter calls when it ends."""

    async def last() -> None:
        await rapfiles.write_file(TOP / "last", "words")
        assert await rapfiles.read_file(TOP / "last") == "words"

    atexit.register(lambda: runner(KIND)(last()))
    runner(KIND)(in_flight())


def fail() -> None:
    raise LookupError("expected")


def main() -> None:
    run = runner(KIND)
    if HOW == "run ends":
        run(in_flight())
    elif HOW == "loop closed early":
        loop_closed_early()
    elif HOW == "loop never closed":
        loop_never_closed()
    elif HOW == "daemon thread":
        daemon_thread()
    elif HOW == "SIGTERM":
        run(and_then(lambda: os.kill(os.getpid(), signal.SIGTERM)))
    elif HOW == "sys.exit":
        run(and_then(lambda: sys.exit(7)))
    elif HOW == "sys.exit in a task":
        run(sys_exit_in_a_task())
    elif HOW == "exception":
        try:
            run(and_then(fail))
        except LookupError:
            sys.exit(9)
    elif HOW == "handles left open":
        run(handles_left_open())
    elif HOW == "stdin is read":
        run(stdin_is_read())
    elif HOW == "at exit":
        at_exit()
    else:
        sys.exit(f"unknown: {HOW}")


if HOW == "stdin is read":
    # A pipe that nobody writes to, whose writing end stays open.
    reader, KEEP_OPEN = os.pipe()
    os.dup2(reader, 0)
BIG.write_bytes(bytes(150_000))
main()
