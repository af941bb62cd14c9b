"""Opens FIFOs that nobody writes to: `fifo_opens.py <loop> <directory> <how many> [how]`.

Alone: how long a plain read takes meanwhile. `cancelled`: the same after all opens were cancelled.
`for ever`: says `waiting` and waits; SIGINT ends it with code 130.
"""

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rapfiles
from faults.tools.child import report, runner


async def answer(path: Path) -> float:
    """The best of a few reads of one file in each way: a machine may be busy once."""
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        assert await rapfiles.read_file_bytes(path) == b"plain"
        async with rapfiles.open(path, "rb") as file:
            assert await file.read() == b"plain"
        best = min(best, time.perf_counter() - started)
    return best


async def main(top: Path, count: int, how: str) -> None:
    plain = top / "plain"
    plain.write_bytes(b"plain")
    fifos = [top / f"fifo{number}" for number in range(count)]
    for fifo in fifos:
        os.mkfifo(fifo)
    opens = [asyncio.ensure_future(rapfiles.open(fifo, "rb")) for fifo in fifos]
    done, _ = await asyncio.wait(opens, timeout=0.1)
    assert not done
    if how == "for ever":
        print("waiting", flush=True)
        await asyncio.wait(opens)
    if how == "cancelled":
        for task in opens:
            task.cancel()
        await asyncio.wait(opens)
    seconds = await asyncio.wait_for(answer(plain), 20)
    if how == "alone":
        await finish(fifos, opens)
    report(answer=seconds)


async def finish(fifos: list[Path], opens: "Sequence[asyncio.Future[Any]]") -> None:
    """A writer for each, a hundred at a time: every open ends."""
    for start in range(0, len(fifos), 100):
        writers = [os.open(fifo, os.O_RDWR | os.O_NONBLOCK) for fifo in fifos[start : start + 100]]
        for file in await asyncio.wait_for(asyncio.gather(*opens[start : start + 100]), 20):
            await file.close()
        for writer in writers:
            os.close(writer)


try:
    how = sys.argv[4] if len(sys.argv) > 4 else "alone"
    runner(sys.argv[1])(main(Path(sys.argv[2]), int(sys.argv[3]), how))
except KeyboardInterrupt:
    sys.exit(130)
