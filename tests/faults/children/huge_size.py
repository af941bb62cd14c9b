"""Asks a small file for a huge size: `huge_size.py <loop> <path> <size>`: as a blocking file."""

import resource
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import rapfiles
from faults.tools.child import report, runner
from faults.tools.counters import memory_kib
from faults.tools.limits import soft_limit

CONTENT: dict[str, Any] = {"rb": b"small", "r+b": b"small", "r": "small"}

Call = Callable[[Any], Any]


def outcome(call: Call, file: Any) -> Any:
    try:
        return call(file)
    except (MemoryError, OverflowError, ValueError, OSError) as error:
        return type(error)


async def awaited(call: Callable[[Any], Awaitable[Any]], file: Any) -> Any:
    try:
        return await call(file)
    except (MemoryError, OverflowError, ValueError, OSError) as error:
        return type(error)


async def main(path: str, size: int) -> None:
    calls: dict[str, Call] = {
        "read": lambda file: file.read(size),
        "readline": lambda file: file.readline(size),
        "seek": lambda file: file.seek(size),
    }
    with soft_limit(resource.RLIMIT_AS, (memory_kib("VmSize") << 10) + (4 << 30)):
        for mode, buffering in (("rb", -1), ("r+b", -1), ("rb", 0), ("r", -1)):
            for name, call in calls.items():
                if name == "seek" and mode == "r":
                    continue  # a text position is a cookie
                with open(path, mode, buffering) as blocking:
                    expected = outcome(call, blocking)
                async with rapfiles.open(path, mode, buffering) as file:
                    found = await awaited(call, file)
                # Giving what there is, where the blocking file gives up, is fine.
                tries = size < 1 << 63 and expected in (MemoryError, OverflowError)
                fine = [expected, CONTENT[mode]] if tries else [expected]
                assert found in fine, (mode, buffering, name, found, expected)
    report(size=float(size))


runner(sys.argv[1])(main(sys.argv[2], int(sys.argv[3])))
